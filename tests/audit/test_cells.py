"""Bounds, swapped columns and copied cells on made-up tables."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from lib.audit.checks import cells
from lib.audit.checks.rounding import Rounded, rounded
from tests.fakes.outcomes import verdicts

ROW = {"accuracy": "0.90", "precision": "0.85", "recall": "0.80", "specificity": "0.95", "f1": "0.82"}


def _row(**changed):
    """A row of averages, the 90 right of 100 images, and the supports."""
    return {k: rounded(v) for k, v in (ROW | changed).items()}, [90], [50, 30, 20]


OTHERS = {"specificity": rounded("0.99"), "auc": rounded("0.97")}
WIDTHS = {"a": 0.13, "b": 0.12, "c": 0.25}

test_verdicts = verdicts(
    (cells.f1_of_class, (rounded("0.80"), rounded("0.60"), rounded("0.69")), "consistent"),
    (cells.f1_of_class, (rounded("0.80"), rounded("0.60"), rounded("0.72")), "inconsistent"),
    (cells.f1_of_class, (rounded("0.00"), rounded("0.00"), rounded("0.00")), "consistent"),
    (cells.averaged_f1, (rounded("0.90"), rounded("0.80"), rounded("0.65")), "inconsistent"),
    # the mean of both: above their harmonic mean, 0.795
    (cells.averaged_f1, (rounded("0.92"), rounded("0.70"), rounded("0.81")), "inconsistent"),
    (cells.specificity_bound, (rounded("0.95"), [90], [50, 30, 20]), "consistent"),
    (cells.specificity_bound, (rounded("0.70"), [90], [50, 30, 20]), "inconsistent"),
    (cells.weighted_recall, (rounded("0.913"), rounded("0.91")), "consistent"),
    (cells.weighted_recall, (rounded("0.913"), rounded("0.93")), "inconsistent"),
    (cells.swapped_columns, _row(), "consistent"),
    (cells.swapped_columns, _row(specificity="0.82", f1="0.95"), "typo", "specificity and f1 exchanged"),
    (cells.swapped_columns, _row(f1="0.99", recall="0.99", precision="0.10", specificity="0.99"), "inconsistent"),
    (cells.copied_cell, ("f1", rounded("0.90"), [0.902], OTHERS), "consistent"),
    (cells.copied_cell, ("f1", rounded("0.99"), [0.902], OTHERS), "typo", "value of specificity"),
    (cells.copied_cell, ("f1", rounded("0.95"), [0.902], OTHERS), "inconsistent"),
    (cells.middle_of_interval, (rounded("0.785"), rounded("0.758"), rounded("0.811")), "consistent"),
    (cells.middle_of_interval, (rounded("0.785"), rounded("0.758"), rounded("0.911")), "inconsistent"),
    (cells.middle_of_interval, (rounded("0.785"), rounded("0.8"), rounded("0.8")), "inconsistent"),
    (cells.like_widths, (WIDTHS, "a"), "consistent"),
    (cells.like_widths, (WIDTHS, "c"), "inconsistent"),
)


def _exact(value):
    return Rounded(float(value), 0.0)


def test_averaged_f1_keeps_its_bound_for_any_predictions():
    random = np.random.default_rng(0)
    for average in ("macro", "weighted"):
        for _ in range(50):
            true, named = random.integers(0, 4, 60), random.integers(0, 4, 60)
            p, r, f, _ = precision_recall_fscore_support(true, named, average=average, zero_division=0)
            assert cells.averaged_f1(_exact(p), _exact(r), _exact(f)).verdict == "consistent"


def test_specificity_range_is_reached_and_not_exceeded():
    supports, correct = [3, 2, 1], 3
    low, high = cells.specificity_range(correct, supports)
    true = np.repeat(range(3), supports)
    seen = []
    for named in itertools.product(range(3), repeat=6):
        if (true == named).sum() == correct:
            m = confusion_matrix(true, named, labels=range(3))
            negatives = 6 - m.sum(axis=1)
            seen.append(np.mean(1 - (m.sum(axis=0) - np.diag(m)) / negatives))
    assert low - 1e-12 <= min(seen) and max(seen) <= high + 1e-12
    assert max(seen) == pytest.approx(high, abs=0.05) and min(seen) == pytest.approx(low, abs=0.05)
