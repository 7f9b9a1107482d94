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


@pytest.mark.parametrize(
    ("images", "method", "p"),
    [
        ((50, 1, 6, 4), "exact", 2 * (1 + 7) / 2**7),  # two tails of Binomial(7, 1/2): (C(7,0) + C(7,1)) / 128
        # Agresti, Categorical Data Analysis, 2002, 10.1.1: 86 and 150 discordant; (|86 - 150| - 1)^2 / 236
        ((794, 150, 86, 570), "chi2", stats.chi2.sf(63**2 / 236, 1)),
        ((10, 12, 12, 0), "exact", 1),
        ((10, 12, 13, 0), "chi2", 1),
        ((5, 0, 0, 3), "exact", 1),  # they agree
    ],
)
def test_p_by_hand_whichever_comes_first(images, method, p):
    targets, a, b = models(*images)
    for found, discordant in ((mcnemar(targets, a, b), images[1:3]), (mcnemar(targets, b, a), images[2:0:-1])):
        assert (found.b, found.c, found.method) == (*discordant, method) and found.p == pytest.approx(p)


def test_other_images_are_refused():
    targets, a, b = models(3, 1, 1, 1)
    with pytest.raises(StudyError, match="of the same images"):
        mcnemar(targets, a, b[:-1])


def test_holm():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert len(holm([])) == 0
