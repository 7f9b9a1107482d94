"""What remembering pixels gives: the nearest training image of every test image, by small colour thumbnails."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from lib.data.cache import open_cache
from lib.data.matching import SIDE, best_matches
from lib.data.splits import find_split, make_split
from lib.evaluation.draws import REPEATS, Plan
from lib.evaluation.estimates import FEWEST, over_splits
from lib.evaluation.measure import estimate
from lib.studies.exploration.tables import seeds_of, splits_of


def divided(
    index: pd.DataFrame, split: str, seeds: Iterable[int], fractions: tuple | None = None
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(seed, rows that train, rows that test) of ``split`` under each of ``seeds``."""
    for seed in seeds:
        part = make_split(split, index, fractions=fractions, seed=seed).to_numpy()
        yield seed, np.flatnonzero(part == "train"), np.flatnonzero(part == "test")


def compute_probe(index: pd.DataFrame, seeds: int) -> pd.DataFrame:
    """Every split of the data set: is the nearest training image the same lesion (subject), and of its class?

    Nearest is the highest correlation of 32 x 32 colour thumbnails (:func:`lib.data.matching.best_matches`).

    Returns:
        One row per split and seed (one for a fixed split): split, kind (``paper`` or ``grouped``), seed, n_train,
        n_test, same_group (share of test images whose nearest image is of the same group), accuracy and
        balanced_accuracy of taking the nearest image's class, with 95 % intervals over groups, majority (share of the
        commonest class).
    """
    images = open_cache(index, SIDE, index.attrs.get("resize", "squash")).images
    targets, groups = index["label"].to_numpy(), index["group"].to_numpy()
    rows = []
    for name in splits_of(index):
        for seed, train, test in divided(index, name, seeds_of(name, range(seeds))):
            nearest = train[best_matches(images[test], images[train])[0]]
            row = {"split": name, "kind": find_split(name).kind, "seed": seed}
            row |= {"n_train": len(train), "n_test": len(test)}
            rows.append(row | nearest_scores(targets[test], targets[nearest], groups[test], groups[nearest]))
    return pd.DataFrame(rows)


def nearest_scores(
    targets: np.ndarray, nearest: np.ndarray, groups: np.ndarray, nearest_groups: np.ndarray, repeats: int = REPEATS
) -> dict[str, float]:
    """Scores of giving each test image the class ``nearest`` [N] of its nearest training image."""
    votes = np.eye(max(targets.max(), nearest.max()) + 1)[nearest]
    row = {"same_group": float((groups == nearest_groups).mean())}
    row["majority"] = float(np.bincount(targets).max() / len(targets))
    for name in ("accuracy", "balanced_accuracy"):
        row |= estimate(name, targets, votes, groups, Plan(repeats)).row(name)
    return row


def probe_summary(probes: pd.DataFrame) -> pd.DataFrame:
    """One row per data set and split: means over the split's seeds, the accuracy with :func:`_interval`."""
    columns = ["n_train", "n_test", "same_group", "majority", "accuracy", "balanced_accuracy"]
    keys = ["data", "split", "kind"]
    table = probes.groupby(keys, sort=False)[columns].mean()
    table = table.round({"n_train": 0, "n_test": 0}).astype({"n_train": int, "n_test": int})
    table["seeds"] = probes.groupby(keys, sort=False).size()
    table[["accuracy_low", "accuracy_high"]] = [_interval(own) for _, own in probes.groupby(keys, sort=False)]
    return table.reset_index()


def _interval(own: pd.DataFrame) -> tuple[float, float]:
    """95 % interval of one split's mean accuracy: that of its first seed over groups, about the mean; from three seeds
    on that over them (:func:`lib.evaluation.estimates.over_splits`), where it is wider."""
    first = own.iloc[0]
    moved = own["accuracy"].mean() - first["accuracy"]
    low, high = first["accuracy_low"] + moved, first["accuracy_high"] + moved
    if len(own) >= FEWEST:
        found = over_splits(dict(enumerate(own["accuracy"])), first["n_test"] / first["n_train"]).interval()
        low, high = max((low, high), found, key=np.ptp)
    return max(low, 0.0), min(high, 1.0)
