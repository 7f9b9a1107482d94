"""Cells of a results table beside those of its other rows and columns: bounds, orders, swapped and copied cells."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from statistics import median

from lib.audit.checks.rounding import Rounded, range_text
from lib.audit.finding import Outcome, judged

LEAST_ROWS = 4  # an order that fewer rows show is chance


def _harmonic(p: float, r: float) -> float:
    return 2 * p * r / (p + r) if p + r > 0 else 0.0


def f1_of_class(precision: Rounded, recall: Rounded, f1: Rounded) -> Outcome:
    """Is a class's F1 the harmonic mean of its precision and recall?"""
    low = _harmonic(max(precision.low, 0.0), max(recall.low, 0.0))
    high = _harmonic(precision.high, recall.high)
    implied = f"{low:.4f} to {high:.4f}"
    return judged(f1.meets(low, high), implied, f"2PR/(P + R) lies in {implied}; printed is {f1}.")


def averaged_f1(precision: Rounded, recall: Rounded, f1: Rounded) -> Outcome:
    """Does an averaged F1 lie between P + R − 1 and 2PR/(P + R) of the averaged precision and recall?

    The harmonic mean is concave, so that by Jensen's inequality its average is at most that of the averages; and
    2pr/(p + r) >= p + r − 1 in every class, which averaging keeps. Both hold for any weights of the classes.
    """
    low, high = precision.low + recall.low - 1, _harmonic(precision.high, recall.high)
    implied = f"{low:.4f} to {high:.4f}"
    text = f"An average of F1 lies between P + R − 1 and 2PR/(P + R), {implied}; printed is {f1}."
    return judged(f1.meets(low, high), implied, text)


def specificity_range(correct: int, supports: Sequence[int]) -> tuple[float, float]:
    """Smallest and largest macro specificity that ``correct`` right answers allow.

    Each error is one false positive of some class, at most as many per class as it has negatives, and costs
    1/(n − support) there: the cheapest and the dearest classes are filled first.
    """
    n, k = sum(supports), len(supports)
    ends = []
    for cheapest_first in (False, True):
        errors, loss = n - correct, 0.0
        for negatives in sorted((n - s for s in supports), reverse=cheapest_first):
            taken = min(errors, negatives)
            loss += taken / negatives
            errors -= taken
        ends.append(1 - loss / k)
    return ends[0], ends[1]


def specificity_bound(specificity: Rounded, correct: Sequence[int], supports: Sequence[int]) -> Outcome:
    """Can the printed macro specificity belong to a number of right answers among ``correct``?"""
    low = min(specificity_range(c, supports)[0] for c in correct)
    high = max(specificity_range(c, supports)[1] for c in correct)
    implied = f"{low:.4f} to {high:.4f}"
    errors = sum(supports) - max(correct)
    text = f"{errors} errors of {sum(supports)} leave a macro specificity of {implied}; printed is {specificity}."
    return judged(specificity.meets(low, high), implied, text)


def weighted_recall(accuracy: Rounded, recall: Rounded) -> Outcome:
    """The support-weighted recall is the accuracy: do both printings agree?"""
    text = f"Support-weighted recall equals accuracy by definition; printed are {recall} and {accuracy}."
    return judged(recall.meets(accuracy.low, accuracy.high), str(accuracy), text)


def violations(row: Mapping[str, Rounded], correct: Sequence[int] = (), supports: Sequence[int] = ()) -> list[str]:
    """Names of the bounds that a row of averaged values breaks (``f1``, ``specificity``)."""
    bounds = {}
    if {"precision", "recall", "f1"} <= row.keys():
        bounds["f1"] = averaged_f1(row["precision"], row["recall"], row["f1"])
    if "specificity" in row and correct:
        bounds["specificity"] = specificity_bound(row["specificity"], correct, supports)
    return [name for name, outcome in bounds.items() if outcome.verdict != "consistent"]


def swapped_columns(row: Mapping[str, Rounded], correct: Sequence[int] = (), supports: Sequence[int] = ()) -> Outcome:
    """If a row of averaged values breaks a bound: does exchanging two of its cells mend it?

    ``row``: quantity name -> value. One such pair: typo. Several or none: inconsistent.
    """
    broken = violations(row, correct, supports)
    if not broken:
        return Outcome("consistent", "as printed", "The row keeps the bounds on averaged F1 and specificity.")
    mended = []
    for a, b in combinations(row, 2):
        if row[a].value != row[b].value and not violations({**row, a: row[b], b: row[a]}, correct, supports):
            mended.append((a, b))
    problem = f"The printed {' and '.join(broken)} cannot belong to the row's other values"
    if len(mended) == 1:
        a, b = mended[0]
        text = f"{problem}; exchanging {a} and {b} mends it ({a} = {row[b]}, {b} = {row[a]})."
        return Outcome("typo", f"{a} and {b} exchanged", text)
    pairs = "; ".join(f"{a} and {b}" for a, b in mended) or "no exchange"
    return Outcome("inconsistent", pairs, f"{problem}; exchanges that mend it: {pairs}.")


def copied_cell(name: str, published: Rounded, expected: Sequence[float], others: Mapping[str, Rounded]) -> Outcome:
    """A cell that differs from what the counts imply: is it equal to a neighbouring cell?

    ``others``: the neighbouring cells of row and column by name. A copy is a typo, because the counts give the value.
    """
    low, high = min(expected), max(expected)
    implied = range_text(low, high, 4)
    if any(published.holds(x) for x in expected):
        return Outcome("consistent", implied, f"{name} follows from the counts.")
    twins = [other for other, value in others.items() if abs(value.value - published.value) < 1e-12]
    text = f"The counts imply {implied} for {name}; printed is {published}"
    if twins:
        return Outcome("typo", implied, f"{text}, which is the value of {' and '.join(twins)}.")
    return Outcome("inconsistent", implied, f"{text}, and no neighbouring cell has that value.")


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
