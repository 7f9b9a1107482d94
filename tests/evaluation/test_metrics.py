"""Metrics against scikit-learn and hand calculation; intervals that respect groups."""

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.core.errors import StudyError
from lib.evaluation import metrics
from lib.evaluation.metrics import METRICS, accuracy, bootstrap, paired_difference, summarize


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
    assert 0 < found.pop("ece") < 1
    assert found == pytest.approx(expected, abs=1e-12)
    assert len(set(np.round(list(found.values()), 6))) == len(found)  # no two metrics can stand in for each other


def test_calibration_error_by_hand():
    # Bins 0.9 (two of three right) and 0.6 (right): |0.9*3 - 2| and |0.6 - 1|, over 4 images.
    targets = np.array([0, 0, 1, 0])
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    assert metrics.ece(targets, probs) == pytest.approx((0.7 + 0.4) / 4)
    assert metrics.ece(targets, probs, bins=1) == pytest.approx(abs(0.9 * 3 + 0.6 - 3) / 4)
    # Confidence 1 belongs to the last bin, with 0.95: |1 + 0.95 - 1| over 2 images.
    assert metrics.ece(np.array([1, 0]), np.array([[1.0, 0.0], [0.95, 0.05]])) == pytest.approx(0.95 / 2)


def test_classes_without_images():
    targets, probs = np.array([0, 1, 1]), np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.7, 0.1]])
    found = summarize(targets, probs)
    assert found["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert found["macro_auc_ovr"] == pytest.approx(1.0)  # of the two classes that have one
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
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


@pytest.fixture(scope="module")
def duplicated():
    """40 lesions of 5 identical images each."""
    rng = np.random.default_rng(1)
    targets = np.repeat(rng.integers(0, 2, 40), 5)
    p = np.repeat(rng.random(40), 5)
    return targets, np.stack([1 - p, p], axis=1), np.repeat(np.arange(40), 5)


def test_groups_widen_the_interval(duplicated):
    targets, probs, groups = duplicated
    low, high = bootstrap(accuracy, targets, probs, groups, repeats=400)
    image_low, image_high = bootstrap(accuracy, targets, probs, repeats=400)
    ratio = (high - low) / (image_high - image_low)
    assert ratio == pytest.approx(np.sqrt(5), rel=0.2)  # 5 copies carry the information of one
    assert low < accuracy(targets, probs) < high
    wider = bootstrap(accuracy, targets, probs, groups, repeats=400, level=0.99)
    assert wider[0] < low and wider[1] > high


def test_interval_depends_on_the_seed_alone(duplicated):
    targets, probs, groups = duplicated
    named = np.array([f"lesion{g}" for g in groups], dtype=object)
    first = bootstrap(accuracy, targets, probs, groups, repeats=50)
    assert bootstrap(accuracy, targets, probs, named, repeats=50) == first
    assert bootstrap(accuracy, targets, probs, groups, repeats=50, seed=1) != first


def test_groups_keep_all_their_images():
    rows = metrics.group_rows(np.array(["b", "a", "b", "c", "a", "b"]), 6)
    assert [r.tolist() for r in rows] == [[0, 2, 5], [1, 4], [3]]
    assert [r.tolist() for r in metrics.group_rows(None, 2)] == [[0], [1]]


def test_stack_of_runs_gives_the_interval_of_their_mean(duplicated):
    targets, probs, groups = duplicated
    stack = np.stack([probs, probs[:, ::-1]])  # the second run is right exactly where the first is wrong
    assert bootstrap(accuracy, targets, stack, groups, repeats=50) == pytest.approx((0.5, 0.5))
    assert bootstrap(accuracy, targets, probs[None], groups, repeats=50) == bootstrap(
        accuracy, targets, probs, groups, repeats=50
    )


def test_undefined_resamples_are_left_out():
    targets = np.array([0, 0, 0, 1])
    probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.4, 0.6]])
    low, high = bootstrap(METRICS["macro_auc_ovr"], targets, probs, repeats=100)  # a third lack the one positive
    assert 0 <= low < high <= 1
    assert np.isnan(bootstrap(METRICS["macro_auc_ovr"], np.zeros(4, int), probs, repeats=5)).all()


def test_paired_difference(duplicated):
    targets, probs, groups = duplicated
    better = probs.copy()
    wrong = np.flatnonzero(probs.argmax(1) != targets)
    mended = wrong[groups[wrong] < 20]
    better[mended] = better[mended, ::-1]
    gain, low, high = paired_difference(accuracy, targets, better, probs, groups, repeats=200)
    assert gain == pytest.approx(len(mended) / len(targets)) and 0 < low < gain < high
    assert paired_difference(accuracy, targets, probs, better, groups, repeats=200) == pytest.approx(
        (-gain, -high, -low)
    )
    assert paired_difference(accuracy, targets, probs, probs, groups, repeats=20) == (0, 0, 0)


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
    with pytest.raises(StudyError, match=message):
        bootstrap(accuracy, targets, probs, repeats=2)
    with pytest.raises(StudyError, match=message):
        paired_difference(accuracy, targets, probs, probs, repeats=2)


def test_wrong_number_of_groups():
    with pytest.raises(StudyError, match="3 groups for 4 images"):
        bootstrap(accuracy, [0, 1, 0, 1], GOOD, [1, 2, 3], repeats=2)


def test_reliability_bins_by_hand():
    confidence = np.array([0.55, 0.58, 0.95, 0.99, 1.0])
    probs = np.stack([confidence, 1 - confidence], axis=1)
    table = metrics.reliability(np.array([0, 1, 0, 0, 1]), probs, bins=10)
    assert table["n"].tolist() == [2, 3]  # 1.0 belongs to the last bin; empty bins are left out
    assert table[["low", "high"]].to_numpy() == pytest.approx(np.array([[0.5, 0.6], [0.9, 1.0]]))
    assert table["confidence"].tolist() == pytest.approx([0.565, 2.94 / 3])
    assert table["accuracy"].tolist() == pytest.approx([1 / 2, 2 / 3])
    gap = (table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / 5
    assert gap == pytest.approx(metrics.ece(np.array([0, 1, 0, 0, 1]), probs, bins=10))
