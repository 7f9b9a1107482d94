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


def test_grim():
    assert grim(rounded("0.43"), 7).verdict == "consistent"
    failed = grim(rounded("0.45"), 7)
    assert failed.verdict == "inconsistent"
    assert failed.implied == "3/7 = 0.43, 4/7 = 0.57"


def test_fitting_n():
    values = [rounded("0.333"), rounded("0.250")]
    assert fitting_n(values, range(1, 30)) == [12, 24]


def test_grim_together():
    values = [rounded("0.333"), rounded("0.250")]
    assert grim_together(values, 24, 100).verdict == "consistent"
    failed = grim_together(values, 20, 30)
    assert failed.verdict == "inconsistent" and failed.implied == "n = 12, 24"
    assert grim_together([rounded("0.51"), rounded("0.33")], 3, 3).implied == "no n"


def test_which_n():
    values = [rounded("0.333"), rounded("0.250")]
    one = which_n(values, {"old": 12, "new": 13})
    assert one.verdict == "consistent" and one.implied == "old"
    assert which_n(values, {"old": 12, "new": 24}).verdict == "ambiguous"
    assert which_n(values, {"old": 11, "new": 13}).verdict == "inconsistent"


def test_range_text():
    assert range_text(0.123, 0.1234, 2) == "0.12" and range_text(0.1, 0.2, 1) == "0.1 to 0.2"
