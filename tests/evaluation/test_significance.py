"""McNemar's test against hand-computed values."""

import numpy as np
import pytest
from scipy import stats

from lib.core.errors import StudyError
from lib.evaluation.significance import holm, mcnemar


def models(both, only_a, only_b, neither):
    """Targets and two models' probabilities with the given numbers of images right in both, one or none."""
    right_a = np.repeat([1, 1, 0, 0], [both, only_a, only_b, neither])
    right_b = np.repeat([1, 0, 1, 0], [both, only_a, only_b, neither])
    targets = np.arange(len(right_a)) % 3
    probs = [np.eye(3)[(targets + 1 - right) % 3] for right in (right_a, right_b)]
    return targets, *probs


def test_few_discordant_images_are_tested_exactly():
    found = mcnemar(*models(50, 1, 6, 4))
    assert (found.b, found.c, found.method) == (1, 6, "exact")
    assert found.p == pytest.approx(2 * (1 + 7) / 2**7)  # two tails of Binomial(7, 1/2): (C(7,0) + C(7,1)) / 128


def test_many_discordant_images_take_the_corrected_chi_square():
    # Agresti, Categorical Data Analysis, 2002, 10.1.1: 86 and 150 discordant; (|86 - 150| - 1)^2 / 236
    found = mcnemar(*models(794, 150, 86, 570))
    assert (found.b, found.c, found.method) == (150, 86, "chi2")
    assert found.p == pytest.approx(stats.chi2.sf(63**2 / 236, 1))


@pytest.mark.parametrize("only_a, only_b, method", [(12, 12, "exact"), (12, 13, "chi2")])
def test_the_threshold_is_25_discordant_images(only_a, only_b, method):
    found = mcnemar(*models(10, only_a, only_b, 0))
    assert found.method == method and found.p == pytest.approx(1.0)


def test_models_that_agree_do_not_differ():
    found = mcnemar(*models(5, 0, 0, 3))
    assert (found.b, found.c, found.p) == (0, 0, 1.0)


def test_swapping_the_models_swaps_b_and_c_only():
    targets, a, b = models(20, 9, 3, 5)
    one, two = mcnemar(targets, a, b), mcnemar(targets, b, a)
    assert (one.b, one.c, one.p) == (two.c, two.b, two.p)


def test_other_images_are_refused():
    targets, a, b = models(3, 1, 1, 1)
    with pytest.raises(StudyError, match="of the same images"):
        mcnemar(targets, a, b[:-1])


def test_holm():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert len(holm([])) == 0
