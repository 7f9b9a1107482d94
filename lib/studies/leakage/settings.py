"""What notebook 10 measures in a profile: ``params/settings/leakage.yaml``."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from lib.data.cache import open_cache
from lib.models.features import frozen_features
from lib.plan.part import Count, Fraction, Part
from lib.plan.spec import Model
from lib.studies import read_settings


class Features(Part):
    """``pixels``: the image itself at ``px`` pixels; ``frozen``: pooled features of a pretrained backbone."""

    kind: Literal["pixels", "frozen"]
    px: Count
    backbone: str = ""
    weights: Literal["imagenet", "local"] = "local"
    precision: Literal["32", "bf16", "16"] = "bf16"

    @model_validator(mode="after")
    def _complete(self) -> "Features":
        if (self.kind == "frozen") != bool(self.backbone):
            raise ValueError("frozen features need a backbone, pixels have none")
        return self

    @property
    def name(self) -> str:
        return f"pixels-{self.px}px" if self.kind == "pixels" else f"{self.backbone.split('.')[0]}-{self.px}px"

    @property
    def key(self) -> dict:
        """What decides the numbers, as plain values for a measurement's key."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def load(self, index: pd.DataFrame, weights_dir: Path) -> np.ndarray:
        """float32 [N, D] of the images of ``index``, in its order."""
        cache = open_cache(index, self.px, index.attrs.get("resize", "squash"))
        if self.kind == "pixels":
            return np.asarray(cache.images, np.float32).reshape(len(cache.images), -1)
        model = Model(backbone=self.backbone, weights=self.weights)
        return frozen_features(cache, model, self.precision, weights_dir)[0].astype(np.float32)


class Divided(Part):
    """A data set with two splits: the papers' (by image or slice), and the one by lesion or subject."""

    dataset: str
    splits: Annotated[tuple[str, str], Field(strict=False)]
    fractions: Annotated[tuple[Fraction, Fraction, Fraction], Field(strict=False)]


class Settings(Part):
    """``split_seeds``, ``probe_seeds``: how many, from 0; the first of ``data`` also serves sites and strata."""

    data: Annotated[tuple[Divided, ...], Field(strict=False, min_length=1)]
    split_seeds: Annotated[int, Field(ge=2)]
    probe_seeds: Count
    features: Annotated[tuple[Features, ...], Field(strict=False, min_length=1)]
    probes: Annotated[tuple[str, ...], Field(strict=False)]
    provenance: bool

    @property
    def dataset(self) -> str:
        return self.data[0].dataset


def load_settings(profile: str, file: Path | None = None) -> Settings:
    """The profile's settings; StudyError as :func:`lib.studies.read_settings`."""
    return read_settings(Settings, "leakage", profile, file)
