"""95 % intervals of a proportion of ``k`` successes in ``n`` independent trials, as fractions in [0, 1].

``k`` is a count, or p n of a proportion p that is known to some decimals only. Both raise StudyError unless n > 0 and
0 <= k <= n.
"""

from statsmodels.stats.proportion import proportion_confint

from lib.core.errors import StudyError


def wilson(k: float, n: int) -> tuple[float, float]:
    """Wilson's score interval (low, high); Wilson, JASA 22 (1927). Its mean coverage is close to 95 % also for small n
    and for proportions near 0 or 1."""
    return _interval(k, n, "wilson")


def clopper_pearson(k: float, n: int) -> tuple[float, float]:
    """The exact interval (low, high); Clopper and Pearson, Biometrika 26 (1934). Its coverage is never below 95 %, so
    that it is wider than :func:`wilson`."""
    return _interval(k, n, "beta")


def _interval(k: float, n: int, method: str) -> tuple[float, float]:
    if n <= 0 or not 0 <= k <= n:
        raise StudyError(f"k = {k} of n = {n} is no proportion: give n > 0 and 0 <= k <= n.")
    low, high = proportion_confint(k, n, method=method)
    return float(low), float(high)
