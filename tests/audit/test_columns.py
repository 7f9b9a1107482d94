"""Cells beside the others of their table."""

from lib.audit.checks import columns
from lib.audit.checks.rounding import rounded


def test_value_in_the_middle_of_its_interval():
    middle = rounded("0.785"), rounded("0.758"), rounded("0.811")
    assert columns.middle_of_interval(*middle).verdict == "consistent"
    assert columns.middle_of_interval(rounded("0.785"), rounded("0.758"), rounded("0.911")).verdict == "inconsistent"
    assert columns.middle_of_interval(rounded("0.785"), rounded("0.8"), rounded("0.8")).verdict == "inconsistent"


def test_width_like_those_of_the_other_rows():
    widths = {"a": 0.13, "b": 0.12, "c": 0.25}
    assert columns.like_widths(widths, "a").verdict == "consistent"
    assert columns.like_widths(widths, "c").verdict == "inconsistent"
