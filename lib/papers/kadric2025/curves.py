"""Next check 3: precision against recall for every head and class weight, with the points where they operate."""

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve

from lib.evaluation.resampled import average_precision
from lib.papers.kadric2025.heads import features, full_size
from lib.papers.kadric2025.settings import setting
from lib.records.seeds import Recipe, measure

RECALL = np.linspace(0.01, 1, 100)
ASKED = (0.8, 0.9)  # sensitivity asked for on validation images


def variants(recipes: list[Recipe]) -> list[Recipe]:
    """Heads and class weights of EfficientNetV2-L's row on the newest clean edition at the full size."""
    return [g for g in full_size(recipes) if g.paper_model == "efficientnetv2_l"]


def variant_name(recipe: Recipe) -> str:
    return f"{setting(recipe.spec)}, {features(recipe)}"


def curve(targets: np.ndarray, stack: np.ndarray, number: int) -> np.ndarray:
    """Precision of class ``number`` (one against the rest) at the levels ``RECALL``, mean over runs, [100].

    At each level the precision of the lowest recall not below it that the run can reach (no interpolation).
    """
    curves = []
    for probs in stack:
        precision, recall, _ = precision_recall_curve(targets == number, probs[:, number])
        # sklearn orders by falling recall; of equal recalls the last has the highest threshold.
        place = len(recall) - 1 - np.searchsorted(recall[::-1], RECALL - 1e-12)
        curves.append(precision[place])
    return np.mean(curves, axis=0)


def class_curves(recipe: Recipe) -> dict[str, np.ndarray]:
    """:func:`curve` of every class on test images."""
    targets, stack, _ = recipe.arrays("test")
    return {dx: curve(targets, stack, k) for k, dx in enumerate(recipe.classes) if (targets == k).any()}


def precision_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per variant and class: average precision with its 95 % interval, and where the argmax operates."""
    rows = []
    for g in variants(recipes):
        targets, stack, _ = g.arrays("test")
        for number, dx in enumerate(g.classes):
            positive = targets == number
            if not positive.any():
                continue
            rows.append(
                {
                    "variant": variant_name(g),
                    "dx": dx,
                    "support": int(positive.sum()),
                    **measure(g, average_precision(number), repeats).row("average_precision", "low", "high"),
                    **_operating(positive, stack.argmax(axis=2) == number),
                }
            )
    return pd.DataFrame(rows)


def melanoma_points(recipes: list[Recipe]) -> pd.DataFrame:
    """Operating points for melanoma: the argmax, and thresholds fixed on validation images; means over seeds.

    ``rule`` "recall 0.8 on validation": the highest threshold of the melanoma probability that finds that share of
    validation melanomas; on test images it may find more or fewer. Flagged: share of test images called melanoma.
    """
    rows = []
    for g in variants(recipes):
        (targets, stack, _), (val_targets, val, _) = (g.arrays(subset) for subset in ("test", "val"))
        number = g.classes.index("mel")
        positive, of_val = targets == number, val_targets == number
        rules = {"argmax": stack.argmax(axis=2) == number}
        for asked in ASKED:
            thresholds = [threshold(of_val, p[:, number], asked) for p in val]
            rules[f"recall {asked} on validation"] = stack[:, :, number] >= np.array(thresholds)[:, None]
        for rule, called in rules.items():
            row = {"variant": variant_name(g), "rule": rule, "melanomas": int(positive.sum())}
            rows.append({**row, **_operating(positive, called)})
    return pd.DataFrame(rows)


def threshold(positive: np.ndarray, scores: np.ndarray, recall: float) -> float:
    """The highest score that, as a threshold, finds at least the share ``recall`` of the positives (and one)."""
    found = np.sort(scores[positive])[::-1]
    return float(found[max(1, int(np.ceil(recall * len(found) - 1e-9))) - 1])


def weighting_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Effv4 against Effv3 for each class: is it another model, or another point on the same curve?

    ``ap_difference``: average precision of Effv4 less that of Effv3 on the same test images, with its 95 % interval.
    ``precision_effv3_moved``: Effv3's precision where its threshold is lowered until it finds as many test images of
    the class as Effv4's argmax (an oracle's threshold: it shows the curve, no rule that could be used).
    """
    by_backbone: dict[tuple, dict[str, Recipe]] = {}
    for g in full_size(recipes):
        if features(g) == "pooled" and setting(g.spec) in ("effv3", "effv4"):
            by_backbone.setdefault((g.paper_model, g.spec.model.backbone), {})[setting(g.spec)] = g
    rows = []
    for (model, backbone), pair in by_backbone.items():
        if set(pair) != {"effv3", "effv4"}:
            continue
        both = pair["effv3"], pair["effv4"]
        targets, plain, _ = both[0].arrays("test")
        for number, dx in enumerate(both[0].classes):
            positive = targets == number
            if not positive.any():
                continue
            points = [_operating(positive, one.arrays("test")[1].argmax(axis=2) == number) for one in both]
            moved = [threshold(positive, p[:, number], points[1]["recall"]) for p in plain]
            ap = [measure(one, average_precision(number), repeats) for one in both]
            rows.append(
                {
                    "model": model,
                    "backbone": backbone,
                    "dx": dx,
                    "support": int(positive.sum()),
                    "ap_effv3": ap[0].value,
                    "ap_effv4": ap[1].value,
                    **(ap[1] - ap[0]).row("ap_difference", "low", "high"),
                    **{f"{k}_{n}": p[k] for n, p in zip(("effv3", "effv4"), points, strict=True) for k in POINT[:2]},
                    "precision_effv3_moved": np.mean(
                        [positive[p[:, number] >= t].mean() for p, t in zip(plain, moved, strict=True)]
                    ),
                }
            )
    return pd.DataFrame(rows)


POINT = ("recall", "precision", "flagged")


def _operating(positive: np.ndarray, called: np.ndarray) -> dict[str, float]:
    """Recall, precision (over the runs that call the class at all; NaN if none) and share of images called, means.

    ``positive``: bool [N]; ``called``: bool [S, N] of S runs.
    """
    precision = [positive[c].mean() for c in called if c.any()]
    values = np.mean([c[positive].mean() for c in called]), np.mean(precision) if precision else np.nan, np.mean(called)
    return dict(zip(POINT, map(float, values), strict=True))
