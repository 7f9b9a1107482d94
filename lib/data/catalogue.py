"""The catalogue of the data sets: what each is as published, and how its index is loaded."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

from lib.core.errors import StudyError, lookup
from lib.core.paths import REPO
from lib.core.paths import data_root as default_root


@dataclass(frozen=True)
class Source:
    """A data set as ``params/settings/data_sets.yaml`` describes it; ``classes`` in label order, ``counts`` of all
    diagnoses, ``origins``: name -> where its files are (:mod:`lib.data.files.remote`)."""

    name: str
    title: str
    counts: dict[str, int]
    licence: str
    citation: str
    classes: tuple[str, ...]
    folders: list[str] = field(default_factory=list)
    origins: dict[str, object] = field(default_factory=dict)


def _sources(catalogue: dict) -> dict[str, Source]:
    found = {}
    for name, entry in catalogue["sets"].items():
        cited = [catalogue["citations"].get(work, work) for work in entry.pop("cite")]
        classes = tuple(entry.pop("classes", entry["counts"]))
        found[name] = Source(name, citation="; ".join(cited), classes=classes, **entry)
    return found


CATALOGUE = yaml.safe_load((REPO / "params" / "settings" / "data_sets.yaml").read_text(encoding="utf-8"))
SOURCES = _sources(CATALOGUE)
CLASS_NAMES: dict[str, str] = CATALOGUE["class_names"]
LESION_CLASSES = SOURCES["ham10000"].classes

LOADERS = {
    "alzheimer": "lib.data.sets.alzheimer:load",
    "dermamnist": "lib.data.sets.dermamnist:load",
    "dermamnist-c": "lib.data.sets.dermamnist:load_corrected",
    "ham10000": "lib.data.sets.ham10000:load",
    "isic2018-test": "lib.data.sets.isic:load_2018_test",
    "isic2019": "lib.data.sets.isic:load_2019",
    "malignant-vs-benign": "lib.data.sets.malignant_benign:load",
    "synthetic": "lib.data.synthetic:load_synthetic_index",
    "synthetic-external": "lib.data.synthetic:load_external_index",
}


def load_index(name: str, data_root: str | Path | None = None) -> pd.DataFrame:
    """The checked index of a data set: one row per image.

    Args:
        name: one of ``LOADERS``.
        data_root: folder that holds the data sets; default ``$DERM_DATA``, else ``data/``.

    Returns:
        Columns image_id (str, unique), path (for :func:`lib.data.read_image`), dx (str), label (int64), group (str:
        the unit that must not cross a split), and what the data set knows beside; ``attrs``: name, classes, sha256,
        synthetic, licence, citation, missing (ids), groups_known (False: ``group`` may be no more than the image).

    Raises:
        StudyError: unknown name, data absent, incomplete or not the published ones.
    """
    module, function = lookup("data set", name, LOADERS).split(":")
    load = getattr(importlib.import_module(module), function)
    if name not in SOURCES:  # made here
        return load()
    root = default_root(data_root)
    if not root.is_dir():
        raise StudyError(f"data root {root} is not a folder: give --data-root or set DERM_DATA.")
    return load(root)


def attribution(index: pd.DataFrame) -> str:
    """Name, licence and citation of the data set that ``index`` is of, as a caption."""
    return "{name}: {licence}. {citation}".format_map(index.attrs)
