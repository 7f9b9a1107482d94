"""Rebuilding a made-up classification report."""

import numpy as np
import pytest
from sklearn.metrics import classification_report, confusion_matrix

from lib.audit.checks import marginals
from lib.audit.checks.rounding import rounded
from tests.fakes.outcomes import verdicts

TRUE = [0] * 40 + [1] * 25 + [2] * 10
NAMED = [0] * 36 + [1] * 4 + [1] * 20 + [0] * 3 + [2] * 2 + [2] * 7 + [0] * 3


def _report(digits=4):
    made = classification_report(TRUE, NAMED, output_dict=True)
    return {c: {k: rounded(f"{made[c][k]:.{digits}f}") for k in ("precision", "recall")} for c in "012"}


def _candidates(report):
    return {c: marginals.class_marginals(TRUE.count(int(c)), len(TRUE), **report[c]) for c in report}


CLASSES = _candidates(_report())
PARTS = [rounded("0.90"), rounded("0.80")]
COLUMN = {"a": rounded("0.90"), "b": rounded("0.70")}
TWIN = ("recall", {"a": rounded("0.80"), "b": rounded("0.70")})
OTHERS = [rounded("0.70"), rounded("0.840")]

test_verdicts = verdicts(
    (marginals.reconstruct, (CLASSES,), "consistent", "63/75 correct (0.8400)"),
    (marginals.report_against_accuracy, (rounded("0.840"), CLASSES), "consistent"),
    (marginals.report_against_accuracy, (rounded("0.880"), CLASSES), "inconsistent"),
    (marginals.report_against_accuracy, (rounded("0.880"), CLASSES, OTHERS), "ambiguous", "(0.70, 0.840) 0.840 fits"),
    (marginals.report_against_accuracy, (rounded("0.880"), CLASSES, OTHERS[:1]), "ambiguous", "none fits"),
    (marginals.derived, (rounded("0.91"), [0.905, 0.92], "x"), "consistent"),
    (marginals.derived, (rounded("0.99"), [0.905, 0.92], "x"), "inconsistent"),
    (marginals.derived, (rounded("0.85"), [], "macro recall"), "inconsistent"),
    (marginals.macro_mean, (rounded("0.85"), PARTS), "consistent"),
    (marginals.macro_mean, (rounded("0.87"), PARTS), "inconsistent"),
    (marginals.column_by_formula, (COLUMN, {"a": [0.9], "b": [0.6, 0.702]}, "f"), "consistent"),
    (marginals.column_by_formula, (COLUMN, {"a": [0.9], "b": [0.6]}, "f"), "inconsistent", "1 of 2"),
    (marginals.column_by_formula, (COLUMN, {"a": [0.9], "b": [0.6]}, "f", TWIN), "inconsistent",
     "1 of 2 equal the recall"),
)  # fmt: skip


def test_counts_are_recovered():
    matrix = confusion_matrix(TRUE, NAMED)
    for c, found in _candidates(_report()).items():
        assert [(m.tp, m.predicted) for m in found] == [(matrix[int(c), int(c)], matrix[:, int(c)].sum())]


def test_derived_metrics_agree_with_sklearn():
    matrix = confusion_matrix(TRUE, NAMED)
    made = classification_report(TRUE, NAMED, output_dict=True)
    for c in range(3):
        m = marginals.ClassMarginal(int(matrix[c].sum()), int(matrix[c, c]), int(matrix[:, c].sum()), len(TRUE))
        rest = np.delete(np.delete(matrix, c, 0), c, 1).sum()
        assert m.precision == pytest.approx(made[str(c)]["precision"])
        assert m.f1 == pytest.approx(made[str(c)]["f1-score"])
        assert m.specificity == pytest.approx(rest / (len(TRUE) - m.support))
        assert m.accuracy == pytest.approx((m.tp + rest) / len(TRUE))


def test_reconstruct_notices_a_recall_that_is_no_fraction():
    report = _report()
    report["2"]["recall"] = rounded("0.7500")
    assert marginals.reconstruct(_candidates(report)).verdict == "inconsistent"


def test_reconstruct_notices_predictions_that_do_not_add_up():
    report = _report()
    report["1"]["precision"] = rounded("1.0000")
    failed = marginals.reconstruct(_candidates(report))
    assert failed.verdict == "inconsistent" and "predictions" in failed.implied


def test_two_classes_share_their_errors():
    # 8 of 10 and 6 of 10 right: 8 + 4 = 12 named first, 2 + 6 = 8 second
    def report(second_precision):
        return {
            "a": marginals.class_marginals(10, 20, rounded("0.80"), rounded("0.67")),
            "b": marginals.class_marginals(10, 20, rounded("0.60"), rounded(second_precision)),
        }

    assert marginals.reconstruct(report("0.75")).verdict == "consistent"
    assert marginals.reconstruct(report("0.60")).verdict == "inconsistent"


def test_further_cells_narrow_the_counts():
    wide = marginals.class_marginals(100, 300, rounded("0.9"), rounded("0.9"))
    narrow = marginals.class_marginals(100, 300, rounded("0.9"), rounded("0.9"), f1=rounded("0.905"))
    assert 0 < len(narrow) < len(wide) and all(rounded("0.905").holds(m.f1) for m in narrow)
