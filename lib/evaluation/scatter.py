"""How tight classes lie: squared distances of features to their class's centre, and of centres to the common one."""

import numpy as np

from lib.evaluation.curves import ratio
from lib.evaluation.resampled import Predictions, by_lesion


def columns(values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """What :func:`scatters` needs summed over images, [V, N], of features ``values`` [N, D] and ``targets`` [N]."""
    member = np.eye(targets.max() + 1)[targets].T  # [K, N]
    k, d = len(member), values.shape[1]
    return np.stack([*member, *(member[:, None] * values.T).reshape(k * d, -1), (values**2).sum(axis=1)])


def scatters(sums: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """(within, between) of sums [V, ...] over images, each class counting by its images."""
    n, of_class, squares = sums[:k], sums[k:-1].reshape(k, -1, *sums.shape[1:]), sums[-1]
    centres = np.divide((of_class**2).sum(axis=1), n, out=np.zeros_like(n), where=n > 0).sum(axis=0)
    return squares - centres, centres - (of_class.sum(axis=0) ** 2).sum(axis=0) / n.sum(axis=0)


def within_share(sums: np.ndarray, k: int) -> np.ndarray:
    """Share of the variance that lies within classes: 0 where each class is a point, 1 where all have one centre."""
    within, between = scatters(sums, k)
    return ratio(within, within + between)


def centred_logits(probs: np.ndarray) -> np.ndarray:
    """Logits [N, K] with each image's mean taken out: features as the last layer sees them."""
    logits = np.log(np.maximum(probs, np.exp(-30)))
    return logits - logits.mean(axis=1, keepdims=True)


def logits_within_share(p: Predictions, weights: np.ndarray) -> np.ndarray:
    """:func:`within_share` of the logits, [B]."""
    sums = by_lesion(columns(centred_logits(p.probs), p.targets), p.codes, len(weights)) @ weights
    return within_share(sums, int(p.targets.max()) + 1)
