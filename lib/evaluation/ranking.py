"""Are several methods different, and which from which? Ranks over blocks, and the critical difference (Demšar 2006)."""

import numpy as np
from scipy import stats

from lib.core.errors import StudyError


def average_ranks(scores: np.ndarray) -> np.ndarray:
    """Mean rank of each method over blocks; ``scores`` [B, M], higher is better, 1 is best, ties share their ranks."""
    return stats.rankdata(-np.asarray(scores, float), axis=1).mean(axis=0)


def friedman(scores: np.ndarray) -> tuple[float, float]:
    """Friedman's chi-square and p that all methods rank alike over the blocks of ``scores`` [B, M].

    Raises:
        StudyError: fewer than three methods or two blocks.
    """
    scores = np.asarray(scores, float)
    if scores.ndim != 2 or scores.shape[1] < 3 or len(scores) < 2:
        raise StudyError(f"Friedman's test needs scores of 2 blocks and 3 methods or more, got {scores.shape}.")
    if (scores == scores[:, :1]).all():
        return 0.0, 1.0
    found = stats.friedmanchisquare(*scores.T)
    return float(found.statistic), float(found.pvalue)


def critical_difference(methods: int, blocks: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of two mean ranks: q sqrt(k (k + 1) / (6 N)), q from the studentized range.

    Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 7:1 (2006), equation 6.
    """
    if methods < 2 or blocks < 1:
        raise StudyError(f"a critical difference needs 2 methods and a block, got {methods} and {blocks}.")
    q = stats.studentized_range.ppf(1 - alpha, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * blocks)))


def cliques(ranks: np.ndarray, difference: float) -> list[tuple[int, ...]]:
    """Largest sets of methods, by rank, of which no two are ``difference`` or more apart; single methods left out."""
    order = np.argsort(ranks, kind="stable")
    found: list[tuple[int, ...]] = []
    for start in range(len(order)):
        own = [i for i in order[start:] if ranks[i] - ranks[order[start]] < difference]
        if len(own) > 1 and not any(set(own) <= set(other) for other in found):
            found.append(tuple(int(i) for i in own))
    return found


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p values, in the given order."""
    from statsmodels.stats.multitest import multipletests

    return multipletests(p, method="holm")[1] if len(p) else np.empty(0)
