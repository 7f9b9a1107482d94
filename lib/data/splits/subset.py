"""xia2025's 779 of the 6,400 Alzheimer MRI slices (section 2.3), divided by slice and by subject."""

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.data.splits.stratified import Fractions, check_index, split_by_group, split_by_image

SUBSET = {"MildDemented": 182, "ModerateDemented": 64, "NonDemented": 182, "VeryMildDemented": 351}
UNUSED = "unused"


def draw_subset(index: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The rows of a subset with the class counts of ``SUBSET``, drawn evenly over the subjects of a class.

    The paper does not say how it drew, but that the subset has all subjects of the whole set. Here slices are taken
    at random, one of each subject in turn until the class is full; the last turn takes subjects in random order.

    Raises:
        StudyError: a missing column, or a class with too few images.
    """
    check_index(index, ("dx", "group"))
    rng = np.random.default_rng([seed, 779])
    rows = index.sort_values("image_id")
    rows = rows.iloc[rng.permutation(len(rows))]
    turn = rows.groupby("group").cumcount()
    parts = []
    for dx, n in SUBSET.items():
        of_class = turn[rows["dx"] == dx].sort_values(kind="stable")
        if len(of_class) < n:
            raise StudyError(f"the subset needs {n} images of {dx}, there are {len(of_class)}: fetch the whole set.")
        parts.append(rows.loc[of_class.index[:n]])
    return pd.concat(parts).sort_values("image_id")


def subset_by_image(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """The subset's :func:`split_by_image`; images outside the subset are "unused".

    Arguments, result and errors as there, and those of :func:`draw_subset`.
    """
    split = split_by_image(draw_subset(index, seed), fractions, seed)
    return split.reindex(index.index, fill_value=UNUSED)


def subset_by_subject(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """The same images by subject, with a test set of the same size and class mix as :func:`subset_by_image` has.

    As :func:`split_by_group`; where whole subjects bring more test images of a class than that, a random choice of
    them is left out ("unused"). ModerateDemented has two subjects of 32 images: one trains, 12 images of the other
    are tested (with fractions 7:1:2), 20 are left out, and none is there for validation.
    """
    rows = draw_subset(index, seed)
    aims = rows["dx"][split_by_image(rows, fractions, seed) == "test"].value_counts()
    split = split_by_group(rows, fractions, seed)
    rng = np.random.default_rng([seed, 780])
    for dx in SUBSET:
        tested = split.index[(split == "test") & (rows["dx"] == dx)].to_numpy()
        split[rng.permutation(tested)[aims.get(dx, 0) :]] = UNUSED
    return split.reindex(index.index, fill_value=UNUSED)
