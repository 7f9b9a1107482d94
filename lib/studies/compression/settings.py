"""What notebook 04 makes of its base run, from ``params/settings/compression.yaml``."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.plan.part import Count, Fraction, Part, Positive, describe

FILE = REPO / "params" / "settings" / "compression.yaml"
PROFILES = ("gpu", "p100", "cpu", "smoke")


class Training(Part):
    """A short training: AdamW under a cosine that falls to zero, without MixUp, CutMix and offline copies."""

    epochs: Count
    lr: Positive


class Student(Part):
    """A smaller network that learns from the base run's; ``backbone`` and ``weights`` as in a run's ``model``."""

    backbone: str
    weights: Literal["imagenet", "local", "none"]


class Making(Part):
    """Everything that decides the variants.

    sparsity: share of weights set to zero, the paper's 0.3; thinned: share of hidden units that structured pruning
    takes; temperature, soft_share: of distillation (Hinton et al. 2015); calibration: training images for int8;
    compiled: whether torch.compile is tried.
    """

    sparsity: Fraction
    thinned: Fraction
    fine_tuning: Training
    student: Student
    distillation: Training
    temperature: Positive
    soft_share: Fraction
    calibration: Count
    compiled: bool


class Timing(Part):
    """``batches``: images a call -> timed calls a round."""

    rounds: Count
    batches: dict[Annotated[int, Field(ge=1)], Count]


class Settings(Part):
    making: Making
    timing: Timing


def load_settings(profile: str, file: Path = FILE) -> Settings:
    """Settings of a profile: the file's ``common`` part with the profile's own over it.

    Raises:
        StudyError: the profile has no part, or a value is missing or wrong (it is named).
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if profile not in content:
        raise StudyError(f"{file.name} has no settings for profile {profile!r}: add a part of that name.")
    parts = {name: content["common"].get(name, {}) | content[profile].get(name, {}) for name in Settings.model_fields}
    try:
        return Settings.model_validate(parts)
    except ValidationError as error:
        raise StudyError(f"{file.name}, {profile}: {describe(error)}.") from None
