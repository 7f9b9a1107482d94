"""Accuracies of two parts of a test set at one class mix (direct standardization)."""

from dataclasses import replace

import numpy as np

from lib.evaluation.curves import ratio
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import from_sums
from lib.records.seeds import over_runs

LEAST = 10  # lesions of each part, without which two parts are not compared


def common_weights(n: np.ndarray) -> np.ndarray:
    """Shares of the classes in all parts together, float64 [K], 0 for a class that any part lacks.

    ``n`` [K, P]: images of each class in each part. NaN if they have no class in common.
    """
    n = np.asarray(n, float)
    total = np.where((n > 0).all(axis=1), n.sum(axis=1), 0.0)
    return total / total.sum() if total.sum() else np.full(len(n), np.nan)


def standardized(hits: np.ndarray, n: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Accuracy of each part if its classes were as frequent as ``weights`` [K] says.

    ``hits`` and ``n`` are [K, P, ...]; the result is [P, ...], NaN where a class with weight has no image.
    """
    used = np.isfinite(weights) & (weights > 0)
    if not used.any():
        return np.full(np.shape(hits)[1:], np.nan)
    return np.tensordot(weights[used], ratio(np.asarray(hits, float), np.asarray(n, float))[used], axes=1)


def two_parts(recipe, part: np.ndarray, names: tuple[str, str], repeats: int) -> dict[str, object]:
    """Class-standardized accuracy of the test images with ``part`` (bool [N]) and of the others, and their difference.

    Returns:
        ``n_<name>``, ``<name>`` with 95 % interval of both, and ``difference`` with its own; {} where either part has
        fewer than ``LEAST`` lesions.
    """
    targets, _, lesions = recipe.arrays("test")
    if min(len(np.unique(lesions[mask])) for mask in (part, ~part)) < LEAST:
        return {}
    k = len(recipe.classes)
    member = np.eye(2 * k)[2 * targets + ~part].T  # class by class: with, without
    weights = common_weights(member.sum(axis=1).reshape(k, 2))

    def of_run(targets, probs, lesions) -> list[Estimate]:
        columns = np.concatenate([member * (probs.argmax(axis=1) == targets), member])
        found = from_sums(lambda s: standardized(*s.reshape(2, k, 2, -1), weights), columns, lesions, Plan(repeats))
        return [replace(e, bounds=(0.0, 1.0)) for e in found]

    first, second = over_runs(recipe, of_run)
    row = {f"n_{names[0]}": int(part.sum()), f"n_{names[1]}": int((~part).sum())}
    return row | first.row(names[0]) | second.row(names[1]) | (first - second).row("difference")
