"""Finding the same photograph in two data sets: correlation of small colour thumbnails."""

from collections.abc import Iterable

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment

SIDE = 32


def thumbnails(images: Iterable[np.ndarray], *, crop: bool = False) -> np.ndarray:
    """Shrink images to squares of 32 pixels (bilinear with antialiasing).

    Args:
        images: uint8 arrays [H, W, 3], RGB, of any size; read one at a time.
        crop: take the central square first (DermaMNIST); otherwise the aspect is squashed (malignant-vs-benign).

    Returns:
        uint8 [N, 32, 32, 3].
    """
    small = []
    for image in images:
        if crop:
            height, width = image.shape[:2]
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
            image = image[top : top + side, left : left + side]
        small.append(np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR)))
    return np.stack(small) if small else np.empty((0, SIDE, SIDE, 3), np.uint8)


def best_matches(
    queries: np.ndarray, references: np.ndarray, *, block: int = 2048, skip_self: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """For each query the reference with the highest Pearson correlation over all pixels and colours.

    Works on blocks of ``block`` x ``block`` pairs, about 100 MB at the default, however many images there are.

    Args:
        queries: uint8 [N, 32, 32, 3].
        references: uint8 [M, 32, 32, 3], M > 0.
        skip_self: the queries are the references, in the same order, and none is its own match (M > 1).

    Returns:
        int64 [N], row of the best reference (the first of equals), and float32 [N], its correlation in [-1, 1];
        an image of one colour correlates with nothing (0).
    """
    row = np.zeros(len(queries), np.int64)
    best = np.full(len(queries), -np.inf, np.float32)
    for r in range(0, len(references), block):
        reference = _standardized(references[r : r + block])
        for q in range(0, len(queries), block):
            correlation = _standardized(queries[q : q + block]) @ reference.T
            if skip_self and q == r:
                np.fill_diagonal(correlation, -np.inf)
            here = correlation.max(axis=1)
            better = here > best[q : q + block]
            row[q : q + block][better] = r + correlation.argmax(axis=1)[better]
            best[q : q + block][better] = here[better]
    return row, best


def one_to_one_matches(queries: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`best_matches`, but no reference is given to two queries; there are at least as many references.

    Where near-duplicates want the same reference, they are matched again, among themselves, to it and
    to the references that nobody wants, for the highest sum of correlations.
    """
    row, best = best_matches(queries, references)
    wanted, times = np.unique(row, return_counts=True)
    again = np.flatnonzero(np.isin(row, wanted[times > 1]))
    if len(again):
        free = np.setdiff1d(np.arange(len(references)), np.setdiff1d(row, row[again]))
        correlation = _standardized(queries[again]) @ _standardized(references[free]).T
        i, j = linear_sum_assignment(correlation, maximize=True)
        row[again[i]], best[again[i]] = free[j], correlation[i, j]
    return row, best


def _standardized(images: np.ndarray) -> np.ndarray:
    """float32 [N, 32 * 32 * 3] rows of mean 0 and length 1, so that a dot product is a correlation."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.where(length > 0, length, 1)
