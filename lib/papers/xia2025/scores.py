"""The numbers that xia2025 prints, from run records."""

import numpy as np
import pandas as pd

from lib.audit.values import published
from lib.core.gather import gather_by
from lib.evaluation.estimates import Estimate
from lib.evaluation.resampled import auc, averaged, f1, of_class, precision, sensitivity
from lib.papers.xia2025.audit import MODELS, fitting_rate
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.records.draws import Drawn, by_draw
from lib.records.seeds import Recipe

PAPER = "xia2025"
LAMBDA = 0.05

# The paper does not name its averaging. Its recall equals its accuracy, as it does if classes are weighted by support.
TABLE_1 = {
    "accuracy": "accuracy",
    "precision": averaged(precision, weighted=True),
    "recall": averaged(sensitivity, weighted=True),
    "f1": "weighted_f1",
}


def loss_weight(paper_model: str) -> float:
    """Weight of the smoothing loss in the paper's recipe: only two of them hold it."""
    return LAMBDA if paper_model in ("feature_smoothing", "iconvnext_tiny") else 0.0


def of_paper(recipes: list[Recipe]) -> list[Recipe]:
    """Groups that stand beside a row of the paper on its data (or on the synthetic ones), with its loss weight."""
    own = [g for g in recipes if g.paper_model in MODELS and g.spec.dataset in ("alzheimer", "synthetic")]
    return [g for g in own if g.spec.loss.feature_smoothing == loss_weight(g.paper_model)]


def chosen(recipes: list[Recipe]) -> list[Recipe]:
    """Of recipes that differ in learning rate alone, the one of the highest validation accuracy (mean over seeds).

    On the first draw of the split.
    """

    def key(one: Recipe) -> tuple:
        spec = one.spec
        return one.paper_model, spec.model.backbone, spec.model.weights, spec.image_size, spec.epochs, spec.split.name

    def validated(one: Recipe) -> float:
        return float(np.mean([r.history["val_accuracy"].max() for r in one.records]))

    first = [r for r in recipes if r.spec.split.seed == 0]
    return [max(alike, key=validated) for alike in gather_by(first, key).values()]


def recipe(spec: RunSpec) -> str:
    """What tells two runs of one model apart here: learning rate and epochs."""
    return f"lr {spec.optimizer.lr:g}, {spec.epochs} epochs"


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    One recipe over its draws is one row. Test values are of the epoch that validation accuracy chose, as the paper's.
    Losses are read off the validation curve, mean over draws, with the least and the largest. The Base CNN's figures
    without a table are those of its case d (1e-3, 10 epochs).
    """
    rows, audited = [], fitting_rate(published(PAPER))
    for drawn in by_draw(of_paper(recipes)):
        group = drawn.first
        model, spec = group.paper_model, group.spec
        base = drawn.place() | {"deviations": deviations(PAPER, model, spec)}
        base["data"] = f"{base['data']}, {recipe(spec)}"
        base["read_as_audited"] = model == "base_cnn" or spec.optimizer.lr == audited
        case_d = (spec.optimizer.lr, spec.epochs) == (1e-3, 10)
        found = {f"table1.{model}.{name}": drawn.measure(metric, repeats) for name, metric in TABLE_1.items()}
        if model == "iconvnext_tiny":
            found |= _improved(drawn, repeats)
        elif model == "convnext_tiny":
            found["curves.convnext_tiny.val_loss.last"] = _loss(drawn, -1)
        elif case_d:
            found["curves.base_cnn.val_loss.last"] = _loss(drawn, -1)
            found["roc.base_cnn.best"] = drawn.measure(lambda p, w: np.fmax.reduce(auc(p, w)), repeats)
        for ident, value in found.items():
            rows.append({**base, "published_id": ident} | (value if isinstance(value, dict) else {"estimate": value}))
    return pd.DataFrame(rows)


def _improved(drawn: Drawn, repeats: int) -> dict[str, Estimate | dict]:
    """What the text and captions say of ICN-T: least and largest F1, single classes, validation accuracy and loss."""
    group = drawn.first
    found = {
        "confusion.f1.lowest": drawn.measure(lambda p, w: np.fmin.reduce(f1(p, w)), repeats),
        "confusion.f1.highest": drawn.measure(lambda p, w: np.fmax.reduce(f1(p, w)), repeats),
        # The last epoch's ("consistently above"), with the draws of its predictions.
        "overall.val_accuracy": {
            "n": group.records[0].info["n"]["val"],
            "estimate": drawn.measure("accuracy", repeats, "val").moved_to(
                [r.history["val_accuracy"].iloc[-1] for r in drawn.records.values()]
            ),
        },
    }
    if group.spec.epochs >= 6:
        found["curves.iconvnext_tiny.val_loss.sixth"] = _loss(drawn, 5)
    if "ModerateDemented" in group.classes:
        number = group.classes.index
        found["confusion.moderate.f1"] = drawn.measure(of_class("f1", number("ModerateDemented")), repeats)
        for name, dx in (("non", "NonDemented"), ("very_mild", "VeryMildDemented")):
            found[f"roc.iconvnext_tiny.{name}"] = drawn.measure(of_class("auc", number(dx)), repeats)
    return found


def _loss(drawn: Drawn, row: int) -> dict[str, float]:
    values = [r.history["val_loss"].iloc[row] for r in drawn.records.values()]
    n = drawn.first.records[0].info["n"]["val"]
    return {"n": n, "ours": float(np.mean(values)), "low": float(min(values)), "high": float(max(values))}
