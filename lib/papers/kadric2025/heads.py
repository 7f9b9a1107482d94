"""Heads, class weights and architectures on one edition (next checks 2 and 3), and the paper's own comparisons."""

import numpy as np
import pandas as pd

from lib.evaluation.estimates import smallest_detectable
from lib.papers.kadric2025.contrasts import scores
from lib.papers.kadric2025.factors import NEWEST, overfitting
from lib.papers.kadric2025.settings import HEADS, LOW, PAPER, data_name, is_clean, largest, low_pixels, pixels, setting
from lib.published.values import published_values
from lib.records.names import network
from lib.records.seeds import Recipe, measure

UNTESTED = "not tested"  # a larger network that a smaller one stands for


def full_size(recipes: list[Recipe]) -> list[Recipe]:
    """Runs on the newest clean edition, at the full size and detail."""
    return [g for g in recipes if g.spec.split.name in NEWEST and pixels(g.spec) == largest(g.spec)]


def features(recipe: Recipe) -> str:
    grid = recipe.spec.model.feature_grid
    return f"map {grid}x{grid}" if grid else "pooled"


def head_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per backbone, head and feature: published accuracy (EfficientNetV2-L only) beside ours.

    Every edition of DermaMNIST-C that was run, at the full size.
    """
    published = published_values(PAPER)
    rows = []
    for g in recipes:
        if not is_clean(g.spec) or pixels(g.spec) != largest(g.spec):
            continue
        own = HEADS.get(setting(g.spec)) if g.paper_model == "efficientnetv2_l" else None
        label = g.labels()
        rows.append(
            {
                **{k: label[k] for k in ("model", "backbone", "weights")},
                "data": data_name(g.spec),
                "head": setting(g.spec),
                "features": features(g),
                "seeds": label["seeds"],
                "n": g.n,
                "parameters": g.records[0].info["parameters_trained"],
                "published": published[own] if own else np.nan,
                **scores(g, repeats),
                **overfitting(g),
            }
        )
    return pd.DataFrame(rows).sort_values(["data", "model", "features", "head"], ignore_index=True)


def architecture_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Every backbone with Effv3 on pooled features, and its accuracy less that of EfficientNetV2-L's row.

    On the same test images and seeds, so that the difference is paired (``d_seeds``: how many both have).
    """
    plain = [g for g in full_size(recipes) if setting(g.spec) == "effv3" and features(g) == "pooled"]
    base = next((measure(g, "accuracy", repeats) for g in plain if g.paper_model == "efficientnetv2_l"), None)
    rows = []
    for g in plain:
        label = g.labels()
        row = {k: label[k] for k in ("model", "backbone", "weights", "seeds")}
        row |= {"data": data_name(g.spec), "n": g.n, **scores(g, repeats)}
        if base and g.paper_model != "efficientnetv2_l":
            gap = measure(g, "accuracy", repeats) - base
            row |= gap.row("difference", "d_low", "d_high") | {"d_seeds": len(gap.runs)}
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.astype({c: "Int64" for c in ("d_seeds",) if c in table})


def claims(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """The differences that the paper's conclusions rest on, published beside ours with 95 % intervals.

    ``agrees``: whether our interval lies on the published side of zero, on the other, or on both; ``not tested``
    where the claim is of a network's size and another stands for it.
    """
    published = published_values(PAPER)
    rows = []
    for claim, (first, second), (a, b) in _pairs(recipes):
        theirs = published[(HEADS | LOW)[first]] - published[(HEADS | LOW)[second]]
        ours = measure(a, "accuracy", repeats) - measure(b, "accuracy", repeats)
        sign = (np.sign(theirs) * ours).sign
        label = a.labels()
        one = label["backbone"] == b.labels()["backbone"]
        agrees = {"higher": "yes", "lower": "no", "undecided": "open"}[sign]
        rows.append(
            {
                "claim": claim,
                "backbone": label["backbone"] if one else "both",
                "data": " against ".join(dict.fromkeys((data_name(a.spec), data_name(b.spec)))),
                "pixels": " against ".join(dict.fromkeys((str(pixels(a.spec)), str(pixels(b.spec))))),
                "features": features(a),
                "published": theirs,
                **ours.row("ours", "low", "high"),
                "smallest_seen": smallest_detectable(ours),
                "seeds": len(ours.runs),
                "interval_of": ours.speaks_of,
                "agrees": agrees if one or a.paper_model in label["backbone"] else UNTESTED,
            }
        )
    return pd.DataFrame(rows)


def _pairs(recipes: list[Recipe]):
    """(claim, published names, our runs) of every comparison that has both sides with all else alike."""
    effnet = [g for g in recipes if g.paper_model == "efficientnetv2_l"]
    for kind in ("pooled", "map"):
        heads = {setting(g.spec): g for g in full_size(effnet) if features(g).startswith(kind)}
        for second, claim in (("effv1", "dense head above convolutions"), ("effv4", "class weights cost accuracy")):
            if {"effv3", second} <= set(heads):
                yield claim, ("effv3", second), (heads["effv3"], heads[second])
    own = [g for g in recipes if not is_clean(g.spec) and setting(g.spec) == "effv3"]
    lowest = [g for g in own if pixels(g.spec) == low_pixels(g.spec)]
    for a in lowest:
        for b in lowest:
            alike = a.spec.model.feature_grid == b.spec.model.feature_grid and a.spec.image_size == b.spec.image_size
            if alike and (a.paper_model, b.paper_model) == ("efficientnetv2_l", "resnet50"):
                claim = f"{network(a.spec.model.backbone)} above ResNet-50 at 28 px"
                yield claim, (a.paper_model, b.paper_model), (a, b)
    best = {(g.spec.model, g.spec.image_size): g for g in full_size(effnet) if setting(g.spec) == "effv3"}
    for a in best.values():
        for b in lowest:
            if a.spec.model == b.spec.model:
                fed = "enlarged" if b.spec.preprocessing.detail_px else "input"
                yield f"DermaMNIST-C at 224 px above DermaMNIST at 28 px {fed}", ("effv3", b.paper_model), (a, b)
