"""Data sets by name."""

import importlib
import inspect
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import data_root as default_root

LOADERS = {
    "alzheimer": "lib.data.sets.alzheimer:load",
    "dermamnist": "lib.data.sets.dermamnist:load",
    "dermamnist-c": "lib.data.sets.dermamnist:load_corrected",
    "ham10000": "lib.data.sets.ham10000:load",
    "isic2018-test": "lib.data.sets.isic2018:load",
    "isic2019": "lib.data.sets.isic2019:load",
    "malignant-vs-benign": "lib.data.sets.malignant_benign:load",
    "synthetic": "lib.data.synthetic:load_synthetic_index",
    "synthetic-external": "lib.data.synthetic:load_external_index",
}
"""Data set -> ``module:function``; a first parameter named ``root`` takes the data root."""


def load_index(name: str, data_root: str | Path | None = None, **options: object) -> pd.DataFrame:
    """The checked index of a data set: one row per image.

    Args:
        name: one of ``LOADERS``.
        data_root: folder that holds the data sets; default ``$DERM_DATA``, else ``data/``.
        options: what the data set's own loader takes beside the root, such as ``mapping``.

    Returns:
        Columns image_id (str, unique), path (for :func:`lib.data.read_image`), dx (str), label (int64), group (str:
        the unit that must not cross a split), and what the data set knows beside; ``attrs``: name, classes, sha256,
        synthetic, licence, citation, missing (ids), groups_known (False: ``group`` may be no more than the image).

    Raises:
        StudyError: unknown name or option, data absent, incomplete or not the published ones.
    """
    if name not in LOADERS:
        raise unknown_name("data set", name, LOADERS)
    module, function = LOADERS[name].split(":")
    load = getattr(importlib.import_module(module), function)
    known = list(inspect.signature(load).parameters)
    for option in options:
        if option not in known:
            raise unknown_name(f"option of data set {name}", option, known)
    if known[:1] != ["root"]:
        return load(**options)
    root = default_root(data_root)
    if not root.is_dir():
        raise StudyError(f"data root {root} is not a folder: give --data-root or set DERM_DATA.")
    return load(root, **options)
