"""Metrics of one set by hand, and what is refused; scikit-learn's values are in ``test_resampled``."""

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.core.errors import StudyError
from lib.evaluation import metrics
from lib.evaluation.metrics import summarize


def test_classes_without_images():
    targets, probs = np.array([0, 1, 1]), np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.7, 0.1]])
    found = summarize(targets, probs)
    assert found["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert found["macro_auc_ovr"] == pytest.approx(1.0)  # of the two classes that have one
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert summarize(np.zeros(3, int), probs)["macro_auc_ovr"] is None


def test_report_and_confusion_matrix():
    targets = np.array([0, 0, 0, 1, 1])
    probs = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.3, 0.7, 0], [0.4, 0.6, 0], [0.6, 0.4, 0]])
    assert metrics.confusion_matrix(targets, probs).tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    report = metrics.classification_report(targets, probs, ("a", "b", "c")).set_index("dx")
    found = report.loc["a", ["precision", "sensitivity", "specificity", "f1"]].tolist()
    assert found == pytest.approx([2 / 3, 2 / 3, 1 / 2, 2 / 3])
    assert report.loc["b", "auc"] == pytest.approx(sk.roc_auc_score(targets == 1, probs[:, 1]))
    assert report["support"].tolist() == [3, 2, 0]
    assert report.loc["c", ["precision", "sensitivity", "auc"]].isna().all() and report.loc["c", "specificity"] == 1


GOOD = np.full((4, 2), 0.5)


@pytest.mark.parametrize(
    ("targets", "probs", "message"),
    [
        ([0, 1, 0], GOOD, r"\(3,\) and \(4, 2\)"),
        ([0, 1, 0, 1], GOOD[:, 0], "got"),
        ([], np.empty((0, 2)), "got"),
        ([0, 1, 2, 1], GOOD, r"from 0 to 2, outside 0\.\.1"),
        ([0, -1, 0, 1], GOOD, "from -1"),
        ([0, 1, 0, 1], np.where(np.eye(4, 2) > 0, np.nan, 0.5), "diverged"),
    ],
)
def test_wrong_input(targets, probs, message):
    with pytest.raises(StudyError, match=message):
        summarize(targets, probs)


def test_what_is_not_finite_is_null():
    found = summarize([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    assert found["nll"] is None and found["accuracy"] == 0.5


def test_reliability_bins_by_hand():
    confidence = np.array([0.55, 0.58, 0.95, 0.99, 1.0])
    probs = np.stack([confidence, 1 - confidence], axis=1)
    table = metrics.reliability(np.array([0, 1, 0, 0, 1]), probs)
    assert table["n"].tolist() == [2, 3]  # 1.0 belongs to the last bin; empty bins are left out
    assert table[["low", "high"]].to_numpy() == pytest.approx(np.array([[8 / 15, 9 / 15], [14 / 15, 1.0]]))
    assert table["confidence"].tolist() == pytest.approx([0.565, 2.94 / 3])
    assert table["accuracy"].tolist() == pytest.approx([1 / 2, 2 / 3])
