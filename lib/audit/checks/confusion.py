"""A published confusion matrix against the accuracy, supports and F1 stated for the same model."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Outcome, judged


def row_sums(matrix: np.ndarray, supports: Sequence[int]) -> Outcome:
    """Are the row sums (true counts; rows: true, columns: predicted, integers [k, k]) the stated supports?"""
    sums = [int(x) for x in matrix.sum(axis=1)]
    text = f"Row sums are {sums}, {sum(sums)} in all; stated supports are {list(supports)}."
    return judged(sums == list(supports), ", ".join(map(str, sums)), text)


def diagonal_accuracy(matrix: np.ndarray, accuracy: Rounded) -> Outcome:
    """Is trace / sum the stated accuracy?"""
    correct, n = int(np.trace(matrix)), int(matrix.sum())
    text = f"The diagonal sums to {correct} of {n}, accuracy {correct / n:.4f}; stated is {accuracy}."
    return judged(accuracy.holds(correct / n), f"{correct}/{n} = {correct / n:.4f}", text)


def weighted_f1_of(matrix: np.ndarray) -> float:
    """Support-weighted F1 of a confusion matrix; 0 for a class that is never predicted."""
    tp, support, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = 2 * tp / np.maximum(support + predicted, 1)
    return float((f1 * support).sum() / support.sum())


def weighted_f1_agrees(matrix: np.ndarray, weighted_f1: Rounded) -> Outcome:
    """Is the matrix's support-weighted F1 the stated one?"""
    value = weighted_f1_of(matrix)
    text = f"The matrix gives a weighted F1 of {value:.4f}; stated is {weighted_f1}."
    return judged(weighted_f1.holds(value), f"{value:.4f}", text)


def never_predicted(matrix: np.ndarray, classes: Sequence[str]) -> Outcome:
    """Is every class predicted at least once?"""
    missing = [name for name, total in zip(classes, matrix.sum(axis=0), strict=True) if total == 0]
    text = f"Never predicted: {', '.join(missing) or 'none'}; the recall of such a class is 0."
    return judged(not missing, ", ".join(missing) or "none", text)


def named_as_itself(row: Mapping[str, int], true: str) -> Outcome:
    """Is the class ``true`` called by its own name most often? ``row``: its images by the name that they are given."""
    most = max(row, key=row.__getitem__)
    text = f"Of {true}, {row[true]} are named so and {row[most]} {most}."
    return judged(row[true] == row[most], f"most often {most}", text, "ambiguous")


def nearest_model(matrix: np.ndarray, stated: Mapping[str, tuple[Rounded, Rounded]], label: str) -> Outcome:
    """Whose stated (accuracy, weighted F1) does the matrix fit best, ``label``'s or another model's?

    Distance: the larger of the two absolute differences.
    """
    accuracy, f1 = np.trace(matrix) / matrix.sum(), weighted_f1_of(matrix)
    distance = {name: max(abs(a.value - accuracy), abs(f.value - f1)) for name, (a, f) in stated.items()}
    nearest = min(distance, key=distance.__getitem__)
    text = (
        f"Accuracy {accuracy:.4f} and weighted F1 {f1:.4f} of the matrix lie nearest to {nearest} "
        f"(within {distance[nearest]:.4f}); from {label} they are {distance[label]:.4f} away."
    )
    return judged(nearest == label, nearest, text)
