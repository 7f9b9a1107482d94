"""Ranks and critical differences against published tables and hand calculation."""

import numpy as np
import pytest

from lib.core.errors import StudyError
from lib.evaluation.ranking import average_ranks, cliques, critical_difference, friedman, holm


def test_ranks_and_ties():
    scores = [[0.9, 0.8, 0.8, 0.1], [0.5, 0.6, 0.7, 0.8]]
    assert average_ranks(scores).tolist() == [(1 + 4) / 2, (2.5 + 3) / 2, (2.5 + 2) / 2, (4 + 1) / 2]


def test_friedman_by_hand():
    # Ranks 1, 2, 3 in each of four blocks: chi2 = 12/(4*3*4) * (4^2 + 8^2 + 12^2) - 3*4*4 = 8
    statistic, p = friedman(np.tile([0.9, 0.5, 0.1], (4, 1)))
    assert statistic == pytest.approx(8) and p == pytest.approx(np.exp(-4))  # chi-square with two degrees of freedom
    assert friedman(np.ones((3, 3))) == (0.0, 1.0)
    with pytest.raises(StudyError, match="3 methods or more"):
        friedman(np.ones((4, 2)))


@pytest.mark.parametrize("methods, q", [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_critical_difference_has_the_published_quantiles(methods, q):
    # Demsar 2006, table 5a; his example: 4 classifiers, 14 data sets, CD = 2.569 sqrt(4*5 / (6*14)) = 1.25
    expected = q * np.sqrt(methods * (methods + 1) / (6 * 7))
    assert critical_difference(methods, 7) == pytest.approx(expected, abs=1e-3)
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)


def test_cliques():
    assert cliques(np.array([1.0, 1.5, 2.2, 4.0]), 1.0) == [(0, 1), (1, 2)]
    assert cliques(np.array([3.0, 1.0, 2.0]), 2.5) == [(1, 2, 0)]
    assert cliques(np.array([1.0, 3.0]), 1.0) == []


def test_holm():
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    assert len(holm(np.empty(0))) == 0
