"""Grad-CAM's numbers by model and class, with intervals over lesions."""

import pandas as pd

from lib.evaluation.draws import Plan
from lib.evaluation.measure import mean_of
from lib.studies.explain.measure import Cams
from lib.studies.explain.scores import SCORES


def localization_table(cams: list[Cams], repeats: int, by_class: bool = False) -> pd.DataFrame:
    """One row per model and score (and class): Grad-CAM's mean, the baselines', and the differences to them.

    ``energy_inside``: share of the map's energy inside the lesion mask, for which a flat map scores ``area``, the
    mask's mean share of the image; ``pointing``: share of images whose maximum lies inside; ``iou``: overlap of the
    mask with as many highest pixels. ``gaussian``: a centred Gaussian; ``random``: the same architecture untrained.
    ``empty``: share of images whose map is zero everywhere, which scores 0. Means over images drawn equally many a
    class where the test set has them; images with an empty mask are left out of ``n``. Differences are paired.
    """
    rows = []
    for cam in cams:
        scored = cam.images[cam.images["area"] > 0]
        for dx in dict.fromkeys(scored["dx"]) if by_class else ("all",):
            part = scored if dx == "all" else scored[scored["dx"] == dx]
            shared = {"dx": dx, "n": len(part), "layer": cam.setting["layer"], "cells": cam.setting["cells"]}
            shared |= {"empty": part["empty"].mean(), "area": part["area"].mean()}
            for name in SCORES:
                rows.append({**cam.labels(), **shared, "score": name, **_against_baselines(part, name, repeats)})
    return pd.DataFrame(rows)


def _against_baselines(part: pd.DataFrame, name: str, repeats: int) -> dict[str, float]:
    own = mean_of(part[name], part["group"], Plan(repeats))
    row = own.row("gradcam", "low", "high")
    for baseline in ("gaussian", "random"):
        other = mean_of(part[f"{name}_{baseline}"], part["group"], Plan(repeats))
        row |= {baseline: other.value} | (own - other).row(f"minus_{baseline}")
    return row


def faithfulness_table(cams: list[Cams], repeats: int) -> pd.DataFrame:
    """One row per model and curve: area under it when pixels go (or come) in the CAM's order and in random order.

    The curve is the probability of the class that the whole image is given, over the fraction of pixels. A map that
    shows what the prediction rests on has a smaller area under deletion and a larger one under insertion than random
    regions: ``better`` is the paired difference in the wanted direction, with its 95 % interval.
    """
    rows = []
    for cam in cams:
        images = cam.images
        for curve, sign in (("deletion", -1), ("insertion", 1)):
            areas = (images[f"{curve}_{order}"] for order in ("cam", "random"))
            ours, random = (mean_of(area, images["group"], Plan(repeats)) for area in areas)
            row = {**cam.labels(), "n": len(images), "curve": curve, **ours.row("gradcam", "low", "high")}
            rows.append(row | {"random": random.value} | (sign * (ours - random)).row("better"))
    return pd.DataFrame(rows)
