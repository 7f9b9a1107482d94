"""Metrics of stored predictions, with intervals that respect lesions.

Inputs throughout: ``targets`` int64 [N] in 0..K-1; ``probs`` float [N, K], rows summing to one.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import expit, softmax
from sklearn import metrics as sk

from lib.core.errors import StudyError

Metric = Callable[[np.ndarray, np.ndarray], float]


def _check(targets: np.ndarray, probs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    targets, probs = np.asarray(targets, dtype=np.int64), np.asarray(probs, dtype=np.float64)
    if probs.ndim != 2 or len(probs) != len(targets) or len(targets) == 0:
        raise StudyError(f"metrics need targets [N] and probabilities [N, K], got {targets.shape} and {probs.shape}.")
    if not np.isfinite(probs).all():
        raise StudyError("probabilities are not all finite: the training diverged; lower the learning rate.")
    if targets.min() < 0 or targets.max() >= probs.shape[1]:
        raise StudyError(f"targets run from {targets.min()} to {targets.max()}, outside 0..{probs.shape[1] - 1}.")
    return targets, probs


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Float64 class probabilities [N, K] of logits [N, 1] (sigmoid of the second class) or [N, K] (softmax)."""
    logits = np.asarray(logits, np.float64)
    if logits.shape[1] == 1:
        p = expit(logits)
        return np.concatenate([1 - p, p], axis=1)
    return softmax(logits, axis=1)


def accuracy(targets, probs) -> float:
    """Share of images whose most probable class is the target."""
    return float((np.argmax(probs, axis=1) == targets).mean())


def balanced_accuracy(targets, probs) -> float:
    """Mean sensitivity over the classes that occur."""
    predicted = np.argmax(probs, axis=1)
    return float(np.mean([(predicted[targets == c] == c).mean() for c in np.unique(targets)]))


def _average_f1(average: str) -> Metric:
    def score(targets, probs) -> float:
        labels = np.arange(np.shape(probs)[1])
        return float(sk.f1_score(targets, np.argmax(probs, 1), labels=labels, average=average, zero_division=0))

    return score


def macro_auc_ovr(targets, probs) -> float:
    """Mean one-vs-rest area under the ROC curve over classes with both positives and negatives; NaN without any."""
    areas = [
        sk.roc_auc_score(targets == c, probs[:, c])
        for c in range(probs.shape[1])
        if 0 < (targets == c).sum() < len(targets)
    ]
    return float(np.mean(areas)) if areas else float("nan")


def micro_auc(targets, probs) -> float:
    """Area under the ROC curve of all (image, class) pairs pooled."""
    return float(sk.roc_auc_score(np.eye(probs.shape[1])[targets].ravel(), probs.ravel()))


def ece(targets, probs, bins: int = 15) -> float:
    """Expected calibration error of the top class: ``bins`` equal-width bins of confidence, weighted by count."""
    confidence = probs.max(axis=1)
    hit = np.argmax(probs, axis=1) == targets
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(number, weights=confidence - hit, minlength=bins)
    return float(np.abs(gap).sum() / len(targets))


def reliability(targets, probs, bins: int = 15) -> pd.DataFrame:
    """The bins of :func:`ece`: ``low``, ``high`` (of confidence), ``n``, mean ``confidence`` and ``accuracy``.

    Empty bins are left out; the mean of |confidence - accuracy| weighted by ``n`` is the calibration error.
    """
    confidence = probs.max(axis=1)
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    frame = pd.DataFrame({"bin": number, "confidence": confidence, "accuracy": np.argmax(probs, axis=1) == targets})
    table = frame.groupby("bin").agg(
        n=("bin", "size"), confidence=("confidence", "mean"), accuracy=("accuracy", "mean")
    )
    table.insert(0, "low", table.index / bins)
    table.insert(1, "high", (table.index + 1) / bins)
    return table.reset_index(drop=True)


def nll(targets, probs) -> float:
    """Mean negative log-likelihood in nats; probabilities below 1e-7 count as 1e-7."""
    return float(-np.log(np.maximum(probs[np.arange(len(targets)), targets], 1e-7)).mean())


def brier(targets, probs) -> float:
    """Mean squared distance between probabilities and the one-hot target, summed over classes (0..2)."""
    return float(((probs - np.eye(probs.shape[1])[targets]) ** 2).sum(axis=1).mean())


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": _average_f1("macro"),
    "weighted_f1": _average_f1("weighted"),
    "macro_auc_ovr": macro_auc_ovr,
    "micro_auc": micro_auc,
    "nll": nll,
    "brier": brier,
    "ece": ece,
}


def summarize(targets, probs) -> dict[str, float | None]:
    """All metrics of one set, with its size ``n``; a metric that is undefined is None."""
    targets, probs = _check(targets, probs)
    values = {name: metric(targets, probs) for name, metric in METRICS.items()}
    return {"n": len(targets), **{name: None if np.isnan(v) else v for name, v in values.items()}}


def classification_report(targets, probs, classes: tuple[str, ...]) -> pd.DataFrame:
    """Per class: precision, sensitivity, specificity, f1, one-vs-rest auc and support (NaN where undefined)."""
    targets, probs = _check(targets, probs)
    matrix = confusion_matrix(targets, probs)
    hit, support, called = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        report = pd.DataFrame(
            {
                "dx": classes,
                "precision": hit / called,
                "sensitivity": hit / support,
                "specificity": 1 - (called - hit) / (len(targets) - support),
                "f1": 2 * hit / (called + support),
            }
        )
    report["auc"] = [
        sk.roc_auc_score(targets == c, probs[:, c]) if 0 < support[c] < len(targets) else np.nan
        for c in range(len(classes))
    ]
    report["support"] = support
    return report


def confusion_matrix(targets, probs) -> np.ndarray:
    """Counts int64 [K, K]: rows true, columns predicted."""
    k = np.shape(probs)[1]
    return sk.confusion_matrix(targets, np.argmax(probs, axis=1), labels=np.arange(k)).astype(np.int64)


def bootstrap(
    metric: Metric, targets, probs, groups=None, *, repeats: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Percentile interval of ``metric`` over resampled groups (lesions), or images where ``groups`` is None.

    Photographs of one lesion are not independent: resampling images would make the interval too narrow.
    ``probs`` may be [S, N, K], S runs on the same images: the interval is then of their mean metric. Resamples on
    which the metric is undefined are left out.
    """
    stack = _stack(targets, probs)
    targets = np.asarray(targets)
    values = _resampled(
        lambda rows: np.mean([metric(targets[rows], p[rows]) for p in stack]), groups, len(targets), repeats, seed
    )
    return _percentiles(values, level)


def paired_difference(
    metric: Metric, targets, first, second, groups=None, *, repeats: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """``metric(first) - metric(second)`` on the same images, with its 95 % percentile interval over groups."""
    targets, first = _check(targets, first)
    targets, second = _check(targets, second)

    def difference(rows) -> float:
        return metric(targets[rows], first[rows]) - metric(targets[rows], second[rows])

    low, high = _percentiles(_resampled(difference, groups, len(targets), repeats, seed), 0.95)
    return difference(slice(None)), low, high


def _percentiles(values: np.ndarray, level: float) -> tuple[float, float]:
    """Bounds of the central ``level`` of the defined values; NaN where there is none."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return float("nan"), float("nan")
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


def _stack(targets, probs) -> list[np.ndarray]:
    probs = np.asarray(probs, dtype=np.float64)
    return [_check(targets, p)[1] for p in (probs if probs.ndim == 3 else probs[None])]


def _resampled(statistic: Callable, groups, n: int, repeats: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    members = group_rows(groups, n)
    draws = (rng.integers(len(members), size=len(members)) for _ in range(repeats))
    return np.array([statistic(np.concatenate([members[i] for i in draw])) for draw in draws])


def group_rows(groups, n: int) -> list[np.ndarray]:
    """Row numbers of each group; every image its own group where ``groups`` is None."""
    if groups is None:
        return list(np.arange(n)[:, None])
    if len(groups) != n:
        raise StudyError(f"{len(groups)} groups for {n} images: give one group an image.")
    codes = pd.factorize(np.asarray(groups))[0]
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
