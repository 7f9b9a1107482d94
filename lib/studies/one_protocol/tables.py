"""The papers' ideas under one protocol (``params/studies/common/runs.yaml``): a method each, equal data, split,
size, seeds.
"""

import itertools

import numpy as np
import pandas as pd

from lib.evaluation.estimates import Estimate, ranks
from lib.evaluation.resampled import of_class
from lib.evaluation.significance import holm
from lib.records.seeds import Recipe, measure, value

GRID = "common"
MEASURES = ("accuracy", "balanced_accuracy", "melanoma_sensitivity")


def method_table(recipes: list[Recipe], costs: pd.DataFrame, repeats: int, dx: str = "mel") -> pd.DataFrame:
    """One row per method: accuracy, balanced accuracy, sensitivity to ``dx`` (with 95 % intervals), AUC, ECE, what it
    trained and what it cost (minutes of training as recorded, multiply-accumulates of its backbone)."""
    price = costs.set_index(["backbone", "px"])
    rows = []
    for recipe in recipes:
        spec = recipe.spec
        row = {"method": recipe.paper_model, "backbone": spec.model.backbone, "weights": spec.model.weights}
        row |= {"trained": spec.model.train, "px": spec.image_size, "seeds": len(recipe.records), "n": recipe.n}
        for name in MEASURES:
            found = _measure(recipe, name, repeats, dx)
            row |= found.row(name) | {f"{name}_sd": found.sd, "interval_of": found.speaks_of}
        row |= {name: value(recipe, name) for name in ("macro_auc_ovr", "ece")}
        row["epochs_run"] = float(np.mean([r.info["epochs_run"] for r in recipe.records]))
        row["training_minutes"] = float(np.mean([r.info["timing"]["seconds_training"] for r in recipe.records])) / 60
        row["gmacs"] = float(price.loc[(spec.model.backbone, spec.image_size), "gmacs"])
        rows.append(row)
    return pd.DataFrame(rows)


def pairwise(recipes: list[Recipe], repeats: int, dx: str = "mel") -> pd.DataFrame:
    """Every pair of methods and measure: difference over the seeds of both, its 95 % interval over lesions and seeds,
    the two-sided p from its draws and the Holm-adjusted one (over the pairs of a measure)."""
    rows = []
    for name in MEASURES:
        found = [_measure(g, name, repeats, dx) for g in recipes]
        gaps = {(a, b): found[a] - found[b] for a, b in itertools.combinations(range(len(recipes)), 2)}
        adjusted = holm([gap.p for gap in gaps.values()])
        for ((a, b), gap), p_holm in zip(gaps.items(), adjusted, strict=True):
            row = {"measure": name, "first": recipes[a].paper_model, "second": recipes[b].paper_model}
            rows.append(row | gap.row("difference", "low", "high") | {"p": gap.p, "p_holm": p_holm})
    return pd.DataFrame(rows)


def rank_table(recipes: list[Recipe], repeats: int, dx: str = "mel") -> pd.DataFrame:
    """Rank of each method by each measure (1 is best) with its 95 % interval over lesions and seeds.

    ``first``: share of the draws in which none is better.
    """
    tables = [
        ranks({g.paper_model: _measure(g, name, repeats, dx) for g in recipes})
        .rename(columns={"name": "method"})
        .assign(measure=name)
        for name in MEASURES
    ]
    return pd.concat(tables, ignore_index=True)[["measure", "method", "value", "rank", "low", "high", "first"]]


def _measure(recipe: Recipe, name: str, repeats: int, dx: str) -> Estimate:
    metric = of_class("sensitivity", recipe.classes.index(dx)) if name == MEASURES[2] else name
    return measure(recipe, metric, repeats)
