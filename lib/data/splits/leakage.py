"""How much of a test set has been seen in training."""

from collections.abc import Sequence

import pandas as pd

from lib.core.errors import StudyError
from lib.data.splits.stratified import check_index


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
