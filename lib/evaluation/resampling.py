"""The bootstrap of ``lib.evaluation.metrics`` for many metrics and models at once: the same intervals, without its
loop.

Resampled groups are held as how often each image is drawn, weights float64 [R, N], and every metric is computed for all
R resamples by array arithmetic. Drawn with the seeds of ``lib.evaluation.metrics.bootstrap``, so that both give the
same numbers.
"""

from collections.abc import Callable

import numpy as np

from lib.evaluation.metrics import group_rows

Resampled = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
BLOCK = 2**17  # numbers worked on at once: what a processor's cache holds


def draw_weights(groups, n: int, repeats: int, seed: int = 0) -> np.ndarray:
    """How often each of ``n`` images is in each resample of groups (images where ``groups`` is None), [R, N]."""
    rng = np.random.default_rng(seed)
    members = group_rows(groups, n)
    of_image = np.empty(n, dtype=np.int64)
    for number, rows in enumerate(members):
        of_image[rows] = number
    draws = (rng.integers(len(members), size=len(members)) for _ in range(repeats))
    return np.stack([np.bincount(draw, minlength=len(members))[of_image] for draw in draws]).astype(np.float64)


def resampled_sums(values: np.ndarray, groups, repeats: int, seed: int = 0) -> np.ndarray:
    """Column sums of ``values`` [N, V] in each resample, [R, V]: every ratio of sums then has its interval."""
    return draw_weights(groups, len(values), repeats, seed) @ np.asarray(values, np.float64)


def accuracy(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of right images in each resample, [R]."""
    return weights @ (probs.argmax(axis=1) == targets) / weights.sum(axis=1)


def balanced_accuracy(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean sensitivity over the classes in each resample, [R]."""
    right = probs.argmax(axis=1) == targets
    of_class = np.eye(probs.shape[1])[targets]
    with np.errstate(invalid="ignore"):
        return np.nanmean((weights @ (of_class * right[:, None])) / (weights @ of_class), axis=1)


def weighted_f1(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """F1 of the classes, weighted by their images in the resample, [R]."""
    unit = np.eye(probs.shape[1])
    true, called = unit[targets], unit[probs.argmax(axis=1)]
    hits, support, named = (weights @ x for x in (true * called, true, called))
    f1 = 2 * hits / np.maximum(support + named, 1)
    return (f1 * support).sum(axis=1) / support.sum(axis=1)


def macro_auc_ovr(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean one-vs-rest area over the classes that have positives and negatives in the resample, [R]."""
    areas = np.stack([auc(targets == c, probs[:, c], weights) for c in range(probs.shape[1])])
    return np.nanmean(areas, axis=0)


def micro_auc(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area of all (image, class) pairs pooled, [R]."""
    k = probs.shape[1]
    return auc(np.eye(k, dtype=bool)[targets].ravel(), probs.ravel(), weights, repeat=k)


def ece(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray, bins: int = 15) -> np.ndarray:
    """Expected calibration error as ``lib.evaluation.metrics.ece``, [R]."""
    confidence = probs.max(axis=1)
    gap = confidence - (probs.argmax(axis=1) == targets)
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return np.abs(weights @ (np.eye(bins)[number] * gap[:, None])).sum(axis=1) / weights.sum(axis=1)


METRICS: dict[str, Resampled] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "weighted_f1": weighted_f1,
    "macro_auc_ovr": macro_auc_ovr,
    "micro_auc": micro_auc,
    "ece": ece,
}


def resampled(name: str, targets: np.ndarray, stack: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean over the S runs of ``stack`` [S, N, K] of the metric ``name`` in each resample, [R]."""
    return np.mean([METRICS[name](targets, probs, weights) for probs in stack], axis=0)


def interval(values: np.ndarray, level: float = 0.95, around: float | None = None) -> tuple[float, float]:
    """Bounds of the central ``level`` of the defined ``values``; NaN where there is none.

    ``around``: the estimate to which the resamples' median is moved. A calibration error needs it: every resample adds
    noise to each bin, and so to the mean of absolute differences, which can put the estimate below all resamples.
    """
    defined = values[~np.isnan(values)]
    if around is not None and len(defined):
        defined = np.maximum(defined - np.median(defined) + around, 0)
    if not len(defined):
        return float("nan"), float("nan")
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


def auc(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray, repeat: int = 1) -> np.ndarray:
    """Area under the ROC curve in each resample, ties counted half; NaN without positives or negatives.

    ``repeat``: how many consecutive ``scores`` belong to one column of ``weights``.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0])
    sign, column = positive[order], order // repeat
    areas = []
    step = max(1, BLOCK // len(scores))
    for first in range(0, len(weights), step):
        drawn = weights[first : first + step, column]
        up = np.add.reduceat(drawn * sign, starts, axis=1)
        down = np.add.reduceat(drawn * ~sign, starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            areas.append((up * below).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1)))
    return np.concatenate(areas)
