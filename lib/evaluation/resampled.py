"""Metrics of classifiers on weighted resamples: one definition for a value (all weights one) and for its draws.

A metric is a function of :class:`Predictions` and weights float [L, B], how often each of L lesions is in each of B
draws; it gives float [B], NaN where it is undefined: where a class that the test set has is not drawn, say. Those of
``BY_CLASS`` give a row for each class, [K, B].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtr

from lib.core.errors import StudyError
from lib.evaluation import curves
from lib.evaluation.curves import ratio

BINS = 15


@dataclass(frozen=True, eq=False)
class Predictions:
    """``targets`` int64 [N] in 0..K-1, ``probs`` float64 [N, K], ``codes`` int64 [N] in 0..L-1: each image's lesion."""

    targets: np.ndarray
    probs: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, targets, probs, codes: np.ndarray) -> "Predictions":
        """Checked arrays.

        Raises:
            StudyError: shapes that do not fit, probabilities that are not finite, targets outside 0..K-1.
        """
        targets, probs = np.asarray(targets, dtype=np.int64), np.asarray(probs, dtype=np.float64)
        if probs.ndim != 2 or len(probs) != len(targets) or len(targets) == 0:
            got = f"{targets.shape} and {probs.shape}"
            raise StudyError(f"metrics need targets [N] and probabilities [N, K], got {got}.")
        if not np.isfinite(probs).all():
            raise StudyError("probabilities are not all finite: the training diverged; lower the learning rate.")
        if targets.min() < 0 or targets.max() >= probs.shape[1]:
            raise StudyError(f"targets run from {targets.min()} to {targets.max()}, outside 0..{probs.shape[1] - 1}.")
        return cls(targets, probs, codes)


Metric = Callable[[Predictions, np.ndarray], np.ndarray]


def by_lesion(columns: np.ndarray, codes: np.ndarray, lesions: int) -> np.ndarray:
    """Sums of ``columns`` [V, N] over the images of each lesion, float64 [V, L]."""
    return np.stack([np.bincount(codes, column, lesions) for column in columns])


def drawn_sums(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``sums`` [V, L] @ ``weights`` [L, B], float64 [V, B]; whole numbers in the weights' type: exact, and faster.

    Sparse, since a lesion's images fall into few cells or bins.
    """
    whole = (sums == sums.round()).all()
    return (csr_array(sums.astype(weights.dtype) if whole else sums) @ weights).astype(np.float64)


def confusion(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Weighted confusion matrix [K, K, B]: rows true, columns predicted."""
    k, lesions = p.probs.shape[1], len(weights)
    cell = p.targets * k + p.probs.argmax(axis=1)
    counts = np.bincount(cell * lesions + p.codes, minlength=k * k * lesions).reshape(k * k, lesions)
    return drawn_sums(counts, weights).reshape(k, k, -1)


def _counts(p: Predictions, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each class [K, B] the images right, true and called, and the total [B]."""
    matrix = confusion(p, weights)
    return np.einsum("kkb->kb", matrix), matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum(axis=(0, 1))


def sensitivity(p: Predictions, weights: np.ndarray) -> np.ndarray:
    hits, support, _, _ = _counts(p, weights)
    return ratio(hits, support)


def precision(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """NaN for a class that is never called."""
    hits, _, called, _ = _counts(p, weights)
    return ratio(hits, called)


def specificity(p: Predictions, weights: np.ndarray) -> np.ndarray:
    hits, support, called, total = _counts(p, weights)
    return 1 - ratio(called - hits, total - support)


def f1(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """NaN for a class without images."""
    hits, support, called, _ = _counts(p, weights)
    return ratio(2 * hits, np.where(support > 0, support + called, 0))


def accuracy_of_class(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Share of images that are rightly called this class or rightly another."""
    hits, support, called, total = _counts(p, weights)
    return ratio(total - support - called + 2 * hits, np.broadcast_to(total, hits.shape))


def auc(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """One-vs-rest area under the ROC curve; NaN without positives or without negatives."""
    return np.stack([auc_of(c)(p, weights) for c in range(p.probs.shape[1])])


def auc_of(number: int) -> Metric:
    """Area of one class against the rest, [B]."""
    return lambda p, weights: curves.roc_area(*_scores(p, number), weights)


def accuracy(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Share of images whose most probable class is the target."""
    return _mean(p.probs.argmax(axis=1) == p.targets, p, weights)


def averaged(by_class: Metric, weighted: bool = False) -> Metric:
    """Mean of ``by_class`` over the classes that occur, or weighted by their images.

    A class that occurs and is never called counts with precision 0.
    """

    def metric(p: Predictions, weights: np.ndarray) -> np.ndarray:
        support, values = _counts(p, weights)[1], by_class(p, weights)
        values = np.nan_to_num(values) if by_class is precision else values
        if weighted:
            return ratio((np.where(support > 0, values, 0) * support).sum(axis=0), support.sum(axis=0))
        return np.where(support > 0, values, np.nan)[np.unique(p.targets)].mean(axis=0)

    return metric


def macro_auc_ovr(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Mean area over the classes that occur; NaN where only one does."""
    occur = np.unique(p.targets)
    return np.mean([auc_of(c)(p, weights) for c in occur], axis=0)


def micro_auc(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Area of all (image, class) pairs pooled."""
    k = p.probs.shape[1]
    return curves.roc_area(np.eye(k, dtype=bool)[p.targets].ravel(), p.probs.ravel(), np.repeat(p.codes, k), weights)


def sensitivity_at(specificity: float, number: int) -> Metric:
    """Highest sensitivity to a class among thresholds, chosen in each draw anew, that keep at least ``specificity``."""
    return lambda p, weights: curves.sensitivity_at(specificity, *_scores(p, number), weights)


def average_precision(number: int) -> Metric:
    """Sum of precision times gain in recall for a class over falling thresholds (scikit-learn's definition)."""
    return lambda p, weights: curves.average_precision(*_scores(p, number), weights)


def _scores(p: Predictions, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return p.targets == number, p.probs[:, number], p.codes


def nll(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Mean negative log-likelihood in nats; infinite where a target has probability 0 (never, if from logits)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _mean(-np.log(p.probs[np.arange(len(p.targets)), p.targets]), p, weights)


def brier(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Mean squared distance between probabilities and the one-hot target, summed over classes (0..2)."""
    return _mean(((p.probs - np.eye(p.probs.shape[1])[p.targets]) ** 2).sum(axis=1), p, weights)


def ece(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """Calibration error of the top class, debiased: mean over images of |confidence - accuracy| in 15 equal bins.

    The plain one is positive by chance alone, by 0.8 standard errors of a bin's gap where the model is calibrated.
    Kumar, Liang and Ma (Verified uncertainty calibration, NeurIPS 2019; ``normal_debiased_ce`` of their code) subtract
    what normal noise adds to the gap seen, E|N(gap, se)| - |gap|, which takes away the fraction 1 / (1 + sqrt 2) of it.
    Times 1 + sqrt 2 it takes away all in a calibrated bin, nothing in a bin whose gap is clear, and at most 0.4
    standard errors too much between. Below 0: no error was found. The gap's variance is taken between lesions (which in
    a draw holds the drawing too); a bin of a single lesion says nothing and counts 0.
    """
    confidence = p.probs.max(axis=1)
    inside = np.minimum((confidence * BINS).astype(int), BINS - 1) == np.arange(BINS)[:, None]
    columns = np.concatenate([inside, inside * (confidence - (p.probs.argmax(axis=1) == p.targets))])
    n, gap = np.split(by_lesion(columns, p.codes, len(weights)), 2)
    size, total = np.split(drawn_sums(np.concatenate([n, gap]), weights), 2)
    mean = ratio(total, size)
    size_2, both, total_2 = np.split(drawn_sums(np.concatenate([n * n, n * gap, gap * gap]), weights * weights), 3)
    # L / (L - 1) of equal lesions is in it.
    left = ratio(total_2 - 2 * mean * both + mean**2 * size_2, size**2 - size_2)
    error, seen = np.sqrt(np.maximum(left, 0)), np.abs(mean)
    z = ratio(seen, error)
    noise = 2 * (error * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) - seen * ndtr(-z))
    debiased = seen - (1 + np.sqrt(2)) * np.where(error > 0, noise, 0)
    return ratio(np.where(np.isnan(left), 0, debiased * size).sum(axis=0), size.sum(axis=0))


def _mean(values: np.ndarray, p: Predictions, weights: np.ndarray) -> np.ndarray:
    total, n = drawn_sums(by_lesion(np.stack([values, np.ones(len(values))]), p.codes, len(weights)), weights)
    return ratio(total, n)


BY_CLASS: dict[str, Metric] = {
    "precision": precision,
    "sensitivity": sensitivity,
    "specificity": specificity,
    "f1": f1,
    "auc": auc,
}
METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "balanced_accuracy": averaged(sensitivity),
    "macro_f1": averaged(f1),
    "weighted_f1": averaged(f1, weighted=True),
    "macro_auc_ovr": macro_auc_ovr,
    "micro_auc": micro_auc,
    "nll": nll,
    "brier": brier,
    "ece": ece,
}
WIDER = (nll, brier, ece)  # all others lie between 0 and 1


def of_class(name: str, number: int) -> Metric:
    """A metric of ``BY_CLASS`` for one class, [B]."""
    return auc_of(number) if name == "auc" else lambda p, weights: BY_CLASS[name](p, weights)[number]
