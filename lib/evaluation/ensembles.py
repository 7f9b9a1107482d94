"""Combining the predictions of several models: fitted on validation, applied to test.

Shapes: ``probs`` float [M, N, K] of M models on N images; ``targets`` int64 [N].
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from lib.core.errors import StudyError, lookup

Combiner = Callable[[np.ndarray], np.ndarray]
GREEDY_ROUNDS = 50
MIXTURE_STEPS = 1000
SMALLEST = 1e-6  # stored probabilities have six decimals
# Sums differ in their last bit between machines: unrounded, images tied by six decimals would be ranked by it.
DECIMALS = 9


def _logs(probs: np.ndarray) -> np.ndarray:
    return np.log(np.clip(probs, SMALLEST, 1.0))


def _nll(targets: np.ndarray, probs: np.ndarray) -> float:
    return float(-_logs(probs)[np.arange(len(targets)), targets].mean())


def _weighted(weights: np.ndarray) -> Combiner:
    return lambda p: np.tensordot(weights / weights.sum(), p, axes=1)


def mean(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Average of the probabilities (dhanalakshmi2025 section 3.3: "averaging the predictions"); nothing is fitted."""
    return lambda p: p.mean(axis=0)


def majority_vote(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Share of the models that vote for a class (dhanalakshmi2025 section 3.3: "majority voting").

    The paper names no rule for ties, which half of a pair's disagreements are: the larger mean probability decides.
    """

    def combine(p: np.ndarray) -> np.ndarray:
        m, _, k = p.shape
        votes = np.eye(k)[p.argmax(axis=2)].mean(axis=0)
        # The mean counts for less than a vote, so that it only breaks ties.
        return (votes + p.mean(axis=0) / (2 * m)) / (1 + 1 / (2 * m))

    return combine


def weighted_mean(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Average with the non-negative weights, summing to one, of least negative log-likelihood on validation.

    Expectation maximization for the weights of a mixture: the loss is convex in them, so that it finds the best ones
    for any number of models.
    """
    of_target = np.maximum(probs[:, np.arange(len(targets)), targets], SMALLEST)
    weights = np.full(len(probs), 1 / len(probs))
    for _ in range(MIXTURE_STEPS):
        share = weights[:, None] * of_target
        weights = (share / share.sum(axis=0)).mean(axis=1)
    return _weighted(weights)


def temperature(targets: np.ndarray, probs: np.ndarray) -> float:
    """Temperature of least negative log-likelihood for one model's ``probs`` [N, K] (Guo et al. 2017), 0.05..20."""
    logs = _logs(probs)

    found = minimize_scalar(
        lambda log_t: _nll(targets, softmax(logs / np.exp(log_t), axis=-1)), bounds=np.log([0.05, 20]), method="bounded"
    )
    return float(np.exp(found.x))


def apply_temperature(probs: np.ndarray, t: float) -> np.ndarray:
    """Probabilities [..., K] after dividing their logarithms by ``t``."""
    return softmax(_logs(probs) / t, axis=-1)


def temperature_mean(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Average after each model's own temperature scaling."""
    temperatures = [temperature(targets, p) for p in probs]
    return lambda p: np.mean([apply_temperature(q, t) for q, t in zip(p, temperatures, strict=True)], axis=0)


def stacking(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Logistic regression on the models' log-probabilities, fitted on validation (L2, scikit-learn's C=1).

    Newton's steps end so near the minimum that neither threads nor machines show in the answer.
    """
    if len(np.unique(targets)) < probs.shape[2]:
        raise StudyError("stacking needs every class in the validation set: choose a larger validation fraction.")
    learner = LogisticRegression(solver="newton-cholesky", tol=1e-9)

    def inputs(p: np.ndarray) -> np.ndarray:
        return np.concatenate(list(_logs(p)), axis=1)

    learner.fit(inputs(probs), targets)
    return lambda p: learner.predict_proba(inputs(p))


def bayesian_average(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Bayesian model averaging: weights are posterior probabilities of the models under equal priors, that is
    proportional to their likelihood on validation. With many images one model takes nearly all the weight."""
    return _weighted(softmax([-len(targets) * _nll(targets, p) for p in probs]))


def greedy_selection(targets: np.ndarray, probs: np.ndarray) -> Combiner:
    """Average of models added one at a time, with replacement, as long as that lowers validation loss.

    Caruana et al., Ensemble selection from libraries of models (ICML 2004): start from the best model, add the one
    (again or new) that lowers the negative log-likelihood most, at most ``GREEDY_ROUNDS`` times; the weights are the
    counts. Their bagging is left out.
    """
    return _weighted(greedy_counts(targets, probs))


def greedy_counts(targets: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """How often :func:`greedy_selection` takes each model, int64 [M]."""
    counts = np.zeros(len(probs), np.int64)
    total, best = np.zeros(probs.shape[1:]), np.inf
    for size in range(1, GREEDY_ROUNDS + 1):
        losses = [_nll(targets, (total + p) / size) for p in probs]
        chosen = int(np.argmin(losses))
        if losses[chosen] >= best:
            break
        best, total = losses[chosen], total + probs[chosen]
        counts[chosen] += 1
    return counts


STRATEGIES: dict[str, Callable[[np.ndarray, np.ndarray], Combiner]] = {
    f.__name__: f
    for f in (mean, majority_vote, weighted_mean, stacking, temperature_mean, bayesian_average, greedy_selection)
}


def combine(strategy: str, val_targets: np.ndarray, val_probs: np.ndarray, test_probs: np.ndarray) -> np.ndarray:
    """Fit ``strategy`` on validation and return its test probabilities [N_test, K].

    Raises:
        StudyError: unknown strategy, fewer than two models, or sets that do not belong together.
    """
    fit = lookup("ensemble strategy", strategy, STRATEGIES)
    val_probs, test_probs = np.asarray(val_probs, float), np.asarray(test_probs, float)
    if val_probs.ndim != 3 or test_probs.ndim != 3 or len(val_probs) < 2 or len(val_probs) != len(test_probs):
        got = f"{val_probs.shape}, {test_probs.shape}"
        raise StudyError(f"an ensemble needs [M, N, K] of two models or more, got {got}.")
    if val_probs.shape[2] != test_probs.shape[2] or len(val_targets) != val_probs.shape[1]:
        raise StudyError(
            f"{len(val_targets)} validation targets, validation probabilities {val_probs.shape} and test probabilities "
            f"{test_probs.shape} do not belong together: give the same images and classes."
        )
    return np.round(fit(np.asarray(val_targets), val_probs)(test_probs), DECIMALS)


def disagreement(first: np.ndarray, second: np.ndarray) -> float:
    """Share of images to which two models [N, K] give different classes, 0..1 (Kuncheva and Whitaker 2003 count
    only those on which exactly one is right; with two classes that is the same)."""
    return float((first.argmax(axis=1) != second.argmax(axis=1)).mean())


def q_statistic(targets: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Yule's Q of two models' errors, -1..1: 0 if independent, 1 if they err on the same images (Kuncheva and
    Whitaker, Machine Learning 51:181, 2003, eq. 11); NaN where it is 0/0."""
    a, b = first.argmax(axis=1) == targets, second.argmax(axis=1) == targets
    same = int((a & b).sum()) * int((~a & ~b).sum())
    other = int((a & ~b).sum()) * int((~a & b).sum())
    return float((same - other) / (same + other)) if same + other else float("nan")
