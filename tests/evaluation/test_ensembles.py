"""Ensemble strategies on made-up probabilities."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from lib.core.errors import StudyError
from lib.evaluation import ensembles
from lib.evaluation.ensembles import STRATEGIES, combine


def model(targets, skill, rng):
    """Calibrated probabilities [N, 3]: softmax of logits whose noise has unit variance."""
    return softmax(skill * np.eye(3)[targets] + rng.normal(size=(len(targets), 3)), axis=-1)


@pytest.fixture(scope="module")
def sets():
    """(validation targets, validation [2, N, 3], test targets, test [2, N, 3]): a good model and a useless one."""
    rng = np.random.default_rng(0)
    found = []
    for n in (200, 300):
        targets = rng.integers(0, 3, n)
        found += [targets, np.stack([model(targets, 2.0, rng), model(targets, 0.0, rng)])]
    return found


def nll(targets, probs):
    return -np.log(probs[np.arange(len(targets)), targets]).mean()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_gives_probabilities_from_any_number_of_models(strategy, sets):
    val_targets, val, _, test = sets
    for extra in ([], [0]):
        members = [0, 1, *extra]
        probs = combine(strategy, val_targets, val[members], test[members])
        assert probs.shape == (300, 3) and (probs >= 0).all()
        assert probs.sum(axis=1) == pytest.approx(np.ones(300))


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"mean", "majority_vote"}))
def test_fitted_strategies_beat_the_plain_mean_where_one_model_is_useless(strategy, sets):
    val_targets, val, test_targets, test = sets
    fitted = nll(test_targets, combine(strategy, val_targets, val, test))
    assert fitted < nll(test_targets, test.mean(axis=0)) - 0.005


def test_mean(sets):
    val_targets, val, _, test = sets
    assert combine("mean", val_targets, val, test) == pytest.approx((test[0] + test[1]) / 2)


def test_majority_vote_and_its_ties():
    votes = np.array(
        [
            # two of three outvote one sure model; a tie of two goes to the surer; three different votes likewise
            [[0.6, 0.4, 0.0], [0.9, 0.1, 0.0], [0.5, 0.3, 0.2]],
            [[0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.3, 0.4, 0.3]],
            [[0.0, 1.0, 0.0], [0.4, 0.6, 0.0], [0.0, 0.1, 0.9]],
        ]
    )
    probs = combine("majority_vote", [0], votes[:, :1], votes)
    assert probs.argmax(axis=1).tolist() == [0, 1, 2]
    pair = combine("majority_vote", [0], votes[:2, :1], votes[:2])
    assert pair.argmax(axis=1).tolist() == [0, 0, 0]  # image 1: 0.9 + 0.4 against 0.1 + 0.6


def test_weighted_mean_finds_the_best_weights(sets):
    val_targets, val, _, _ = sets
    combined = ensembles.weighted_mean(val_targets, val)(val)
    best = min(nll(val_targets, w * val[0] + (1 - w) * val[1]) for w in np.linspace(0, 1, 101))
    assert nll(val_targets, combined) == pytest.approx(best, abs=1e-4)
    weights = ensembles.weighted_mean(val_targets, val)(np.array([[[1.0, 0, 0]], [[0, 1.0, 0]]]))
    assert weights[0, 0] > 0.8 and weights[0].sum() == pytest.approx(1)


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_temperature_recovers_the_known_one(true):
    rng = np.random.default_rng(3)
    calibrated = softmax(rng.normal(size=(4000, 3)), axis=-1)
    targets = np.array([rng.choice(3, p=p) for p in calibrated])
    # Dividing the logits of the distorted model by ``true`` gives the calibrated one back.
    distorted = softmax(np.log(calibrated) * true, axis=-1)
    found = ensembles.temperature(targets, distorted)
    assert found == pytest.approx(true, rel=0.1)
    assert ensembles.apply_temperature(distorted, true) == pytest.approx(calibrated, abs=0.01)


def test_each_model_has_its_own_temperature(sets):
    val_targets, val, _, test = sets
    distorted = [softmax(np.log(s) * np.array([3.0, 0.5])[:, None, None], axis=-1) for s in (val, test)]
    own = combine("temperature_mean", val_targets, val, test)
    assert combine("temperature_mean", val_targets, *distorted) == pytest.approx(own, abs=0.02)


def test_bayesian_average_is_the_posterior():
    targets = np.zeros(2, int)
    val = np.array([[[0.6, 0.4]] * 2, [[0.3, 0.7]] * 2])
    weights = combine("bayesian_average", targets, val, np.array([[[1.0, 0.0]], [[0.0, 1.0]]]))[0]
    assert weights == pytest.approx([0.36 / 0.45, 0.09 / 0.45])  # likelihoods 0.6^2 and 0.3^2
    many = combine("bayesian_average", np.zeros(100, int), val.repeat(50, axis=1), val[:, :1])
    assert many == pytest.approx(val[0, :1], abs=1e-9)


def test_stacking_mends_a_model_that_swaps_classes():
    rng = np.random.default_rng(2)
    targets = rng.integers(0, 3, 300)
    good = model(targets, 4.0, rng)
    swapped = np.stack([good[:, [1, 2, 0]]] * 2)
    probs = combine("stacking", targets[:150], swapped[:, :150], swapped[:, 150:])
    assert (probs.argmax(axis=1) == targets[150:]).mean() > 0.9
    assert (swapped[0].argmax(axis=1) == targets).mean() < 0.1


def test_stacking_ends_at_the_minimum(sets):
    """Where another solver ends that is given time: an early stop would differ by threads and machines."""
    val_targets, val, _, test = sets
    inputs = [np.log(np.concatenate(list(probs), axis=1)) for probs in (val, test)]
    slow = LogisticRegression(tol=1e-9, max_iter=10_000).fit(inputs[0], val_targets)
    assert combine("stacking", val_targets, val, test) == pytest.approx(slow.predict_proba(inputs[1]), abs=1e-6)


def test_stacking_needs_every_class(sets):
    val_targets, val, _, test = sets
    keep = val_targets < 2
    with pytest.raises(StudyError, match="every class"):
        combine("stacking", val_targets[keep], val[:, keep], test)


def test_predictions_without_full_support_stay_finite():
    sure = np.array([[[1.0, 0.0], [0.0, 1.0]]] * 2)
    for strategy in STRATEGIES:
        assert np.isfinite(combine(strategy, np.array([1, 0]), sure, sure)).all()


def test_wrong_input(sets):
    val_targets, val, _, test = sets
    with pytest.raises(StudyError, match="did you mean 'stacking'"):
        combine("stackin", val_targets, val, test)
    for one in ((val[:1], test[:1]), (val, test[:1]), (val[0], test[0])):
        with pytest.raises(StudyError, match="two models or more"):
            combine("mean", val_targets, *one)
    for apart in ((val_targets[1:], val, test), (val_targets, val, test[..., :2])):
        with pytest.raises(StudyError, match="do not belong together"):
            combine("mean", *apart)


def test_greedy_selection_by_hand():
    targets = np.zeros(2, int)

    def model(*right):
        return np.stack([np.array(right), 1 - np.array(right)], axis=1)

    # Losses of one image each, -log: A (0.9, 0.2), B (0.2, 0.9), C (0.5, 0.5). C is the best alone (0.693 against
    # 0.857); C+A gives 0.7 and 0.35 (0.703): no gain, so that C stays alone although A+B would give 0.55 and 0.55.
    probs = np.stack([model(0.9, 0.2), model(0.2, 0.9), model(0.5, 0.5)])
    assert ensembles.greedy_counts(targets, probs).tolist() == [0, 0, 1]
    # Without C: A first (the first of equals), then B (0.55, 0.55), and nothing betters their even mixture.
    assert ensembles.greedy_counts(targets, probs[:2]).tolist() == [1, 1]
    assert combine("greedy_selection", targets, probs[:2], probs[:2])[:, 0] == pytest.approx([0.55, 0.55])
    # A (0.9, 0.6) is best alone (0.308), with B (0.5, 0.99) 0.293, A taken again 0.290, a third time 0.292.
    unequal = np.stack([model(0.9, 0.6), model(0.5, 0.99)])
    assert ensembles.greedy_counts(targets, unequal).tolist() == [2, 1]


def test_diversity_by_hand():
    targets = np.zeros(8, int)

    def model(wrong):
        return np.stack([np.where(np.isin(np.arange(8), wrong), 0.1, 0.9)] * 2, axis=1) * [1, -1] + [0, 1]

    # right/right 4, wrong/wrong 1, only one right 1 and 2: Q = (4*1 - 1*2) / (4*1 + 1*2)
    a, b = model([0, 1, 2]), model([0, 3])
    assert ensembles.q_statistic(targets, a, b) == pytest.approx(1 / 3)
    assert ensembles.disagreement(a, b) == pytest.approx(3 / 8)
    assert ensembles.q_statistic(targets, a, a) == 1.0
    assert ensembles.q_statistic(targets, model([]), model([])) != ensembles.q_statistic(targets, a, b)
    assert np.isnan(ensembles.q_statistic(targets, model([]), model([])))
    # three classes: both wrong in different ways is disagreement, too
    first, second = np.eye(3)[[1]], np.eye(3)[[2]]
    assert ensembles.disagreement(first, second) == 1.0


@pytest.mark.parametrize("strategy", ensembles.STRATEGIES)
def test_ties_do_not_hang_on_the_last_bit(strategy):
    rng = np.random.default_rng(0)
    probs = np.round(rng.dirichlet([1, 1], (3, 40)), 6)
    combined = ensembles.combine(strategy, rng.integers(0, 2, 40), probs, probs)
    assert (combined == np.round(combined, 9)).all()
