"""The numbers that xia2025 prints, from run records."""

import numpy as np
import pandas as pd

from lib.evaluation.intervals import wilson
from lib.evaluation.metrics import bootstrap
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.published.values import load_published
from lib.records.seeds import SeedGroup

PAPER = "xia2025"
MODELS = ("iconvnext_tiny", "convnext_tiny", "base_cnn")
LAMBDA = 0.05
UNSTATED = {"base_cnn": "an architecture of this study's, since the paper gives none"}
TABLE_1 = ("accuracy", "precision", "recall", "f1")


def per_class(targets: np.ndarray, probs: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall, F1 (0 where undefined) and support of each class, [K]; fast enough for a bootstrap."""
    k = probs.shape[1]
    matrix = np.bincount(targets * k + probs.argmax(axis=1), minlength=k * k).reshape(k, k)
    hits, called, support = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    return {
        "precision": hits / np.maximum(called, 1),
        "recall": hits / np.maximum(support, 1),
        "f1": 2 * hits / np.maximum(called + support, 1),
        "support": support,
    }


def averaged(targets: np.ndarray, probs: np.ndarray, name: str) -> float:
    """A column of Table 1: class values weighted by support.

    The paper does not name the averaging; its recall equals its accuracy, as it does for this one alone.
    """
    values = per_class(targets, probs)
    return float(np.average(values["recall" if name == "accuracy" else name], weights=values["support"]))


def of_paper(groups: list[SeedGroup]) -> list[SeedGroup]:
    """Groups that stand beside a row of the paper on its data (or on the synthetic ones), with its loss weight."""
    return [
        g
        for g in groups
        if g.stands_for in MODELS
        and g.spec.dataset in ("alzheimer", "synthetic")
        and g.spec.loss.feature_smoothing == (LAMBDA if g.stands_for == "iconvnext_tiny" else 0)
    ]


def chosen(groups: list[SeedGroup]) -> list[SeedGroup]:
    """Of groups that differ in learning rate alone, the one of the highest validation accuracy (mean over seeds)."""
    best: dict[tuple, tuple[float, SeedGroup]] = {}
    for group in groups:
        spec = group.spec
        key = (group.stands_for, spec.model.backbone, spec.model.weights, spec.image_size, spec.epochs, spec.split.name)
        value = float(np.mean([r.history["val_accuracy"].max() for r in group.records]))
        if key not in best or value > best[key][0]:
            best[key] = (value, group)
    return [group for _, group in best.values()]


def recipe(spec: RunSpec) -> str:
    """What tells two runs of one model apart here: learning rate and epochs."""
    return f"lr {spec.optimizer.lr:g}, {spec.epochs} epochs"


def measured(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Test values are of the epoch that validation accuracy chose, as the paper's, with 95 % intervals over resampled
    subjects. Losses are read off the validation curve, mean over seeds, with the least and the largest seed's. The
    Base CNN's figures without a table are those of its case d (1e-3, 10 epochs).
    """
    rows = []
    for group in of_paper(groups):
        model, spec = group.stands_for, group.spec
        labels = group.labels()
        base = {
            "data": f"{labels['data']}, {recipe(spec)}",
            "split": labels["split"],
            "n": group.records[0].info["n"]["test"],
            "deviations": "; ".join(filter(None, (UNSTATED.get(model), deviations(PAPER, model, spec)))),
        }
        case_d = (spec.optimizer.lr, spec.epochs) == (1e-3, 10)
        found = {f"table1.{model}.{name}": _test(group, _averaged(name), repeats) for name in TABLE_1}
        if model == "iconvnext_tiny":
            found |= _improved(group, repeats)
        elif model == "convnext_tiny":
            found["curves.convnext_tiny.val_loss.last"] = _loss(group, -1)
        elif case_d:
            found |= {"curves.base_cnn.val_loss.last": _loss(group, -1),
                      "roc.base_cnn.best": _best_auc(group, repeats)}  # fmt: skip
        rows += [{**base, "published_id": ident, **value} for ident, value in found.items() if value]
    return pd.DataFrame(rows)


def published_values() -> pd.Series:
    """Published values by id."""
    return load_published(PAPER).set_index("id")["value"]


def _improved(group: SeedGroup, repeats: int) -> dict[str, dict]:
    """What the text and captions say of ICN-T: least and largest F1, single classes, validation accuracy and loss."""
    classes = group.records[0].classes
    found = {
        "confusion.f1.lowest": _test(group, lambda t, p: per_class(t, p)["f1"].min(), repeats),
        "confusion.f1.highest": _test(group, lambda t, p: per_class(t, p)["f1"].max(), repeats),
        "overall.val_accuracy": _validation_accuracy(group),
    }
    if group.spec.epochs >= 6:
        found["curves.iconvnext_tiny.val_loss.sixth"] = _loss(group, 5)
    if "ModerateDemented" in classes:
        number = classes.index("ModerateDemented")
        found["confusion.moderate.f1"] = _test(group, lambda t, p: per_class(t, p)["f1"][number], repeats)
        for name, dx in (("non", "NonDemented"), ("very_mild", "VeryMildDemented")):
            found[f"roc.iconvnext_tiny.{name}"] = _test(group, _auc(classes.index(dx)), repeats)
    return found


def _averaged(name: str):
    return lambda targets, probs: averaged(targets, probs, name)


def _auc(number: int):
    """One-vs-rest area of a class: the chance that one of its images scores higher than another (ties half)."""

    def area(targets: np.ndarray, probs: np.ndarray) -> float:
        positive = targets == number
        if not 0 < positive.sum() < len(targets):
            return float("nan")
        ranks = pd.Series(probs[:, number]).rank().to_numpy()
        n = positive.sum()
        return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(targets) - n)))

    return area


def _best_auc(group: SeedGroup, repeats: int) -> dict:
    areas = [_auc(c) for c in range(len(group.records[0].classes))]
    return _test(group, lambda t, p: np.nanmax([area(t, p) for area in areas]), repeats)


def _test(group: SeedGroup, metric, repeats: int) -> dict[str, float]:
    targets, stack, subjects = group.arrays("test")
    low, high = bootstrap(metric, targets, stack, subjects, repeats=repeats)
    return {"ours": float(np.mean([metric(targets, p) for p in stack])), "low": low, "high": high}


def _validation_accuracy(group: SeedGroup) -> dict[str, float]:
    """Mean over seeds of the last epoch's accuracy ("consistently above"), with Wilson's interval at n."""
    n = group.records[0].info["n"]["val"]
    value = float(np.mean([r.history["val_accuracy"].iloc[-1] for r in group.records]))
    low, high = wilson(value * n, n)
    return {"n": n, "ours": value, "low": low, "high": high}


def _loss(group: SeedGroup, row: int) -> dict[str, float]:
    values = [r.history["val_loss"].iloc[row] for r in group.records]
    n = group.records[0].info["n"]["val"]
    return {"n": n, "ours": float(np.mean(values)), "low": float(min(values)), "high": float(max(values))}
