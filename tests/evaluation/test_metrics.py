"""Metrics against scikit-learn and hand calculation."""

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.core.errors import StudyError
from lib.evaluation import metrics
from lib.evaluation.metrics import summarize


@pytest.fixture(scope="module")
def three_classes():
    rng = np.random.default_rng(0)
    targets = rng.choice(3, size=60, p=[0.6, 0.3, 0.1])
    probs = rng.dirichlet([1, 1, 1], size=60) + 0.5 * np.eye(3)[targets]
    return targets, probs / probs.sum(axis=1, keepdims=True)


def test_against_scikit_learn(three_classes):
    targets, probs = three_classes
    predicted, hot = probs.argmax(1), np.eye(3)[targets]
    expected = {
        "accuracy": sk.accuracy_score(targets, predicted),
        "balanced_accuracy": sk.balanced_accuracy_score(targets, predicted),
        "macro_f1": sk.f1_score(targets, predicted, average="macro"),
        "weighted_f1": sk.f1_score(targets, predicted, average="weighted"),
        "macro_auc_ovr": sk.roc_auc_score(targets, probs, multi_class="ovr"),
        "micro_auc": sk.roc_auc_score(hot, probs, average="micro"),
        "nll": sk.log_loss(targets, probs),
        "brier": sum(sk.brier_score_loss(hot[:, c], probs[:, c]) for c in range(3)),
    }
    found = summarize(targets, probs)
    assert found.pop("n") == 60
    assert -0.2 < found.pop("ece") < 1
    assert found == pytest.approx(expected, abs=1e-12)
    assert len(set(np.round(list(found.values()), 6))) == len(found)  # no two metrics can stand in for each other


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
    assert report.loc["a", ["precision", "sensitivity", "specificity", "f1"]].tolist() == pytest.approx(
        [2 / 3, 2 / 3, 1 / 2, 2 / 3]
    )
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
