"""Printed numbers as intervals, and GRIM, on made-up proportions."""

import pytest

from lib.audit.checks.rounding import (
    Rounded,
    counts_behind,
    fitting_n,
    grim,
    grim_power,
    grim_together,
    range_text,
    rounded,
    which_n,
)
from tests.fakes.outcomes import verdicts

VALUES = [rounded("0.333"), rounded("0.250")]  # of 12 or 24 cases

test_verdicts = verdicts(
    (grim, (rounded("0.43"), 7), "consistent"),
    (grim, (rounded("0.45"), 7), "inconsistent", "3/7 = 0.43, 4/7 = 0.57"),
    (grim_together, (VALUES, 24, 100), "consistent"),
    (grim_together, (VALUES, 20, 30), "inconsistent", "n = 12, 24"),
    (grim_together, ([rounded("0.51"), rounded("0.33")], 3, 3), "inconsistent", "no n"),
    (which_n, (VALUES, {"old": 12, "new": 13}), "consistent", "old"),
    (which_n, (VALUES, {"old": 12, "new": 24}), "ambiguous"),
    (which_n, (VALUES, {"old": 11, "new": 13}), "inconsistent"),
)


def test_rounded_reads_precision_and_scale():
    assert (rounded("0.92").value, rounded("0.92").half) == (0.92, 0.005)
    percent = rounded("92.73", 100)
    assert percent.value == pytest.approx(0.9273) and percent.half == pytest.approx(0.00005)
    assert str(percent) == "92.73" and str(Rounded(0.5, 0.0)) == "0.5"


def test_both_roundings_of_a_tie_are_allowed():
    assert rounded("0.12").holds(0.125) and rounded("0.13").holds(0.125)
    assert not rounded("0.12").holds(0.1251)


def test_meets():
    assert rounded("0.9").meets(0.94, 0.99) and not rounded("0.9").meets(0.96, 0.99)


def test_counts_behind():
    assert list(counts_behind(rounded("0.667"), 3)) == [2]
    assert not counts_behind(rounded("0.60"), 3)
    assert list(counts_behind(rounded("1.00"), 4)) == [4]
    assert list(counts_behind(rounded("0.5"), 20)) == [9, 10, 11]


def test_grim_power_is_the_share_of_impossible_values():
    possible = {round(k / 30, 2) for k in range(31)}
    assert grim_power(rounded("0.50"), 30) == pytest.approx(1 - len(possible) / 100, abs=0.02)
    assert grim_power(rounded("0.50"), 500) == 0


def test_fitting_n():
    assert fitting_n(VALUES, range(1, 30)) == [12, 24]


def test_range_text():
    assert range_text(0.123, 0.1234, 2) == "0.12" and range_text(0.1, 0.2, 1) == "0.1 to 0.2"
