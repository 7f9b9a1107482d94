"""The same photograph in two data sets, by small colour thumbnails: which HAM10000 image an image is."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors
from tqdm import tqdm

from lib.core.errors import StudyError
from lib.core.files import write_atomic
from lib.core.paths import cache_dir
from lib.data.cache import central
from lib.data.files.images import read_image
from lib.data.sets import ham10000

SIDE = 32
SAME_IMAGE = 0.985


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


def provenance_table(mvb_index: pd.DataFrame, ham_index: pd.DataFrame) -> pd.DataFrame:
    """Match the malignant-vs-benign images to HAM10000: the same picture squashed to a square.

    Of the 3,297 images 2,488 correlate above 0.997 with one HAM10000 image, the others (from elsewhere in the
    ISIC archive) below 0.974 with any, so every threshold between, as ``SAME_IMAGE``, gives the same table.

    Args:
        mvb_index: ``path`` (ends in ``train|test/benign|malignant/N.jpg``), ``split`` and ``dx`` of each image.
        ham_index: index of HAM10000 with ``image_id`` and ``path``.

    Returns:
        One row per image of ``mvb_index``, in its order: ``file`` (the end of its path), ``split``, ``label``,
        ``ham10000_image_id`` (missing where no image is the same) and ``thumbnail_correlation`` with the nearest
        image (float32).

    Raises:
        StudyError: an image that cannot be read.
    """
    row, correlation = best_matches(_thumbnails(mvb_index), _thumbnails(ham_index))
    nearest = pd.Series(ham_index["image_id"].to_numpy()[row])
    return pd.DataFrame(
        {
            "file": mvb_index["path"].str.extract(r"([^/!]+/[^/!]+/[^/!]+)$")[0].to_numpy(),
            "split": mvb_index["split"].to_numpy(),
            "label": mvb_index["dx"].to_numpy(),
            "ham10000_image_id": nearest.where(correlation > SAME_IMAGE),
            "thumbnail_correlation": correlation,
        }
    )


def dermamnist_table(npz_index: pd.DataFrame, ham_index: pd.DataFrame, *, crop: bool) -> pd.DataFrame:
    """Match the rows of a DermaMNIST or DermaMNIST-C npz to the HAM10000 images that they are.

    Both hold each HAM10000 image once, so the images of a class are matched one to one; 28 x 28 pixels suffice, apart
    from photographs that HAM10000 itself holds twice.

    Args:
        npz_index: ``path`` (``<npz>!<array>[<row>]``), ``split`` and ``dx`` of each row.
        ham_index: index of HAM10000 with ``image_id``, ``path``, ``dx``.
        crop: True for DermaMNIST, the central square; False for DermaMNIST-C, all of the image, squashed.

    Returns:
        One row per row of ``npz_index``, in its order: ``split``, ``index`` (int64, row in that split's array),
        ``image_id`` (HAM10000's) and ``thumbnail_correlation`` (float32).

    Raises:
        StudyError: an image that cannot be read, or a class with more rows than HAM10000 has images.
    """
    source = np.empty(len(npz_index), dtype=object)
    correlation = np.zeros(len(npz_index), np.float32)
    for dx, rows in npz_index.reset_index(drop=True).groupby("dx").indices.items():
        references = ham_index[ham_index["dx"] == dx]
        if len(references) < len(rows):
            raise StudyError(f"{len(rows)} DermaMNIST rows of class {dx!r}, but {len(references)} HAM10000 images.")
        queries = _thumbnails(npz_index.iloc[rows])
        row, correlation[rows] = one_to_one_matches(queries, _thumbnails(references, crop=crop))
        source[rows] = references["image_id"].to_numpy()[row]
    return pd.DataFrame(
        {
            "split": npz_index["split"].to_numpy(),
            "index": npz_index["path"].str.extract(r"\[(\d+)\]$")[0].astype("int64").to_numpy(),
            "image_id": source,
            "thumbnail_correlation": correlation,
        }
    )


def matched_once(
    match: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame], images: pd.DataFrame, root: Path
) -> pd.DataFrame | None:
    """``match(images, index of HAM10000)``, kept in the cache as a CSV file, since decoding may take minutes.

    Args:
        match: :func:`provenance_table` or :func:`dermamnist_table`.
        images: with ``path``.
        root: data root that may hold HAM10000.

    Returns:
        The table, or None if HAM10000 with its images is not below ``root``.
    """
    try:
        ham_index = ham10000.load(root)
    except StudyError:
        return None
    paths = "\n".join([*images["path"], *ham_index["path"]])
    file = cache_dir() / "provenance" / f"{hashlib.sha256(paths.encode()).hexdigest()[:16]}.csv"
    if not file.is_file():
        write_atomic(file, lambda path: match(images, ham_index).to_csv(path, index=False))
    return pd.read_csv(file)


def _thumbnails(index: pd.DataFrame, *, crop: bool = False) -> np.ndarray:
    paths = tqdm(index["path"], desc="matching images with HAM10000's, once", disable=None)
    return thumbnails((read_image(path) for path in paths), crop=crop)
