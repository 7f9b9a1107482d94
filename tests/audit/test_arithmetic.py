"""Recomputed sums, differences and ratios on made-up numbers."""

from lib.audit.checks import arithmetic
from lib.audit.checks.rounding import Rounded, rounded


def test_difference_of_resampled_means():
    off = rounded("0.045"), rounded("0.91"), rounded("0.87")
    assert arithmetic.difference(*off).verdict == "consistent"
    far = rounded("0.06"), rounded("0.91"), rounded("0.87")
    assert arithmetic.difference(*far, noise=0.01).verdict == "ambiguous"
    assert arithmetic.difference(*far, noise=0.001).verdict == "inconsistent"


def test_difference():
    assert arithmetic.difference(rounded("0.04"), rounded("0.91"), rounded("0.87")).verdict == "consistent"
    failed = arithmetic.difference(rounded("0.07"), rounded("0.91"), rounded("0.87"))
    assert failed.verdict == "inconsistent" and failed.implied == "0.0300 to 0.0500"


def test_ratio():
    assert arithmetic.ratio(rounded("2.00"), rounded("10.0"), rounded("5.0")).verdict == "consistent"
    assert arithmetic.ratio(rounded("2.50"), rounded("10.0"), rounded("5.0")).verdict == "inconsistent"


def test_relative_change_names_the_other_denominator():
    assert arithmetic.relative_change(rounded("0.25"), rounded("1.25"), rounded("1.00")).verdict == "consistent"
    failed = arithmetic.relative_change(rounded("0.20"), rounded("1.25"), rounded("1.00"))
    assert failed.verdict == "inconsistent" and "relative to 1.25" in failed.explanation
    assert (
        "relative to" not in arithmetic.relative_change(rounded("0.90"), rounded("1.25"), rounded("1.00")).explanation
    )


def test_relative_change_of_a_reduction():
    assert arithmetic.relative_change(rounded("0.75"), rounded("25.0"), rounded("100.0")).verdict == "consistent"


def test_total():
    assert arithmetic.total(6, [1, 2, 3]).verdict == "consistent"
    assert arithmetic.total(7, [1, 2, 3]).verdict == "inconsistent"


def test_share():
    assert arithmetic.share(rounded("33.3", 100), 1, 3).verdict == "consistent"
    assert arithmetic.share(rounded("33.4", 100), 1, 3).verdict == "inconsistent"


def test_same():
    places = ["text", "table"]
    assert arithmetic.same([rounded("92", 100), rounded("0.9167")], places).verdict == "consistent"
    assert arithmetic.same([rounded("92", 100), rounded("0.9149")], places).verdict == "inconsistent"
    assert arithmetic.same([Rounded(10, 0.0, "ten"), rounded("10")], places).verdict == "consistent"


def test_neighbouring_last_digits_are_not_the_same():
    outcome = arithmetic.same([rounded("89.10", 100), rounded("0.8909")], ["text", "table"])
    assert outcome.verdict == "inconsistent" and "89.10 (text)" in outcome.explanation
