"""The array bootstrap gives the loop's intervals, for every metric."""

import numpy as np
import pytest

from lib.evaluation import metrics, resampling


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(3)
    targets = rng.integers(4, size=60)
    targets[targets == 3] = 2
    targets[0] = 3  # a class that some resamples miss
    logits = rng.normal(size=(2, 60, 4)) + 1.5 * np.eye(4)[targets]
    probs = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    return targets, np.round(probs, 1), rng.integers(25, size=60)  # rounded: ties


@pytest.mark.parametrize("name", sorted(resampling.METRICS))
def test_intervals_are_those_of_the_loop(predictions, name):
    targets, stack, groups = predictions
    stack = stack + 0.01 * np.arange(4)  # rows need not sum to one here, but no class may tie for the top
    weights = resampling.draw_weights(groups, len(targets), 50, seed=7)
    ours = resampling.interval(resampling.resampled(name, targets, stack, weights))
    loop = metrics.bootstrap(metrics.METRICS[name], targets, stack, groups, repeats=50, seed=7)
    assert ours == pytest.approx(loop, abs=1e-12)


def test_unresampled_weights_give_the_metric(predictions, monkeypatch):
    targets, stack, _ = predictions
    monkeypatch.setattr(resampling, "BLOCK", 1)  # one resample at a time
    for name, metric in resampling.METRICS.items():
        assert metric(targets, stack[0], np.ones((3, 60))) == pytest.approx(metrics.METRICS[name](targets, stack[0]))


def test_weights_count_draws_of_whole_groups():
    weights = resampling.draw_weights(["a", "a", "b", "c"], 4, 20)
    assert (weights[:, 0] == weights[:, 1]).all() and (weights[:, 1:].sum(axis=1) == 3).all()


def test_no_value_no_interval():
    assert np.isnan(resampling.interval(np.array([np.nan, np.nan]))).all()


def test_an_interval_may_be_centred_on_the_estimate_but_not_below_zero():
    values = np.arange(0.10, 0.201, 0.001)  # median 0.15
    low, high = resampling.interval(values, around=0.05)
    assert (low, high) == pytest.approx((0.0025, 0.0975), abs=1e-9)
    assert resampling.interval(values, around=0.01)[0] == 0
