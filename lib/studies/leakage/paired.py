"""The same head on the same features under the paper's split and under the grouped one, over many splits."""

import numpy as np
import pandas as pd
from scipy import stats

from lib.data.splits import make_split
from lib.studies.leakage.heads import HEADS, probabilities
from lib.studies.leakage.standard import common_weights, standardized

KINDS = ("paper", "grouped")


def compute_counts(
    index: pd.DataFrame, features: np.ndarray, splits: tuple[str, str], fractions: tuple, seeds: int
) -> pd.DataFrame:
    """Hits by split, seed, head, class, and what the training images know of the test image's lesion.

    Args:
        index: with ``label``, ``dx``, ``group``; features: float32 [N, D] in its order.
        splits: the paper's and the grouped one, divided by ``fractions`` with the seeds 0 .. ``seeds`` - 1.

    Returns:
        Columns head, split (``paper``, ``grouped``), seed, dx, repeated (the data set holds several photographs of
        the lesion), seen (one of them was trained on), n_train, n (test images) and hits.
    """
    targets, groups = index["label"].to_numpy(), index["group"].to_numpy()
    repeated = index["group"].duplicated(keep=False).to_numpy()
    classes = index.attrs["classes"]
    tables = []
    for seed in range(seeds):
        for kind, name in zip(KINDS, splits, strict=True):
            part = make_split(name, index, fractions=fractions, seed=seed).to_numpy()
            train, test = part == "train", part == "test"
            seen = np.isin(groups[test], groups[train])
            for head in HEADS:
                probs = probabilities(head, features[train], targets[train], features[test], len(classes))
                rows = pd.DataFrame(
                    {"dx": index["dx"].to_numpy()[test], "repeated": repeated[test], "seen": seen,
                     "hits": probs.argmax(axis=1) == targets[test]}
                )  # fmt: skip
                counts = rows.groupby(["dx", "repeated", "seen"])["hits"].agg(["size", "sum"]).reset_index()
                counts = counts.rename(columns={"size": "n", "sum": "hits"})
                tables.append(counts.assign(head=head, split=kind, seed=seed, n_train=int(train.sum())))
    columns = ["head", "split", "seed", "dx", "repeated", "seen", "n_train", "n", "hits"]
    return pd.concat(tables, ignore_index=True)[columns]


def corrected_interval(values: np.ndarray, n_test: float, n_train: float, level: float = 0.95) -> tuple[float, float]:
    """Interval of the mean of ``values`` [J] over J random splits of one data set.

    The splits share images, so that the variance of the mean is taken as s^2 (1/J + n_test/n_train), with J - 1
    degrees of freedom: Nadeau and Bengio, Inference for the generalization error, Machine Learning 52:239 (2003).
    NaN for fewer than two values.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        return float("nan"), float("nan")
    reach = (
        stats.t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) * np.sqrt(1 / len(values) + n_test / n_train)
    )
    return float(values.mean() - reach), float(values.mean() + reach)


def by_split(counts: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and balanced accuracy (mean sensitivity over classes) of every head, split and seed."""
    keys = ["features", "head", "split", "seed"]
    by_class = counts.groupby([*keys, "dx"])[["n", "hits"]].sum()
    sensitivity = (by_class["hits"] / by_class["n"]).groupby(keys).mean()
    total = by_class.groupby(keys).sum()
    table = pd.DataFrame({"accuracy": total["hits"] / total["n"], "balanced_accuracy": sensitivity, "n": total["n"]})
    return table.join(counts.groupby(keys)["n_train"].first()).reset_index()


def difference_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Paper's split minus grouped split, a row features, head and measure, with the interval over split seeds."""
    table = by_split(counts)
    rows = []
    for (features, head), own in table.groupby(["features", "head"], sort=False):
        for measure in ("accuracy", "balanced_accuracy"):
            rows.append({"features": features, "head": head, "measure": measure, **_difference(own, measure)})
    return pd.DataFrame(rows)


def class_table(counts: pd.DataFrame) -> pd.DataFrame:
    """As :func:`difference_table`, of each class's sensitivity."""
    keys = ["features", "head", "split", "seed", "dx"]
    table = counts.groupby(keys).agg(n=("n", "sum"), hits=("hits", "sum"), n_train=("n_train", "first")).reset_index()
    table["sensitivity"] = table["hits"] / table["n"]
    rows = []
    for (features, head, dx), own in table.groupby(["features", "head", "dx"], sort=False):
        # The correction asks for the share of images tested, which is the class's own.
        share = counts[(counts["features"] == features) & (counts["head"] == head)]
        n_test = share.groupby(["split", "seed"])["n"].sum().mean()
        found = _difference(own, "sensitivity", n_test)
        rows.append({"features": features, "head": head, "dx": dx, **found})
    return pd.DataFrame(rows)


def _difference(table: pd.DataFrame, measure: str, n_test: float | None = None) -> dict[str, float]:
    wide = table.pivot(index="seed", columns="split", values=measure)
    difference = (wide["paper"] - wide["grouped"]).dropna()
    n = table.groupby("split")["n"].mean()
    tested = table["n"].mean() if n_test is None else n_test
    low, high = corrected_interval(difference, tested, table["n_train"].mean())
    return {
        "split_seeds": len(difference),
        "n_paper": n["paper"],
        "n_grouped": n["grouped"],
        "paper": wide["paper"].mean(),
        "grouped": wide["grouped"].mean(),
        "difference": difference.mean(),
        "low": low,
        "high": high,
        "sd_over_splits": difference.std(ddof=1),
    }


def memory_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Accuracy on lesions that were trained on against others, at one class mix, and what of it is memory.

    Within each test set, accuracies are standardized to the class mix of the whole test set. On the paper's split
    ``seen`` lesions have another photograph in training; on the grouped one none has, but lesions photographed
    several times (``repeated``) may be easier or harder by nature. ``memory`` is the difference of the differences:
    (seen - unseen on the paper's split) - (repeated - single on the grouped one). Means over split seeds with
    intervals as in :func:`corrected_interval`.
    """
    rows = []
    for (features, head), own in counts.groupby(["features", "head"], sort=False):
        gaps, values = [], {}
        for split, column in (("paper", "seen"), ("grouped", "repeated")):
            per_seed = [_standardized_parts(c, column) for _, c in own[own["split"] == split].groupby("seed")]
            yes, no = np.array(per_seed).T
            values[split], gap = (yes.mean(), no.mean()), yes - no
            gaps.append(gap)
        n_test = own.groupby(["split", "seed"])["n"].sum().mean()
        row = {"features": features, "head": head, "seen": values["paper"][0], "unseen": values["paper"][1]}
        row |= {"repeated": values["grouped"][0], "single": values["grouped"][1]}
        for name, gap in zip(
            ("seen_minus_unseen", "repeated_minus_single", "memory"), (*gaps, gaps[0] - gaps[1]), strict=True
        ):
            low, high = corrected_interval(gap, n_test, own["n_train"].mean())
            row |= {name: gap.mean(), f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _standardized_parts(counts: pd.DataFrame, column: str) -> np.ndarray:
    """Class-standardized accuracies [2] of the images with and without ``column``."""
    table = counts.groupby(["dx", column])[["hits", "n"]].sum().unstack(fill_value=0)
    hits, n = (table[c].reindex(columns=[True, False], fill_value=0).to_numpy() for c in ("hits", "n"))
    return standardized(hits, n, common_weights(n))
