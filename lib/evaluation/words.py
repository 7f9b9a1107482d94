"""Estimates as words: how every notebook tells an effect, with its interval and what could have been seen."""

import math
from collections.abc import Iterable

from lib.evaluation.estimates import Estimate, smallest_detectable


def points(value: float, low: float, high: float, unit: str = " points") -> str:
    """``+1.7 points [+0.4, +3.0]``; arguments in points."""
    return f"{value:+z.1f}{unit} [{low:+z.1f}, {high:+z.1f}]"


def effect(value: float, low: float, high: float, smallest: float = math.nan) -> str:
    """``**+1.7 points** [+0.4, +3.0]``, or ``no difference seen (…)`` where the interval holds zero; all in points.

    ``smallest``: the smallest effect that these runs could have seen (80 % power), told where none was seen.
    """
    if low > 0 or high < 0:
        return brief(value, low, high, " points")
    seen = f"; detectable from {smallest:.1f} on" if math.isfinite(smallest) else ""
    return f"no difference seen ({points(value, low, high)}{seen})"


def brief(value: float, low: float, high: float, unit: str = "") -> str:
    """``**-1.6 points** [-3.0, -0.2]``, bold where the interval leaves out zero, for lists; ``unit``: `` points``."""
    bold = "**" if low > 0 or high < 0 else ""
    return f"{bold}{value:+z.1f}{unit}{bold} [{low:+z.1f}, {high:+z.1f}]"


def draws(n: float) -> str:
    """``1 draw``, ``3 draws``."""
    return f"{n:.0f} draw{'s' if n > 1 else ''}"


def would_show(smallest: Iterable[float]) -> str:
    """From which size on such runs would have seen an effect (80 % power); ``smallest`` in points."""
    known = [value for value in smallest if math.isfinite(value)]
    if not known:
        return ""
    size = " to ".join(dict.fromkeys(f"{value:.1f}" for value in (min(known), max(known))))
    return f"Effects of {size} points would have shown."


def told(estimate: Estimate, scale: float = 100.0) -> str:
    """:func:`effect` of an estimate; ``scale`` makes points of it, 100 for a fraction."""
    low, high = estimate.interval()
    return effect(scale * estimate.value, scale * low, scale * high, scale * smallest_detectable(estimate))


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
