"""Splits: pure, seeded functions from an index to train/val/test, and what each of them leaks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from lib.core.errors import StudyError, unknown_name
from lib.data.splits import official
from lib.data.splits.leakage import leakage_report
from lib.data.splits.stratified import PARTS, Fractions, split_by_group, split_by_image
from lib.data.splits.subset import subset_by_image, subset_by_subject

__all__ = ["PARTS", "SPLITS", "Split", "find_split", "leakage_report", "make_split"]


@dataclass(frozen=True)
class Split:
    """One named split: the data set it divides, how, and its default fractions (``None``: it is fixed).

    ``grouped``: no lesion or subject is in two parts.
    """

    dataset: str
    function: Callable[..., pd.Series]
    fractions: Fractions | None
    grouped: bool
    description: str

    @property
    def kind(self) -> str:
        """``grouped``, or ``paper``: a split that shares lesions or subjects, as the papers' do."""
        return "grouped" if self.grouped else "paper"


SPLITS = {
    "ham10000-image": Split(
        "ham10000", split_by_image, (0.8, 0.1, 0.1), False, "stratified by image, as the papers do"
    ),
    "ham10000-lesion": Split("ham10000", split_by_group, (0.8, 0.1, 0.1), True, "stratified by lesion"),
    "dermamnist": Split("dermamnist", official.official_split, None, False, "DermaMNIST's own, 7007/1003/2005"),
    "dermamnist-c-v1.0": Split(
        "dermamnist",
        partial(official.dermamnist_c, version="1.0"),
        None,
        False,
        "rebuilt by rule, 8208/575/1232; 5 test and 2 validation images show a trained lesion",
    ),
    "dermamnist-c-v1.1": Split(
        "dermamnist", partial(official.dermamnist_c, version="1.1"), None, True, "rebuilt by rule, 8215/573/1227"
    ),
    "dermamnist-c": Split(
        "dermamnist-c",
        official.official_split,
        None,
        False,
        "its own file's, 8208/575/1232 (v1.0, not quite grouped) or 8215/573/1227 (v1.1)",
    ),
    "malignant-vs-benign": Split(
        "malignant-vs-benign",
        official.malignant_vs_benign,
        (0.9, 0.1, 0.0),
        False,
        "official folders; fractions divide the training folder",
    ),
    "malignant-vs-benign-lesion": Split(
        "malignant-vs-benign",
        official.malignant_vs_benign_lesion,
        (0.9, 0.1, 0.0),
        True,
        "by lesion, test of the official size; fractions divide the rest",
    ),
    "alzheimer-image": Split("alzheimer", split_by_image, (0.7, 0.1, 0.2), False, "stratified by slice, as xia2025"),
    "alzheimer-subject": Split("alzheimer", split_by_group, (0.7, 0.1, 0.2), True, "stratified by subject"),
    "alzheimer779-image": Split(
        "alzheimer", subset_by_image, (0.7, 0.1, 0.2), False, "xia2025's subset, stratified by slice"
    ),
    "alzheimer779-subject": Split(
        "alzheimer",
        subset_by_subject,
        (0.7, 0.1, 0.2),
        True,
        "the same subset by subject, test of the same class mix",
    ),
    "synthetic-image": Split("synthetic", split_by_image, (0.8, 0.1, 0.1), False, "stratified by image"),
    "synthetic-lesion": Split("synthetic", split_by_group, (0.8, 0.1, 0.1), True, "stratified by lesion"),
}


def find_split(name: str) -> Split:
    """The entry ``name`` of ``SPLITS``; ``StudyError`` with the nearest spelling if there is none."""
    if name not in SPLITS:
        raise unknown_name("split", name, SPLITS)
    return SPLITS[name]


def make_split(name: str, index: pd.DataFrame, *, fractions: Fractions | None = None, seed: int = 0) -> pd.Series:
    """Divide ``index`` by the split ``name`` of ``SPLITS``.

    Args:
        name: a key of ``SPLITS``.
        index: index of its data set, one row per image; the order of the rows does not matter.
        fractions: shares of train, val and test, adding up to 1; the split's own if not given.
        seed: of the random choices; fixed splits ignore it.

    Returns:
        "train", "val" or "test" for each row of ``index``, with its row labels; "unused" where a split takes a part
        of the data set only.

    Raises:
        StudyError: unknown name, bad fractions or fractions for a fixed split, or a missing column.
    """
    split = find_split(name)
    if split.fractions is None:
        if fractions is not None:
            raise StudyError(f"{name} is a fixed split: leave fractions out.")
        return split.function(index)
    return split.function(index, split.fractions if fractions is None else fractions, seed)
