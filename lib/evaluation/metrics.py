"""Metrics of stored predictions: the values of ``lib.evaluation.resampled``, where their definitions stand.

Inputs: ``targets`` int64 [N] in 0..K-1; ``probs`` float [N, K], rows summing to one; ``groups`` [N]: lesions,
which the calibration error alone asks for (None: every image for itself). Wrong input raises StudyError.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from lib.evaluation import resampled
from lib.evaluation.resampled import BINS, BY_CLASS, Predictions


def values(metric: resampled.Metric, targets, probs, groups=None) -> np.ndarray:
    """Of a metric of ``lib.evaluation.resampled``: float64 [], or [K] if it gives a row for each class."""
    codes = np.arange(len(targets)) if groups is None else pd.factorize(np.asarray(groups))[0]
    return metric(Predictions.of(targets, probs, codes), np.ones((codes.max(initial=0) + 1, 1)))[..., 0]


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Float64 class probabilities [N, K] of logits [N, 1] (sigmoid of the second class) or [N, K] (softmax)."""
    logits = np.asarray(logits, np.float64)
    if logits.shape[1] == 1:
        p = expit(logits)
        return np.concatenate([1 - p, p], axis=1)
    return softmax(logits, axis=1)


def _point(metric: resampled.Metric) -> Callable[..., float]:
    return lambda targets, probs, groups=None: float(values(metric, targets, probs, groups))


METRICS = {name: _point(metric) for name, metric in resampled.METRICS.items()}
accuracy, balanced_accuracy, macro_auc_ovr = (METRICS[n] for n in ("accuracy", "balanced_accuracy", "macro_auc_ovr"))


def summarize(targets, probs, groups=None) -> dict[str, float | None]:
    """All metrics of one set, with its size ``n``; a metric that is undefined or infinite is None."""
    found = {name: metric(targets, probs, groups) for name, metric in METRICS.items()}
    return {"n": len(targets), **{name: v if np.isfinite(v) else None for name, v in found.items()}}


def classification_report(targets, probs, classes: tuple[str, ...]) -> pd.DataFrame:
    """Per class: precision, sensitivity, specificity, f1, one-vs-rest auc and support (NaN where undefined)."""
    report = pd.DataFrame({"dx": classes, **{name: values(m, targets, probs) for name, m in BY_CLASS.items()}})
    return report.assign(support=np.bincount(targets, minlength=len(classes)))


def confusion_matrix(targets, probs) -> np.ndarray:
    """Counts int64 [K, K]: rows true, columns predicted."""
    return values(resampled.confusion, targets, probs).astype(np.int64)


def reliability(targets, probs) -> pd.DataFrame:
    """Equal bins of confidence: ``low``, ``high``, ``n``, mean ``confidence`` and ``accuracy``; empty ones left out."""
    confidence = probs.max(axis=1)
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    frame = pd.DataFrame({"bin": number, "confidence": confidence, "accuracy": np.argmax(probs, axis=1) == targets})
    bins = frame.groupby("bin")
    means = bins.mean()
    ends = {"low": means.index / BINS, "high": (means.index + 1) / BINS}
    return pd.DataFrame({**ends, "n": bins.size(), **means}).reset_index(drop=True)
