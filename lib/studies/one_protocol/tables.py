"""The papers' ideas under one protocol (``params/studies/common/runs.yaml``): a method each, equal data, split,
size, seeds.
"""

import itertools

import numpy as np
import pandas as pd

from lib.evaluation.metrics import METRICS, classification_report
from lib.evaluation.ranking import average_ranks, critical_difference, friedman, holm
from lib.evaluation.resampling import METRICS as FAST
from lib.evaluation.resampling import draw_weights, interval, resampled
from lib.records.seeds import SeedGroup

GRID = "common"
MEASURES = ("accuracy", "balanced_accuracy", "sensitivity")


def contest_table(groups: list[SeedGroup], costs: pd.DataFrame, repeats: int, dx: str = "mel") -> pd.DataFrame:
    """A row a method: accuracy, balanced accuracy, sensitivity to ``dx`` (with 95 % intervals over lesions), AUC, ECE,
    what it trained and what it cost (minutes of training as recorded, multiply-accumulates of its backbone)."""
    price = costs.set_index(["backbone", "px"])
    rows = []
    for group in groups:
        spec, record = group.spec, group.records[0]
        targets, stack, lesions = group.arrays("test")
        weights = draw_weights(lesions, len(targets), repeats)
        row = {"method": group.stands_for, "backbone": spec.model.backbone, "weights": spec.model.weights}
        row |= {"trained": spec.model.train, "px": spec.image_size, "seeds": len(group.records), "n": len(targets)}
        number = record.classes.index(dx)
        for name in MEASURES:
            values, drawn = _measure(name, targets, stack, weights, number)
            low, high = interval(drawn)
            row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
            row[f"{name}_sd"] = float(values.std(ddof=1)) if len(values) > 1 else np.nan
        for name in ("macro_auc_ovr", "ece"):
            row[name] = float(np.mean([METRICS[name](targets, p) for p in stack]))
        row["epochs_run"] = float(np.mean([r.info["epochs_run"] for r in group.records]))
        row["training_minutes"] = float(np.mean([r.info["timing"]["seconds_training"] for r in group.records])) / 60
        row["gmacs"] = float(price.loc[(spec.model.backbone, spec.image_size), "gmacs"])
        rows.append(row)
    return pd.DataFrame(rows)


def pairwise(groups: list[SeedGroup], repeats: int, dx: str = "mel") -> pd.DataFrame:
    """Every pair of methods and measure: difference of the means over seeds, its 95 % interval over resampled lesions,
    the two-sided bootstrap p and its Holm-adjusted value (over the pairs of a measure)."""
    targets, _, lesions = groups[0].arrays("test")
    weights = draw_weights(lesions, len(targets), repeats)
    number = groups[0].records[0].classes.index(dx)
    rows = []
    for name in MEASURES:
        scores = [_measure(name, targets, g.arrays("test")[1], weights, number) for g in groups]
        own = []
        for a, b in itertools.combinations(range(len(groups)), 2):
            drawn = scores[a][1] - scores[b][1]
            low, high = interval(drawn)
            tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
            own.append({"measure": name, "first": groups[a].stands_for, "second": groups[b].stands_for,
                        "difference": scores[a][0].mean() - scores[b][0].mean(), "low": low, "high": high,
                        "p": min(1.0, 2 * (tail + 1) / (repeats + 1))})  # fmt: skip
        for row, adjusted in zip(own, holm(np.array([r["p"] for r in own])), strict=True):
            rows.append({**row, "p_holm": adjusted})
    return pd.DataFrame(rows)


def class_scores(groups: list[SeedGroup]) -> pd.DataFrame:
    """F1 of each class (rows, column ``dx``) and method (columns), mean over seeds; an undefined F1 counts as 0."""
    table = {}
    for group in groups:
        targets, stack, _ = group.arrays("test")
        reports = [classification_report(targets, p, group.records[0].classes).set_index("dx")["f1"] for p in stack]
        table[group.stands_for] = pd.concat(reports, axis=1).fillna(0).mean(axis=1)
    return pd.DataFrame(table).rename_axis("dx").reset_index()


def rank_table(scores: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """(method and mean rank over the classes, best first; Friedman's test and Nemenyi's critical difference).

    The blocks are the classes, with the mean over seeds: seeds of one class share its test images and its difficulty,
    and would count the same evidence several times.
    """
    values = scores.drop(columns="dx")
    ranks = average_ranks(values.to_numpy())
    statistic, p = friedman(values.to_numpy())
    test = {"blocks": len(values), "methods": values.shape[1], "friedman": statistic, "p": p}
    test["critical_difference"] = critical_difference(values.shape[1], len(values))
    table = pd.DataFrame({"method": values.columns, "mean_rank": ranks}).sort_values("mean_rank", ignore_index=True)
    return table, test


def complete(groups: list[SeedGroup]) -> list[SeedGroup]:
    """The methods with every seed that each has in common, so that none is favoured by a lucky one; [] without any."""
    seeds = [{r.spec.seed for r in g.records} for g in groups]
    common = set.intersection(*seeds) if seeds else set()
    if not common:
        return []
    return [SeedGroup(g.planned, tuple(r for r in g.records if r.spec.seed in common)) for g in groups]


def _measure(name: str, targets: np.ndarray, stack: np.ndarray, weights: np.ndarray, number: int):
    """(value of each seed [S], mean over seeds in each resample [R])."""
    if name in FAST:
        return np.array([METRICS[name](targets, p) for p in stack]), resampled(name, targets, stack, weights)
    own = targets == number
    hits = (stack.argmax(axis=2) == number)[:, own]
    with np.errstate(invalid="ignore"):
        return hits.mean(axis=1), weights[:, own] @ hits.mean(axis=0) / weights[:, own].sum(axis=1)
