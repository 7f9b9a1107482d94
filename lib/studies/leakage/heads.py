"""Two classifiers on fixed features: one that can remember little, and one that does nothing else."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from lib.core.errors import unknown_name

C = 0.01  # of the logistic regression on standardized features; set before any comparison and never tuned
STEPS = 100
HEADS = ("logistic", "nearest")


def standardize(train: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """``train`` [N, D] and ``others`` with the mean and standard deviation of ``train``; constant columns become 0."""
    mean, scale = train.mean(axis=0), train.std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    return [(x - mean) / scale for x in (train, *others)]


def head_probabilities(
    head: str, train: np.ndarray, targets: np.ndarray, test: np.ndarray, n_classes: int
) -> np.ndarray:
    """Class probabilities float64 [N, K] of ``test`` after fitting ``head`` on ``train``.

    ``logistic``: multinomial logistic regression (L2, at most ``STEPS`` steps: a cut that is the same for every split
    compared). ``nearest``: all probability to the class of the training image with the largest cosine.
    """
    if head not in HEADS:
        raise unknown_name("head", head, HEADS)
    train, test = standardize(train, test)
    if head == "nearest":
        return np.eye(n_classes)[targets[nearest_rows(test, train)]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = LogisticRegression(C=C, max_iter=STEPS, tol=1e-3).fit(train, targets)
    probs = np.zeros((len(test), n_classes))
    probs[:, fitted.classes_] = fitted.predict_proba(test)
    return probs


def nearest_rows(queries: np.ndarray, references: np.ndarray, block: int = 1024) -> np.ndarray:
    """Row of the reference with the largest cosine to each query, int64 [N]."""
    length = np.linalg.norm(references, axis=1, keepdims=True)
    unit = references / np.where(length > 0, length, 1)
    return np.concatenate([(queries[i : i + block] @ unit.T).argmax(axis=1) for i in range(0, len(queries), block)])


def out_of_fold(
    features: np.ndarray, targets: np.ndarray, groups: np.ndarray, n_classes: int, folds: int = 5
) -> np.ndarray:
    """Logistic probabilities [N, K] of every image from a model that has seen no image of its group.

    scikit-learn's ``StratifiedGroupKFold``, shuffled with seed 0.
    """
    probs = np.zeros((len(targets), n_classes))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for train, test in splitter.split(features, targets, groups):
        probs[test] = head_probabilities("logistic", features[train], targets[train], features[test], n_classes)
    return probs
