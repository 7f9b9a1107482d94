"""First minus second of a contrast, draw by draw, as one estimate in points."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.evaluation.draws import DEFAULT
from lib.evaluation.ensembles import apply_temperature, combine, temperature
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate, mean_of
from lib.evaluation.resampled import METRICS, Metric, Predictions, sensitivity
from lib.evaluation.scatter import logits_within_share
from lib.records.measurements import Measurement, measurements_of
from lib.records.runs import Record, stacked
from lib.studies.compression.tables import by_round, drawn_ratios, one_hot

POINTS = 100.0
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]

MEASURED = {"map": "gradcam", "variant": "compression"}
"""Fields of a side that a stored measurement of the run answers, and its kind; of ``latency`` it is that."""
MAPS = {"model": "energy_inside", "centred_gaussian": "energy_inside_gaussian",
        "random_network": "energy_inside_random", "flat": "area"}  # fmt: skip


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
    return {**METRICS, "lowest_sensitivity": lowest_sensitivity, "within_share": logits_within_share}[name]


def arrays_of(record: Record, side: Mapping[str, Any], subset: str) -> Arrays:
    """(targets, probabilities, lesions) that a side is measured on."""
    epoch = "final" if side.get("epoch") == "last" else "best"
    targets, probs, lesions = record.arrays(side.get("subset", subset), epoch)
    if side.get("temperature") == "fitted":
        val_targets, val, _ = record.arrays("val")
        probs = apply_temperature(probs, temperature(val_targets, val))
    return targets, probs, lesions


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
    targets, test, lesions = stacked(records, subset)
    val_targets, val, _ = stacked(records, "val")
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
    if kind := kind_of(name, asked):
        return of_measurement(measurement_of(record, kind), asked)
    if name == "nll_rise":
        last, best = (of_side(record, "nll", dx, mix, subset, (("epoch", e), *side)) for e in ("last", "best"))
        return last - best
    arrays = arrays_of(record, asked, subset)
    metric = metric_of(name, dx, record.classes, mix)
    if "constant" not in asked:
        return measured(metric, arrays)
    if asked["constant"] == "majority":
        return measured(metric, majority(arrays))
    return measured(metric, arrays) * 0 + float(asked["constant"])


def kind_of(measure: str, side: Mapping[str, Any]) -> str | None:
    """Kind of the stored measurement that answers ``measure`` of a side; None where predictions do."""
    kinds = [MEASURED[key] for key in side if key in MEASURED]
    return measure if kinds and measure == "latency" else next(iter(kinds), None)


def measurement_of(record: Record, kind: str) -> Measurement | None:
    """The record's measurement of ``kind``, of the most images if there are several; None without one."""
    found = measurements_of(record.folder.parent.parent, kind, record.spec.run_id)
    return max(found, key=lambda m: m.info["key"].get("per_class", 0), default=None)


def timed_on(record: Record) -> str:
    """The kind of device of a record's timings, ``CPU``."""
    stored = measurement_of(record, "latency")
    return str(stored.info["key"]["device"]).upper() if stored else ""


def of_measurement(stored: Measurement, side: Mapping[str, Any]) -> Estimate:
    """Energy inside the lesion of the side's ``map``, or accuracy or time of its compressed ``variant``, in points."""
    if "map" in side:
        images = stored.table("images")
        return mean_of(images[MAPS[side["map"]]], images["group"]) * POINTS
    name = "base" if side["variant"] == "original" else side["variant"]
    if stored.info["kind"] == "latency":
        return _time(stored.table("times"), name)
    predicted = stored.table("predictions")
    lesions = predicted["group"].to_numpy()
    return estimate("accuracy", predicted["target"].to_numpy(), one_hot(predicted, name), lesions) * POINTS


def _time(times: pd.DataFrame, name: str) -> Estimate:
    """Median time of a variant's largest batch in per cent of the uncompressed network's, over resampled rounds."""
    largest = times[times["batch"] == times["batch"].max()]
    own, base = by_round(largest, name), by_round(largest, "base")
    ratios = drawn_ratios(own, base, DEFAULT.repeats)
    return Estimate(DEFAULT, np.array([np.median(own) / np.median(base)]), lambda: ratios[None]) * POINTS


def order_agreement(best_to_worst: Sequence[Estimate]) -> Estimate:
    """Kendall's tau between the estimates and their given order, in points: 100 for the same, -100 for the reverse."""

    def tau(values: np.ndarray) -> np.ndarray:  # [M, ...]
        signs = [np.sign(a - b) for a, b in itertools.combinations(values, 2)]
        return np.mean(signs, axis=0) * POINTS

    values = tau(np.stack([e.values for e in best_to_worst]))
    return replace(
        best_to_worst[0],
        values=values,
        bounds=(-POINTS, POINTS),
        draw=lambda: tau(np.stack([e.by_run for e in best_to_worst])),
    )
