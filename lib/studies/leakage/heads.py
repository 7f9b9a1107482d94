"""Two classifiers on fixed features: one that can remember little, and one that does nothing else."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.core.errors import lookup

C = 0.01  # of the logistic regression on standardized features; set before any comparison and never tuned
STEPS = 100
HEADS = {
    "logistic": lambda: LogisticRegression(C=C, max_iter=STEPS, tol=1e-3),
    "nearest": lambda: KNeighborsClassifier(1, metric="cosine"),
}


def head_probabilities(
    head: str, train: np.ndarray, targets: np.ndarray, test: np.ndarray, n_classes: int
) -> np.ndarray:
    """Class probabilities float64 [N, K] of ``test`` after fitting ``head`` on ``train``, both standardized by it.

    ``logistic``: multinomial logistic regression (L2, at most ``STEPS`` steps: a cut that is the same for every split
    compared). ``nearest``: all probability to the class of the training image with the largest cosine.
    """
    classifier = lookup("head", head, HEADS)()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = make_pipeline(StandardScaler(), classifier).fit(train, targets)
    probs = np.zeros((len(test), n_classes))
    probs[:, fitted.classes_] = fitted.predict_proba(test)
    return probs


def out_of_fold(features: np.ndarray, targets: np.ndarray, groups: np.ndarray, n_classes: int) -> np.ndarray:
    """Logistic probabilities [N, K] of every image from a model that has seen no image of its group.

    Five folds of scikit-learn's ``StratifiedGroupKFold``, shuffled with seed 0.
    """
    probs = np.zeros((len(targets), n_classes))
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    for train, test in splitter.split(features, targets, groups):
        probs[test] = head_probabilities("logistic", features[train], targets[train], features[test], n_classes)
    return probs
