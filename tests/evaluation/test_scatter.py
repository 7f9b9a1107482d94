"""How tight classes lie, by hand."""

import numpy as np
import pytest

from lib.evaluation.measure import estimate
from lib.evaluation.scatter import columns, logits_within_share, within_share


def test_within_share_by_hand():
    values, targets = np.array([[0.0], [2], [10], [12]]), np.array([0, 0, 1, 1])
    # centres 1 and 11, common 6: within 4, total 36 + 16 + 16 + 36
    assert within_share(columns(values, targets).sum(axis=1), 2) == pytest.approx(4 / 104)


def test_logits_are_tight_where_images_of_a_class_are_answered_alike():
    targets = np.repeat([0, 1, 2], 20)
    alike = np.eye(3)[targets] * 0.7 + 0.1
    mixed = np.random.default_rng(0).dirichlet([1, 1, 1], 60)
    assert estimate(logits_within_share, targets, alike).value == pytest.approx(0, abs=1e-9)
    assert estimate(logits_within_share, targets, mixed).value > 0.8
