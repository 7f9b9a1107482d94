"""The same head on the same features under the paper's split and under the grouped one, over many splits."""

from functools import partial

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.data.splits import make_split
from lib.evaluation.estimates import over_splits, smallest_detectable
from lib.studies.leakage.heads import HEADS, head_probabilities
from lib.studies.leakage.observed import KINDS
from lib.studies.leakage.settings import Divided, Features, Settings
from lib.studies.leakage.standard import common_weights, standardized

PARTS = {("paper", True): "seen", ("paper", False): "unseen",
         ("grouped", True): "repeated", ("grouped", False): "single"}  # fmt: skip
OF = ("data", "features", "head")


def stored_counts(study, settings: Settings) -> pd.DataFrame:
    """:func:`compute_counts` of every data set (``data``) and features, stored or, where ``study`` may, made first.

    Raises:
        StudyError: there is none.
    """
    found = []
    for own in settings.data:
        for features in settings.features:
            key = own.model_dump(mode="json") | {"features": features.key, "seeds": settings.split_seeds, "version": 1}
            name = f"{own.dataset}-{features.name}"
            stored = study.measure("leakage", name, key, partial(_counts, study, settings, own, features))
            if stored:
                found.append(stored.table("counts").assign(data=own.dataset, features=features.name))
    if not found:
        raise StudyError("no leakage measurement is stored: run this notebook once with the data and train_missing.")
    return pd.concat(found, ignore_index=True)


def _counts(study, settings: Settings, own: Divided, features: Features) -> dict[str, pd.DataFrame]:
    index = study.index(own.dataset)
    values = features.load(index, study.folders.weights_dir)
    return {"counts": compute_counts(index, values, own.splits, own.fractions, settings.split_seeds)}


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
                probs = head_probabilities(head, features[train], targets[train], features[test], len(classes))
                rows = pd.DataFrame({"dx": index["dx"].to_numpy()[test], "repeated": repeated[test], "seen": seen})
                rows["hits"] = probs.argmax(axis=1) == targets[test]
                hits = rows.groupby(["dx", "repeated", "seen"])["hits"].agg(n="size", hits="sum").reset_index()
                tables.append(hits.assign(head=head, split=kind, seed=seed, n_train=int(train.sum())))
    columns = ["head", "split", "seed", "dx", "repeated", "seen", "n_train", "n", "hits"]
    return pd.concat(tables, ignore_index=True)[columns]


def difference_table(counts: pd.DataFrame, of: tuple[str, ...] = OF) -> pd.DataFrame:
    """Accuracy under the paper's split minus under the grouped one, one row per data set, features and head, over split
    seeds, with intervals of :func:`lib.evaluation.estimates.over_splits`."""
    table = counts.groupby([*of, "split", "seed"]).agg({"n": "sum", "hits": "sum", "n_train": "first"})
    table["accuracy"] = table["hits"] / table["n"]
    tested = counts.groupby([*OF, "split", "seed"])["n"].sum().groupby(list(OF)).mean()  # of all classes
    rows = []
    for key, own in table.reset_index().groupby(list(of), sort=False):
        wide = own.pivot(index="seed", columns="split", values="accuracy")
        gaps = (wide["paper"] - wide["grouped"]).dropna().to_dict()
        found = over_splits(gaps, tested[key[: len(OF)]] / own["n_train"].mean())
        row = dict(zip(of, key, strict=True)) | {"split_seeds": len(found.runs)}
        row |= {f"n_{kind}": own.loc[own["split"] == kind, "n"].mean() for kind in KINDS}
        row |= {kind: wide[kind].mean() for kind in KINDS} | found.row("difference", "low", "high")
        rows.append(row | {"sd_over_splits": found.sd, "smallest_seen": smallest_detectable(found)})
    return pd.DataFrame(rows)


def class_table(counts: pd.DataFrame) -> pd.DataFrame:
    """As :func:`difference_table`, of each class's sensitivity."""
    return difference_table(counts, (*OF, "dx"))


def memory_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Accuracy on lesions that were trained on against others, at one class mix, and what of it is memory.

    On the paper's split ``seen`` lesions have another photograph in training; on the grouped one none has, but lesions
    photographed several times (``repeated``) may be easier or harder by nature. ``memory`` is the difference of the
    differences: (seen - unseen on the paper's split) - (repeated - single on the grouped one). For each seed all four
    parts have one class mix, of the classes that occur in each. Means over split seeds with intervals of
    :func:`lib.evaluation.estimates.over_splits`.
    """
    rows = []
    for of, own in counts.groupby(list(OF), sort=False):
        found = pd.DataFrame({seed: _standardized_parts(c) for seed, c in own.groupby("seed")}).T
        tested = own.groupby(["split", "seed"])["n"].sum().mean() / own["n_train"].mean()
        gaps = {"seen_minus_unseen": found["seen"] - found["unseen"]}
        gaps["repeated_minus_single"] = found["repeated"] - found["single"]
        gaps["memory"] = gaps["seen_minus_unseen"] - gaps["repeated_minus_single"]
        row = dict(zip(OF, of, strict=True)) | found.mean().to_dict()
        for name, gap in gaps.items():
            row |= over_splits(gap.to_dict(), tested).row(name)
        rows.append(row)
    return pd.DataFrame(rows)


def _standardized_parts(counts: pd.DataFrame) -> pd.Series:
    """Class-standardized accuracies of the four ``PARTS`` of one seed."""
    known = counts["seen"].where(counts["split"] == "paper", counts["repeated"]).astype(bool)
    parts = [PARTS[key] for key in zip(counts["split"], known, strict=True)]
    sums = counts.assign(part=parts).groupby(["dx", "part"])[["hits", "n"]].sum().unstack(fill_value=0)
    hits, n = (sums[name].reindex(columns=PARTS.values(), fill_value=0).to_numpy() for name in ("hits", "n"))
    return pd.Series(standardized(hits, n, common_weights(n)), PARTS.values())
