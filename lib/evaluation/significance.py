"""Do two models err on the same images? McNemar's test on paired predictions; and p values of several tests."""

from dataclasses import dataclass

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar as _mcnemar
from statsmodels.stats.multitest import multipletests

from lib.core.errors import StudyError

EXACT_BELOW = 25  # discordant images; with fewer the chi-square approximation is poor


@dataclass(frozen=True)
class McNemar:
    """``b``: images that only the first model classifies correctly, ``c``: only the second; ``p``: two-sided.

    ``method``: ``exact`` (binomial) or ``chi2`` (with continuity correction).
    """

    b: int
    c: int
    p: float
    method: str


def mcnemar(targets, probs_a, probs_b) -> McNemar:
    """McNemar's test of two models on the same images; McNemar, Psychometrika 12 (1947).

    Exact where b + c < 25, else chi-square with continuity correction. Without any discordant image p is 1. Images
    count as independent: several photographs of one lesion make p too small.

    Args:
        targets: int [N] in 0..K-1; probs_a, probs_b: float [N, K], of which the largest column is the prediction.

    Raises:
        StudyError: shapes that do not fit.
    """
    targets, probs_a, probs_b = (np.asarray(x) for x in (targets, probs_a, probs_b))
    if targets.ndim != 1 or probs_a.ndim != 2 or probs_a.shape != probs_b.shape or len(probs_a) != len(targets):
        shapes = ", ".join(str(x.shape) for x in (targets, probs_a, probs_b))
        raise StudyError(f"McNemar's test needs targets [N] and two tables [N, K] of the same images, got {shapes}.")
    right_a, right_b = (p.argmax(axis=1) == targets for p in (probs_a, probs_b))
    table = [[np.sum(x & y) for y in (right_b, ~right_b)] for x in (right_a, ~right_a)]
    b, c = int(table[0][1]), int(table[1][0])
    exact = b + c < EXACT_BELOW
    found = _mcnemar(table, exact=exact, correction=True)
    return McNemar(b, c, float(min(found.pvalue, 1.0)), "exact" if exact else "chi2")


def holm(p) -> np.ndarray:
    """Holm's adjusted p values [T], in the given order; Holm, Scandinavian Journal of Statistics 6:65 (1979)."""
    return multipletests(p, method="holm")[1] if len(p) else np.empty(0)
