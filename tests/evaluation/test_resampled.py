"""Metrics on weighted resamples: exact where all weights are one, and as repeated images where they are whole."""

import numpy as np
import pytest
import sklearn.metrics as sk

from lib.core.errors import StudyError
from lib.evaluation import resampled
from lib.evaluation.curves import ratio
from lib.evaluation.draws import Plan
from lib.evaluation.measure import estimate, estimates, from_sums, mean_of
from lib.evaluation.resampled import BY_CLASS, METRICS, Predictions, average_precision, sensitivity_at

K = 4
PLAN = Plan(200)


def predictions(n: int, seed: int = 0, decimals: int | None = None):
    """(targets, probs, lesions) of a middling classifier; ``decimals`` makes ties."""
    rng = np.random.default_rng(seed)
    targets = rng.choice(K, size=n, p=[0.6, 0.2, 0.15, 0.05])
    logits = rng.normal(size=(n, K)) + 1.5 * np.eye(K)[targets]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return targets, probs if decimals is None else probs.round(decimals), rng.integers(n // 2, size=n)


def weighed(metric, targets, probs, codes, weights):
    return metric(Predictions.of(targets, probs, codes), np.asarray(weights, float))


EXACT = {
    "accuracy": lambda t, p: sk.accuracy_score(t, p.argmax(1)),
    "balanced_accuracy": lambda t, p: sk.balanced_accuracy_score(t, p.argmax(1)),
    "macro_f1": lambda t, p: sk.f1_score(t, p.argmax(1), average="macro"),
    "weighted_f1": lambda t, p: sk.f1_score(t, p.argmax(1), average="weighted"),
    "macro_auc_ovr": lambda t, p: np.mean([sk.roc_auc_score(t == c, p[:, c]) for c in range(K)]),
    "micro_auc": lambda t, p: sk.roc_auc_score(np.eye(K)[t].ravel(), p.ravel()),
    "nll": lambda t, p: -np.log(p[np.arange(len(t)), t]).mean(),
    "brier": lambda t, p: sk.brier_score_loss(t, p, labels=range(K), scale_by_half=False),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("decimals", [None, 2])
def test_values_are_scikit_learns(name, decimals):
    targets, probs, lesions = predictions(300, decimals=decimals)
    probs = np.maximum(probs, 0.001)
    if name == "brier":
        probs /= probs.sum(axis=1, keepdims=True)
    assert estimate(name, targets, probs, lesions, PLAN).value == pytest.approx(EXACT[name](targets, probs), abs=1e-12)


# Of the calibration error repeated images are no new evidence: the noise taken off is another.
@pytest.mark.parametrize("name", [*(name for name in METRICS if name != "ece"), "sensitivity_at", "average_precision"])
@pytest.mark.parametrize("decimals", [None, 1])
def test_a_whole_weight_counts_as_so_many_images(name, decimals):
    metric = {"sensitivity_at": sensitivity_at(0.8, 1), "average_precision": average_precision(2), **METRICS}[name]
    targets, probs, lesions = predictions(120, 1, decimals)
    weights = np.random.default_rng(0).integers(1, 4, size=(60, 2))
    found = weighed(metric, targets, probs, lesions, weights)
    for draw in range(2):
        rows = np.repeat(np.arange(120), weights[lesions, draw])
        own = weighed(metric, targets[rows], probs[rows], lesions[rows], np.ones((60, 1)))
        assert found[draw] == pytest.approx(own[0], abs=1e-12)


def test_classes_are_scikit_learns():
    targets, probs, lesions = predictions(300)
    found = {n: [e.value for e in estimates(m, targets, probs, lesions, PLAN)] for n, m in BY_CLASS.items()}
    precision, recall, f1, _ = sk.precision_recall_fscore_support(targets, probs.argmax(1))
    wanted = {"precision": precision, "sensitivity": recall, "f1": f1}
    wanted["auc"] = [sk.roc_auc_score(targets == c, probs[:, c]) for c in range(K)]
    wanted["specificity"] = [sk.recall_score(targets != c, probs.argmax(1) != c) for c in range(K)]
    for name, values in wanted.items():
        assert found[name] == pytest.approx(list(values), abs=1e-12)


def test_curves_are_scikit_learns():
    targets, probs, _ = predictions(300, decimals=2)
    ones = np.ones((300, 1))
    weights = np.column_stack([np.ones(300), np.random.default_rng(0).exponential(size=300)])
    area = weighed(average_precision(1), targets, probs, np.arange(300), weights)
    for found, weight in zip(area, weights.T, strict=True):
        exact = sk.average_precision_score(targets == 1, probs[:, 1], sample_weight=weight)
        assert found == pytest.approx(exact, abs=1e-12)
    fpr, tpr, _ = sk.roc_curve(targets == 1, probs[:, 1], drop_intermediate=False)
    found = weighed(sensitivity_at(0.9, 1), targets, probs, np.arange(300), ones)[0]
    assert found == pytest.approx(tpr[fpr <= 0.1 + 1e-9].max(), abs=1e-12)


def test_undefined_metrics():
    targets, probs = np.zeros(6, int), np.full((6, 2), 0.5)
    found = estimate("macro_auc_ovr", targets, probs, plan=PLAN)
    assert np.isnan(found.value) and found.undefined == 200
    never = estimates(BY_CLASS["precision"], [0, 1], [[0.9, 0.1], [0.8, 0.2]], plan=PLAN)
    assert [e.value for e in never[:1]] == [0.5] and np.isnan(never[1].value)
    assert estimate(resampled.averaged(resampled.precision), [0, 1], [[0.9, 0.1], [0.8, 0.2]]).value == 0.25
    assert estimate("nll", [0], [[0.0, 1.0]], plan=PLAN).value == np.inf


def test_draws_without_a_class_are_undefined_and_counted():
    targets, probs = np.array([0] * 20 + [1, 1]), np.eye(2)[[0] * 21 + [1]]
    for name in ("balanced_accuracy", "macro_f1", "macro_auc_ovr"):
        found = estimate(name, targets, probs, plan=Plan(4000))
        assert found.undefined / 4000 == pytest.approx(np.exp(-2), abs=0.02)  # neither of the two images was drawn
        assert found.interval()[1] <= 1
    for name in ("accuracy", "weighted_f1", "micro_auc"):
        assert estimate(name, targets, probs, plan=Plan(4000)).undefined == 0


def test_one_lesion_decides_nothing():
    """All that differs is one lesion of 50: in a third of the draws nothing does."""
    right = np.ones(50)
    gain = mean_of(right, plan=PLAN) - mean_of(np.r_[0, right[1:]], plan=PLAN)
    assert gain.value == pytest.approx(0.02) and gain.sign == "undecided" and gain.p > 0.5


def plain_ece(targets, probs):
    confidence, hit = probs.max(axis=1), probs.argmax(axis=1) == targets
    bins = np.minimum((confidence * 15).astype(int), 14)
    return np.abs(np.bincount(bins, confidence - hit)).sum() / len(targets)


def test_ece_of_calibrated_predictions_is_zero_on_average_where_the_plain_one_is_not():
    rng = np.random.default_rng(0)
    ours, plain = [], []
    for _ in range(300):
        probs = rng.dirichlet([1.5, 0.6, 0.6], size=400)
        targets = (rng.random(400)[:, None] > probs.cumsum(axis=1)).sum(axis=1)
        ours.append(weighed(METRICS["ece"], targets, probs, np.arange(400), np.ones((400, 1)))[0])
        plain.append(plain_ece(targets, probs))
    assert np.mean(plain) > 0.04
    assert abs(np.mean(ours)) < 0.004


def test_ece_of_a_clear_error_is_the_plain_one_and_its_draws_are_about_it():
    rng = np.random.default_rng(1)
    probs = np.column_stack([rng.uniform(0.85, 1, 2000), np.zeros(2000)])
    probs[:, 1] = 1 - probs[:, 0]
    targets = (rng.random(2000) > 0.6).astype(int)
    found = estimate("ece", targets, probs, plan=Plan(1000))
    assert found.value == pytest.approx(plain_ece(targets, probs), abs=1e-3)
    assert found.draws.mean() == pytest.approx(found.value, abs=0.002)


def test_ece_knows_that_photographs_of_one_lesion_are_one_piece_of_evidence():
    rng = np.random.default_rng(2)
    ours = []
    for _ in range(200):
        top = rng.uniform(0.5, 1, 60)
        targets = np.repeat((rng.random(60) > top).astype(int), 5)
        probs = np.repeat(np.column_stack([top, 1 - top]), 5, axis=0)
        ours.append(weighed(METRICS["ece"], targets, probs, np.repeat(np.arange(60), 5), np.ones((60, 1)))[0])
    assert abs(np.mean(ours)) < 0.02


def test_sums_and_means():
    values, groups = [1.0, 0.0, np.nan, 1.0], ["a", "b", "b", "c"]
    assert mean_of(values, groups, PLAN).value == pytest.approx(2 / 3)
    assert mean_of(values, groups, PLAN, where=[1, 1, 1, 0]).value == 0.5
    assert np.isnan(mean_of([np.nan], ["a"], PLAN).value)
    found = from_sums(lambda s: np.stack([ratio(s[0], s[1]), s[0]]), [[1, 2], [3, 5]], plan=PLAN)
    assert [e.value for e in found] == [3 / 8, 3]


def test_every_image_has_one_group():
    with pytest.raises(StudyError, match="3 groups for 2 images"):
        estimate("accuracy", [0, 1], np.full((2, K), 0.25), ["a", "b", "c"])
