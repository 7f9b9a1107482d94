"""Areas and points of ROC and precision-recall curves on weighted resamples, in one pass over the sorted scores.

Arguments: ``positive`` bool [N]; ``scores`` float [N]; ``codes`` int [N] in 0..L-1, the lesion of each image;
``weights`` [L, B], how often each lesion is in each of B draws. Results are float64 [B].
"""

from collections.abc import Iterator

import numpy as np


def roc_area(positive, scores, codes, weights) -> np.ndarray:
    """Area under the ROC curve, ties counted half; NaN without positives or without negatives."""
    area, (above, below) = np.zeros(weights.shape[1]), np.zeros_like(weights, shape=(2, weights.shape[1]))
    for up, down in _steps(positive, scores, codes, weights):
        if up is not None:
            area += up * (below if down is None else below + down / 2)
            above += up
        if down is not None:
            below += down
    return ratio(area, above.astype(np.float64) * below)


def sensitivity_at(specificity: float, positive, scores, codes, weights) -> np.ndarray:
    """Highest sensitivity among thresholds, chosen in each draw anew, that keep at least ``specificity``."""
    allowed = (1 - specificity) * weights[codes[~positive]].sum(axis=0, dtype=np.float64) + 1e-9
    found, called, wrong = np.zeros((3, weights.shape[1]))
    for up, down in _steps(positive, -scores, codes, weights):
        if up is not None:
            called += up
        if down is not None:
            wrong += down
        np.copyto(found, called, where=wrong <= allowed)
    return ratio(found, called)


def average_precision(positive, scores, codes, weights) -> np.ndarray:
    """Sum of precision times gain in recall over falling thresholds (scikit-learn's definition)."""
    area, hits, called = np.zeros((3, weights.shape[1]))
    for up, down in _steps(positive, -scores, codes, weights):
        for part in (up, down):
            if part is not None:
                called += part
        if up is not None:
            hits += up
            area += up * np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    return ratio(area, hits)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``, NaN where ``whole`` is 0."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.full(shape, np.nan), where=whole > 0)


def _steps(positive, scores, codes, weights) -> Iterator[tuple[np.ndarray | None, np.ndarray | None]]:
    """Weights [B] of the positives and of the negatives at each distinct score, rising; None where there are none."""
    order = np.argsort(scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=np.inf) > 0) + 1
    codes, positive = codes[order], positive[order]
    start = 0
    for end in ends.tolist():
        if end - start == 1:  # without a tie, the usual case, nothing is copied
            own = weights[codes[start]]
            yield (own, None) if positive[start] else (None, own)
        else:
            tied, up = weights[codes[start:end]], positive[start:end]
            yield tied[up].sum(axis=0) if up.any() else None, tied[~up].sum(axis=0) if not up.all() else None
        start = end
