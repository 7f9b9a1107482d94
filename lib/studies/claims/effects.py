"""First minus second of a contrast, draw by draw, as one estimate in points."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib.evaluation.ensembles import combine
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate
from lib.evaluation.resampled import METRICS, Metric, Predictions, sensitivity
from lib.records.runs import Record

POINTS = 100.0
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def lowest_sensitivity(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Sensitivity of the class that is found least often, [B]."""
    return np.nanmin(sensitivity(p, weights), axis=0)


def metric_of(name: str, dx: Sequence[str], classes: tuple[str, ...], mix: Sequence[float] = ()) -> Metric:
    """The weighted metric behind a claim's measure; ``mix`` [K]: class shares to which accuracy is standardized."""
    if name == "sensitivity":
        rows = [classes.index(d) for d in dx]
        return lambda p, weights: np.nanmean(sensitivity(p, weights)[rows], axis=0)
    if name == "accuracy_at_one_class_mix":
        return lambda p, weights: np.nansum(np.array(mix)[:, None] * sensitivity(p, weights), axis=0)
    return {**METRICS, "lowest_sensitivity": lowest_sensitivity}[name]


def arrays_of(record: Record, side: Mapping[str, Any], subset: str) -> Arrays:
    """(targets, probabilities, lesions) that a side is measured on."""
    return record.arrays(side.get("subset", subset), "final" if side.get("epoch") == "last" else "best")


def majority(arrays: Arrays) -> Arrays:
    """The same images with all probability on their largest class: the constant answer."""
    targets, probs, lesions = arrays
    return targets, np.eye(probs.shape[1])[np.full(len(targets), np.bincount(targets).argmax())], lesions


def class_mix(record: Record, subset: str) -> np.ndarray:
    """Class shares [K] of a subset."""
    targets, probs, _ = record.arrays(subset)
    return np.bincount(targets, minlength=probs.shape[1]) / len(targets)


def pooled(records: list[Record], side: Mapping[str, Any], subset: str) -> Arrays:
    """As :func:`arrays_of` of an ensemble's members together, or of the one that is best on validation."""
    targets, _, lesions = records[0].arrays(subset)
    val_targets = records[0].arrays("val")[0]
    val = np.stack([r.arrays("val")[1] for r in records])
    test = np.stack([r.arrays(subset)[1] for r in records])
    if side.get("member") == "best":
        right = (val.argmax(axis=2) == val_targets).mean(axis=1)
        return targets, test[int(np.argmax(right))], lesions
    return targets, combine(side["ensemble"], val_targets, val, test), lesions


def measured(metric: Metric, arrays: Arrays) -> Estimate:
    return estimate(metric, *arrays) * POINTS


@functools.lru_cache(maxsize=4096)
def of_side(
    record: Record, name: str, dx: tuple, mix: tuple, subset: str, side: tuple[tuple[str, Any], ...]
) -> Estimate:
    """The measure ``name`` of one record as a side (its items) asks for it, in points; kept: pairs share sides."""
    asked = dict(side)
    arrays = arrays_of(record, asked, subset)
    metric = metric_of(name, dx, record.classes, mix)
    if "constant" not in asked:
        return measured(metric, arrays)
    if asked["constant"] == "majority":
        return measured(metric, majority(arrays))
    return measured(metric, arrays) * 0 + float(asked["constant"])
