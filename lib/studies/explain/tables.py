"""Grad-CAM's numbers by model and class, with intervals over resampled lesions."""

import numpy as np
import pandas as pd

from lib.evaluation.metrics import group_rows
from lib.studies.explain.measure import MAPS, Cams
from lib.studies.explain.scores import SCORES

ORDERS = ("cam", "random")


def mean_interval(values, groups, repeats: int) -> tuple[float, float, float]:
    """Mean of the defined values and its 95 % percentile interval over resampled groups; NaN where none is defined."""
    values = np.asarray(values, float)
    kept = ~np.isnan(values)
    if not kept.any():
        return np.nan, np.nan, np.nan
    values = values[kept]
    members = group_rows(np.asarray(groups)[kept], len(values))
    sums, counts = np.array([(values[m].sum(), len(m)) for m in members]).T
    draws = np.random.default_rng(0).integers(len(members), size=(repeats, len(members)))
    # Means alone need no resampled images, only their sums: many tables, and much faster than by metric.
    low, high = np.percentile(sums[draws].sum(axis=1) / counts[draws].sum(axis=1), [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def localization_table(cams: list[Cams], repeats: int, by_class: bool = False) -> pd.DataFrame:
    """A row a model and score (and class): Grad-CAM's mean, the baselines', and the differences to them.

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
    mean, low, high = mean_interval(part[name], part["group"], repeats)
    row = {"gradcam": mean, "low": low, "high": high}
    for baseline in MAPS[1:]:
        other = part[f"{name}_{baseline}"]
        gain, low, high = mean_interval(part[name] - other, part["group"], repeats)
        row |= {baseline: other.mean(), f"minus_{baseline}": gain}
        row |= {f"minus_{baseline}_low": low, f"minus_{baseline}_high": high}
    return row


def faithfulness_table(cams: list[Cams], repeats: int) -> pd.DataFrame:
    """A row a model and curve: area under it when pixels go (or come) in the CAM's order and in random order.

    The curve is the probability of the class that the whole image is given, over the fraction of pixels. A map that
    shows what the prediction rests on has a smaller area under deletion and a larger one under insertion than random
    regions: ``better`` is the paired difference in the wanted direction, with its 95 % interval.
    """
    rows = []
    for cam in cams:
        images = cam.images
        for curve, sign in (("deletion", -1), ("insertion", 1)):
            ours, random = (images[f"{curve}_{order}"] for order in ORDERS)
            mean, low, high = mean_interval(ours, images["group"], repeats)
            gain, gain_low, gain_high = mean_interval(sign * (ours - random), images["group"], repeats)
            rows.append(
                {
                    **cam.labels(),
                    "n": len(images),
                    "curve": curve,
                    "gradcam": mean,
                    "low": low,
                    "high": high,
                    "random": random.mean(),
                    "better": gain,
                    "better_low": gain_low,
                    "better_high": gain_high,
                }
            )
    return pd.DataFrame(rows)


def outcome_table(cams: list[Cams], repeats: int) -> pd.DataFrame:
    """A row a model and outcome (``right``, ``wrong`` prediction): energy inside the mask, with its interval."""
    rows = []
    for cam in cams:
        scored = cam.images[cam.images["area"] > 0]
        right = scored["predicted"] == scored["target"]
        for outcome, part in (("right", scored[right]), ("wrong", scored[~right])):
            mean, low, high = mean_interval(part["energy_inside"], part["group"], repeats)
            rows.append(
                {**cam.labels(), "prediction": outcome, "n": len(part), "energy_inside": mean, "low": low, "high": high}
            )
    return pd.DataFrame(rows)
