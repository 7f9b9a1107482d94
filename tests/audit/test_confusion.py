"""A made-up confusion matrix against what is stated for its model."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from lib.audit.checks import confusion
from lib.audit.checks.rounding import rounded
from tests.fakes.outcomes import verdicts

MATRIX = np.array([[8, 2, 0], [1, 9, 0], [1, 2, 2]])
STATED = {"this": (rounded("0.76"), rounded("0.75")), "other": (rounded("0.90"), rounded("0.90"))}

test_verdicts = verdicts(
    (confusion.row_sums, (MATRIX, [10, 10, 5]), "consistent"),
    (confusion.row_sums, (MATRIX, [10, 11, 4]), "inconsistent"),
    (confusion.diagonal_accuracy, (MATRIX, rounded("0.76")), "consistent"),
    (confusion.diagonal_accuracy, (MATRIX, rounded("0.80")), "inconsistent"),
    (confusion.never_predicted, (MATRIX, "abc"), "consistent"),
    (confusion.never_predicted, (np.array([[3, 0], [2, 0]]), "ab"), "inconsistent", "Never predicted: b;"),
    (confusion.nearest_model, (MATRIX, STATED, "this"), "consistent"),
    (confusion.nearest_model, (MATRIX, STATED, "other"), "inconsistent", "nearest to this"),
)


def _labels(matrix):
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(matrix[i, j])]
    return zip(*pairs, strict=True)


def test_weighted_f1():
    true, named = _labels(MATRIX)
    value = f1_score(true, named, average="weighted")
    assert confusion.weighted_f1_of(MATRIX) == pytest.approx(value)
    assert confusion.weighted_f1_agrees(MATRIX, rounded(f"{value:.3f}")).verdict == "consistent"
    assert confusion.weighted_f1_agrees(MATRIX, rounded("0.900")).verdict == "inconsistent"
