"""Recomputed sums, differences and ratios on made-up numbers."""

from lib.audit.checks.arithmetic import difference, ratio, relative_change, same, share, total
from lib.audit.checks.rounding import Rounded, rounded
from tests.fakes.outcomes import verdicts

A, B = rounded("0.91"), rounded("0.87")
OLD, NEW = rounded("1.00"), rounded("1.25")
PLACES = ["text", "table"]

test_verdicts = verdicts(
    (difference, (rounded("0.04"), A, B), "consistent"),
    (difference, (rounded("0.07"), A, B), "inconsistent", "0.0300 to 0.0500"),
    (difference, (rounded("0.045"), A, B), "consistent"),
    (difference, (rounded("0.06"), A, B, 0.01), "ambiguous"),  # means of resamples drawn apart
    (difference, (rounded("0.06"), A, B, 0.001), "inconsistent"),
    (ratio, (rounded("2.00"), rounded("10.0"), rounded("5.0")), "consistent"),
    (ratio, (rounded("2.50"), rounded("10.0"), rounded("5.0")), "inconsistent"),
    (relative_change, (rounded("0.25"), NEW, OLD), "consistent"),
    (relative_change, (rounded("0.20"), NEW, OLD), "inconsistent", "relative to 1.25"),
    (relative_change, (rounded("0.75"), rounded("25.0"), rounded("100.0")), "consistent"),
    (total, (6, [1, 2, 3]), "consistent"),
    (total, (7, [1, 2, 3]), "inconsistent"),
    (share, (rounded("33.3", 100), 1, 3), "consistent"),
    (share, (rounded("33.4", 100), 1, 3), "inconsistent"),
    (same, ([rounded("92", 100), rounded("0.9167")], PLACES), "consistent"),
    (same, ([rounded("92", 100), rounded("0.9149")], PLACES), "inconsistent"),
    (same, ([Rounded(10, 0.0, "ten"), rounded("10")], PLACES), "consistent"),
    (same, ([rounded("89.10", 100), rounded("0.8909")], PLACES), "inconsistent", "89.10 (text)"),  # neighbouring digits
)


def test_the_other_denominator_is_named_where_it_fits_alone():
    assert "relative to" not in relative_change(rounded("0.90"), NEW, OLD).explanation
