"""Intervals against textbook values and their coverage."""

import pytest
from scipy import stats

from lib.core.errors import StudyError
from lib.evaluation.intervals import clopper_pearson, wilson


def test_known_values():
    # Brown, Cai and DasGupta, Stat. Sci. 16 (2001), and the closed form (1/2)^(1/n) for k = n
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753), abs=1e-4)
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.30850), abs=1e-4)
    assert clopper_pearson(10, 10)[0] == pytest.approx(0.025 ** (1 / 10))


def test_exact_interval_is_wider_and_both_hold_the_proportion():
    for k, n in ((1, 20), (50, 100), (612, 660)):
        low, high = wilson(k, n)
        exact_low, exact_high = clopper_pearson(k, n)
        assert exact_low < low < k / n < high < exact_high


def test_exact_coverage_is_at_least_the_level():
    n, p = 30, 0.9
    inside = [k for k in range(n + 1) if clopper_pearson(k, n)[0] <= p <= clopper_pearson(k, n)[1]]
    assert stats.binom.pmf(inside, n, p).sum() >= 0.95


@pytest.mark.parametrize("k, n", [(5, 4), (-1, 4), (0, 0)])
def test_impossible_input(k, n):
    for interval in (wilson, clopper_pearson):
        with pytest.raises(StudyError):
            interval(k, n)
