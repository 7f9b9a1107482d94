"""Finding the same photograph in two data sets: correlation of small colour thumbnails."""

from collections.abc import Iterable

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from lib.data.cache import central

SIDE = 32


def thumbnails(images: Iterable[np.ndarray], *, crop: bool = False) -> np.ndarray:
    """Shrink images to squares of 32 pixels (bilinear with antialiasing).

    Args:
        images: uint8 arrays [H, W, 3], RGB, of any size; read one at a time.
        crop: take the central square first (DermaMNIST); otherwise the aspect is squashed (malignant-vs-benign).

    Returns:
        uint8 [N, 32, 32, 3].
    """
    small = [np.empty((0, SIDE, SIDE, 3), np.uint8)]
    for image in images:
        image = central(image[None], min(image.shape[:2]))[0] if crop else image
        small.append(np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR))[None])
    return np.concatenate(small)


def best_matches(
    queries: np.ndarray, references: np.ndarray, *, skip_self: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """For each query the reference with the highest Pearson correlation over all pixels and colours.

    Args:
        queries: uint8 [N, 32, 32, 3].
        references: uint8 [M, 32, 32, 3], M > 0.
        skip_self: the queries are the references, in the same order, and none is its own match (M > 1).

    Returns:
        int64 [N], row of the best reference, and float32 [N], its correlation in [-1, 1]; an image of one colour
        correlates with nothing (0).
    """
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute", metric="cosine").fit(_centred(references))
    distance, row = nearest.kneighbors(None if skip_self else _centred(queries))
    return row[:, 0], (1 - distance[:, 0]).astype(np.float32)


def one_to_one_matches(queries: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`best_matches`, but no reference is given to two queries; there are at least as many references.

    Of all such assignments the one with the highest sum of correlations.
    """
    correlation = cosine_similarity(_centred(queries), _centred(references))
    row = linear_sum_assignment(correlation, maximize=True)[1]
    return row, correlation[np.arange(len(row)), row]


def _centred(images: np.ndarray) -> np.ndarray:
    """float32 [N, 32 * 32 * 3] rows of mean 0, whose cosine is a correlation."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    return flat - flat.mean(axis=1, keepdims=True)
