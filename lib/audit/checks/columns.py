"""Cells of a table beside those of its other rows and columns."""

import math
from collections.abc import Mapping
from itertools import permutations
from statistics import median

from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Outcome, judged

LEAST_ROWS = 4  # an order that fewer rows show is chance


def in_range(values: Mapping[str, Rounded], low: float, high: float) -> Outcome:
    """Does every value lie in [low, high], the range that its quantity has?"""
    out = [f"{name} {v}" for name, v in values.items() if not v.meets(low, high)]
    text = f"Outside {low:g} to {high:g}: {', '.join(out)}." if out else f"All lie in {low:g} to {high:g}."
    return judged(not out, f"{low:g} to {high:g}", text)


def order_of_columns(rows: Mapping[str, Mapping[str, Rounded]], row: str) -> Outcome:
    """Does a row order its columns as all other rows do (recall below specificity, say)?

    ``rows``: row -> column -> value, all on one scale. A reversal counts if :data:`LEAST_ROWS` - 1 others agree and it
    is at least as wide as the narrowest of their gaps: exchanged cells reverse an order by about its usual width.
    """
    own, reversed_ = rows[row], []
    for a, b in permutations(own, 2):
        gaps = [r[a].value - r[b].value for name, r in rows.items() if name != row and {a, b} <= r.keys()]
        if len(gaps) >= LEAST_ROWS - 1 and min(gaps) > 0 and own[b].value - own[a].value >= min(gaps):
            reversed_.append(f"{a} {own[a]} is below {b} {own[b]}")
    text = (
        f"In this row alone, {'; '.join(reversed_)}." if reversed_ else "The columns have the order of the other rows."
    )
    return judged(not reversed_, "order of the other rows", text, "ambiguous")


def middle_of_interval(value: Rounded, low: Rounded, high: Rounded, limit: float = 0.15) -> Outcome:
    """Does the value lie near the middle of its resampling interval, within ``limit`` of the width?

    The ends of a percentile interval of 1,000 resamples scatter by about 3 % of the width, and the statistic's
    skewness shifts the middle by a few per cent more.
    """
    width = high.value - low.value
    off = (value.value - (low.value + high.value) / 2) / width if width else math.inf
    text = f"{value} lies {abs(off):.0%} of the width off the middle of [{low}, {high}]."
    return judged(abs(off) <= limit, f"within {limit:.0%}", text)


def like_widths(widths: Mapping[str, float], row: str, limit: float = 1.5) -> Outcome:
    """Is an interval as wide as those of the other rows (within a factor of ``limit`` of their median)?

    ``widths``: row -> width over the standard deviation of one case, which the number of cases alone decides.
    """
    ratio = widths[row] / median(widths.values())
    text = f"The interval is {ratio:.2f} times as wide as the other rows' for such a value."
    return judged(1 / limit <= ratio <= limit, f"within a factor of {limit:g}", text)
