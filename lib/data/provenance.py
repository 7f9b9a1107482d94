"""Which HAM10000 image an image of another data set is, where that data set does not say."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lib.data.images import read_image
from lib.data.matching import best_matches, one_to_one_matches, thumbnails
from lib.errors import StudyError
from lib.files import write_atomic
from lib.paths import cache_dir

SAME_IMAGE = 0.985


def provenance_table(mvb_index: pd.DataFrame, ham_index: pd.DataFrame, threshold: float = SAME_IMAGE) -> pd.DataFrame:
    """Match the malignant-vs-benign images to HAM10000: the same picture squashed to a square.

    Of the 3,297 images 2,488 correlate above 0.997 with one HAM10000 image, the others (from elsewhere in the
    ISIC archive) below 0.974 with any, so every threshold between gives the same table.

    Args:
        mvb_index: ``path`` (ends in ``train|test/benign|malignant/N.jpg``), ``split`` and ``dx`` of each image.
        ham_index: index of HAM10000 with ``image_id`` and ``path``.
        threshold: correlation of the 32 x 32 colour thumbnails above which two images are the same.

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
            "ham10000_image_id": nearest.where(correlation > threshold),
            "thumbnail_correlation": correlation,
        }
    )


def dermamnist_table(npz_index: pd.DataFrame, ham_index: pd.DataFrame) -> pd.DataFrame:
    """Match the rows of a DermaMNIST or DermaMNIST-C npz to the HAM10000 images that they are.

    Both hold each HAM10000 image once, so the images of a class are matched one to one; 28 x 28 pixels suffice, apart
    from photographs that HAM10000 itself holds twice. DermaMNIST shows the central square, DermaMNIST-C all of the
    image, squashed to a square.

    Args:
        npz_index: index (``attrs["name"]`` "dermamnist" or "dermamnist-c") with ``path``, ``split``, ``dx``.
        ham_index: index of HAM10000 with ``image_id``, ``path``, ``dx``.

    Returns:
        One row per row of ``npz_index``, in its order: ``split``, ``index`` (int64, row in that split's array),
        ``image_id`` (HAM10000's) and ``thumbnail_correlation`` (float32).

    Raises:
        StudyError: an image that cannot be read, or a class with more rows than HAM10000 has images.
    """
    crop = npz_index.attrs["name"] == "dermamnist"
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


def cached_table(
    match: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame],
    index: pd.DataFrame,
    ham_index: pd.DataFrame,
    folder: Path | None = None,
) -> pd.DataFrame:
    """``match(index, ham_index)``, kept as a CSV file in ``folder`` (default: in the cache): decoding takes minutes.

    Args:
        match: :func:`provenance_table` or :func:`dermamnist_table`.
        index: with ``image_id`` and ``path``.
        ham_index: index of HAM10000.
        folder: where the table for the same paths is looked for and left.
    """
    images = pd.concat([index, ham_index])
    digest = hashlib.sha256("\n".join(images["image_id"] + " " + images["path"]).encode()).hexdigest()
    path = (folder or cache_dir() / "provenance") / f"{match.__name__}-{digest[:12]}.csv"
    if not path.is_file():
        write_atomic(path, lambda p: match(index, ham_index).to_csv(p, index=False))
    return pd.read_csv(path)


def _thumbnails(index: pd.DataFrame, *, crop: bool = False) -> np.ndarray:
    return thumbnails((read_image(path) for path in index["path"]), crop=crop)
