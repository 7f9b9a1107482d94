"""Words follow the interval."""

import numpy as np
import pytest

from lib.evaluation.draws import Plan
from lib.evaluation.estimates import over_splits
from lib.evaluation.words import brief, effect, listed, told, would_show


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1.72, 0.4, 3.0), "**+1.7 points** [+0.4, +3.0]"),
        ((-2.0, -3.0, -1.0, 1.4), "**-2.0 points** [-3.0, -1.0]"),
        ((-0.04, -1.0, 0.9, 1.36), "no difference seen (+0.0 points [-1.0, +0.9]; detectable from 1.4 on)"),
        ((0.5, -1.0, 2.0), "no difference seen (+0.5 points [-1.0, +2.0])"),
    ],
)
def test_an_effect_is_called_so_only_where_its_interval_leaves_out_zero(numbers, words):
    assert effect(*numbers) == words


def test_in_lists_bold_says_that_the_interval_leaves_out_zero():
    assert brief(-1.6, -3.0, -0.2, " points") == "**-1.6 points** [-3.0, -0.2]"
    assert brief(0.5, -1, 2) == "+0.5 [-1.0, +2.0]"
    assert would_show([2.51, np.nan, 2.2]) == "Effects of 2.2 to 2.5 points would have shown." and would_show([]) == ""


def test_an_estimate_is_told_in_points():
    estimate = over_splits(dict(enumerate(0.05 + 0.001 * np.arange(10))), 0.25, Plan(2000))
    assert told(estimate).startswith("**+5.5 points** [+5.")


def test_lists():
    assert [listed(list(parts)) for parts in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
