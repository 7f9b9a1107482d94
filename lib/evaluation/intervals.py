"""Confidence intervals of a proportion of ``k`` successes in ``n`` independent trials.

``k`` is a count, or p n of a proportion p that is known to some decimals only.
"""

from statsmodels.stats.proportion import proportion_confint

from lib.core.errors import StudyError


def _interval(k: float, n: int, level: float, method: str) -> tuple[float, float]:
    if n <= 0 or not 0 <= k <= n:
        raise StudyError(f"k = {k} of n = {n} is no proportion: give n > 0 and 0 <= k <= n.")
    if not 0 < level < 1:
        raise StudyError(f"confidence level {level} is not between 0 and 1: write 0.95 for 95 %.")
    low, high = proportion_confint(k, n, alpha=1 - level, method=method)
    return float(low), float(high)


def wilson(k: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval (low, high) as fractions in [0, 1]; Wilson, JASA 22 (1927).

    Its mean coverage is close to ``level`` also for small n and for proportions near 0 or 1.
    Raises StudyError unless 0 <= k <= n, n > 0 and 0 < level < 1.
    """
    return _interval(k, n, level, "wilson")


def clopper_pearson(k: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval (low, high) as fractions in [0, 1]; Clopper and Pearson, Biometrika 26 (1934).

    Its coverage is never below ``level``, so it is wider than :func:`wilson`. Raises as :func:`wilson`.
    """
    return _interval(k, n, level, "beta")
