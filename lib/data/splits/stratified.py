"""Stratified splits by image and by group (lesion, subject)."""

import math

import numpy as np
import pandas as pd

from lib.core.errors import StudyError

PARTS = ("train", "val", "test")
Fractions = tuple[float, float, float]


def check_fractions(fractions: Fractions) -> Fractions:
    """Return ``fractions`` as three floats; ``StudyError`` unless they are shares with a non-empty train."""
    try:
        train, val, test = (float(f) for f in fractions)
    except (TypeError, ValueError):
        raise StudyError(f"fractions {fractions!r} are not three numbers: give train, val and test.") from None
    if not (train > 0 and val >= 0 and test >= 0 and math.isclose(train + val + test, 1, abs_tol=1e-6)):
        raise StudyError(f"fractions {fractions!r} must be at least 0, train above 0, and add up to 1.")
    return train, val, test


def check_index(index: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """``StudyError`` unless ``index`` has ``columns`` filled in and known, and one row per ``image_id``."""
    name = index.attrs.get("name", "the data set")
    if "group" in columns and not index.attrs["groups_known"]:
        raise StudyError(
            f"which images of {name} show one lesion is not known here: put HAM10000 beside it under the data root."
        )
    for column in ("image_id", *columns):
        if column not in index or index[column].isna().any():
            raise StudyError(f"the index of {name} has no {column!r} for some images: this split needs it.")
    if not index["image_id"].is_unique:
        raise StudyError(f"image_id {index['image_id'][index['image_id'].duplicated()].iloc[0]!r} occurs twice.")


def split_by_image(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """Random split by image, stratified by ``dx``: images of one lesion or subject may fall into two parts.

    Two calls of scikit-learn's ``train_test_split``: val and test together are held out first
    (rounded up), then test from them (rounded up); within each call, the class counts follow the largest
    remainder. On HAM10000's 10,015 images this gives every count of abdulqader2026's Table 2 with
    (0.8, 0.1, 0.1) and every count of saykat2025's data set table with (0.7, 0.15, 0.15), for every seed.

    Args:
        index: one row per image with ``image_id`` and ``dx``; the order of its rows does not matter.
        fractions: shares of train, val and test; val or test may be 0.
        seed: of scikit-learn's shuffle.

    Returns:
        "train", "val" or "test" for each row of ``index``, with its row labels.

    Raises:
        StudyError: bad fractions, a missing column, or a class too small to be divided.
    """
    _, val, test = check_fractions(fractions)
    check_index(index, ("dx",))
    rows = index[["image_id", "dx"]].sort_values("image_id")
    split = pd.Series("train", index=rows.index, name="split")
    if val + test > 0:
        held_out = _hold_out(rows, _ceil(len(rows) * (val + test)), seed)
        split[held_out.index] = "val" if test == 0 else "test"
        if val > 0 and test > 0:
            tested = _hold_out(held_out, _ceil(len(held_out) * test / (val + test)), seed)
            split[held_out.index.difference(tested.index)] = "val"
    return split.reindex(index.index)


def split_by_group(index: pd.DataFrame, fractions: Fractions, seed: int) -> pd.Series:
    """Random split by ``group`` (lesion, subject), stratified: no group falls into two parts.

    The class counts aimed at are those of :func:`split_by_image`; see :func:`fill_by_group` for how near
    they come. Arguments, result and errors are as there, and ``index`` needs ``group`` besides.
    """
    check_index(index, ("dx", "group"))
    aims = pd.crosstab(index["dx"], split_by_image(index, fractions, seed)).reindex(columns=PARTS, fill_value=0)
    return fill_by_group(index, aims, seed)


def fill_by_group(index: pd.DataFrame, aims: pd.DataFrame, seed: int) -> pd.Series:
    """Put whole groups into test and val until ``aims`` are met, class by class; the rest is train.

    scikit-learn's grouped splitters cut equal folds and balance classes only roughly. Here the groups of a class
    are walked in random order, and one is taken if it still fits; at the end, one more is taken if that comes
    nearer to the aim. A class with groups of one image meets the aim exactly; otherwise the count is off by
    at most half of the class's largest group, unless a part would stay empty: a class of two groups or more is
    always in train and test, of three or more also in val. A group of several classes counts as its most frequent.

    Args:
        index: one row per image with ``image_id``, ``dx`` and ``group``; row order does not matter.
        aims: rows are classes, columns include "val" and "test": the number of images wanted in each.
        seed: of the random order.

    Returns:
        "train", "val" or "test" for each row of ``index``, with its row labels.
    """
    rng = np.random.default_rng(seed)
    counts = pd.crosstab(index["group"], index["dx"]).sort_index()
    sizes, classes = counts.sum(axis=1), counts.idxmax(axis=1)
    part_of = pd.Series("train", index=counts.index)
    for dx in sorted(aims.index):
        names = sizes.index[classes == dx].to_numpy()
        left = rng.permutation(names)
        for part in ("test", "val"):
            if aims.loc[dx, part] > 0 and len(left) > 1:
                taken = _fill(sizes[left].to_numpy(), int(aims.loc[dx, part]))
                part_of[left[taken]] = part
                left = left[~taken]
    return index["group"].map(part_of).rename("split")


def _fill(sizes: np.ndarray, aim: int) -> np.ndarray:
    """Mask of the groups to take, in the order given, so that their sizes add up to nearly ``aim``; never all."""
    taken = np.zeros(len(sizes), dtype=bool)
    room = aim
    for i, size in enumerate(sizes):
        if size <= room and taken.sum() < len(sizes) - 1:
            taken[i] = True
            room -= size
    smallest = np.where(taken, np.iinfo(np.int64).max, sizes).argmin()
    nearer = 2 * room > sizes[smallest] and taken.sum() < len(sizes) - 1
    if nearer or not taken.any():
        taken[smallest] = True
    return taken


def _hold_out(rows: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    from sklearn.model_selection import train_test_split  # planning a thousand runs needs no scikit-learn

    try:
        return train_test_split(rows, test_size=n, stratify=rows["dx"], random_state=seed)[1]
    except ValueError as error:
        counts = rows["dx"].value_counts().to_dict()
        raise StudyError(f"cannot hold out {n} of {len(rows)} images with classes {counts}: {error}") from error


def _ceil(x: float) -> int:
    """Round up, but not for the last bits of a product such as 1000 * (1 - 0.7)."""
    return math.ceil(round(x, 6))
