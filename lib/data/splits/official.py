"""Splits that a data set brings along, and what is rebuilt from them by rule."""

import pandas as pd

from lib.core.errors import StudyError
from lib.data.splits.stratified import PARTS, Fractions, check_fractions, check_index, fill_by_group, split_by_image


def official_split(index: pd.DataFrame) -> pd.Series:
    """The data set's own parts: column ``split`` of ``index`` ("train", "val", "test"), a string Series.

    DermaMNIST's (Yang et al. 2023) is 7007/1003/2005.
    """
    check_index(index, ("split",))
    unknown = set(index["split"]) - set(PARTS)
    if unknown:
        raise StudyError(f"column 'split' holds {sorted(unknown)}: it may hold only {', '.join(PARTS)}.")
    return index["split"].astype(str)


def dermamnist_c(index: pd.DataFrame, version: str) -> pd.Series:
    """DermaMNIST-C's split (Abhishek et al. 2025), rebuilt from DermaMNIST's own.

    Images of val and test that share a lesion with train go to train; then images of lesions that val and test
    share go to train too. A lesion is a ``lesion_id`` in version 1.0 (8208/575/1232 images) and a ``group``,
    that is lesions merged by the 18 further pairs of duplicates, in version 1.1 (8215/573/1227).

    Args:
        index: HAM10000's images with DermaMNIST's ``split``, ``lesion_id`` and ``group``; or DermaMNIST-C's own index
            (``attrs["version"]``), whose ``split`` is then the result.
        version: "1.0" or "1.1".

    Raises:
        StudyError: a missing column, DermaMNIST-C of another version, or, for version 1.1, lesions not merged.
    """
    own = index.attrs.get("version", version)
    if own != version:
        raise StudyError(f"this is DermaMNIST-C {own}: fetch version {version}, or use the split dermamnist-c-v{own}.")
    if "version" in index.attrs:
        return official_split(index)
    lesion = {"1.0": "lesion_id", "1.1": "group"}[version]
    check_index(index, ("lesion_id", lesion))
    if version == "1.1" and not (index.groupby("group")["lesion_id"].nunique() > 1).any():
        raise StudyError("DermaMNIST-C 1.1 needs HAM10000's 18 extra duplicate pairs merged in 'group': none is.")
    split = official_split(index)
    crosses = split.groupby(index[lesion]).nunique() > 1
    return split.mask(index[lesion].map(crosses), "train")


def malignant_vs_benign(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """The official folders: ``test`` (360 benign, 300 malignant) as it is, val by image from ``train``.

    Args:
        index: the images with the folder in column ``split`` ("train" or "test").
        fractions: (train, val, 0), shares of the official training folder.
        seed: of the stratified choice of val.
    """
    if check_fractions(fractions)[2] != 0:
        raise StudyError(
            f"fractions {fractions!r}: the test folder is given, so they divide the training folder: "
            "give (train, val, 0), for example (0.9, 0.1, 0)."
        )
    split = official_split(index)
    is_train = split == "train"
    split[is_train] = split_by_image(index[is_train], fractions, seed)
    return split


def malignant_vs_benign_lesion(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """Grouped by lesion (``group``), with the official test folder's size of each class.

    Arguments as in :func:`malignant_vs_benign`; val has ``fractions[1]`` of what is not in test.
    """
    check_index(index, ("dx", "group"))
    folders = pd.crosstab(index["dx"], malignant_vs_benign(index, fractions, seed))
    return fill_by_group(index, folders.reindex(columns=PARTS, fill_value=0), seed)
