"""Intervals against textbook values."""

import pytest

from lib.core.errors import StudyError
from lib.evaluation.intervals import clopper_pearson, wilson


def test_known_values():
    # Brown, Cai and DasGupta, Stat. Sci. 16 (2001), and the closed form (1/2)^(1/n) for k = n
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753), abs=1e-4)
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.30850), abs=1e-4)
    assert clopper_pearson(10, 10)[0] == pytest.approx(0.025 ** (1 / 10))


@pytest.mark.parametrize("k, n", [(5, 4), (-1, 4), (0, 0)])
def test_impossible_input(k, n):
    for interval in (wilson, clopper_pearson):
        with pytest.raises(StudyError):
            interval(k, n)
