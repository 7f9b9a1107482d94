"""Splits: pure, seeded functions from an index to train/val/test, and what each of them leaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from lib.core.errors import StudyError, lookup
from lib.data.catalogue import CATALOGUE
from lib.data.splits import official
from lib.data.splits.stratified import PARTS, Fractions, check_index, split_by_group, split_by_image
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


_FUNCTIONS: dict[str, Callable[..., pd.Series]] = {
    "image": split_by_image,
    "group": split_by_group,
    "official": official.official_split,
    "version 1.0": partial(official.dermamnist_c, version="1.0"),
    "version 1.1": partial(official.dermamnist_c, version="1.1"),
    "folders": official.malignant_vs_benign,
    "folders by lesion": official.malignant_vs_benign_lesion,
    "subset by image": subset_by_image,
    "subset by subject": subset_by_subject,
}


def _split(how: str, fractions: list[float] | None = None, **given) -> Split:
    return Split(function=_FUNCTIONS[how], fractions=fractions and tuple(fractions), **given)


SPLITS = {name: _split(**entry) for name, entry in CATALOGUE["splits"].items()}


def find_split(name: str) -> Split:
    """The entry ``name`` of ``SPLITS``; ``StudyError`` with the nearest spelling if there is none."""
    return lookup("split", name, SPLITS)


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


def leakage_report(index: pd.DataFrame, split: pd.Series, against: Sequence[str] = ("train",)) -> pd.DataFrame:
    """Test images whose lesion or subject (``group``) also occurs in the parts ``against``.

    Args:
        index: one row per image with ``image_id``, ``dx`` and ``group``.
        split: "train", "val" or "test" for each row of ``index``, with its row labels.
        against: ("train",), or ("train", "val") for all that a model and its selection see.

    Returns:
        One row per class, in label order, and a row "total", with the columns ``n_test`` and ``n_shared``
        (int64, images) and ``share`` (float64 in [0, 1]; NaN for a class without test images).
    """
    check_index(index, ("dx", "group"))
    if not split.index.equals(index.index):
        raise StudyError("the split belongs to another index: their row labels differ.")
    seen = set(index["group"][split.isin(list(against))])
    test = index[split == "test"]
    shared = test["group"].isin(seen)
    classes = list(index.attrs.get("classes") or sorted(index["dx"].unique()))
    report = pd.DataFrame(
        {
            "n_test": test["dx"].value_counts().reindex(classes, fill_value=0),
            "n_shared": test["dx"][shared].value_counts().reindex(classes, fill_value=0),
        }
    )
    report.loc["total"] = report.sum()
    report["share"] = report["n_shared"] / report["n_test"]
    return report.rename_axis("dx")
