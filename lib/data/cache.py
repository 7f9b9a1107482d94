"""Decoded images, kept as one memory-mapped uint8 array per data set and size, so that JPEGs decode once."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from lib.core.errors import StudyError
from lib.core.files import locked, sha256_file, write_atomic, write_json
from lib.core.paths import cache_dir
from lib.data import read_image


@dataclass(frozen=True)
class ImageCache:
    """``images``: uint8 [N, size, size, 3] RGB in the index's order; ``rows``: image_id -> row; ``sha256`` of the
    pixels, which goes into run records."""

    images: np.ndarray
    rows: dict[str, int]
    sha256: str

    def at(self, image_ids: Iterable[str]) -> np.ndarray:
        """Rows of ``image_ids``, int64 [N].

        Raises:
            StudyError: one of them is not there.
        """
        try:
            return np.array([self.rows[i] for i in image_ids], dtype=np.int64)
        except KeyError as error:
            raise StudyError(f"image {error} is not in the decoded cache: delete the cache folder and rerun.") from None

    def centred(self, size: int) -> "ImageCache":
        """The images' central squares of ``size`` pixels (a view); ``sha256`` stays that of the whole."""
        return replace(self, images=central(self.images, size))


def central(images: np.ndarray, size: int) -> np.ndarray:
    """The central squares of ``size`` pixels of images or masks [N, H, W, ...], as a view."""
    top, left = ((side - size) // 2 for side in images.shape[1:3])
    return images[:, top : top + size, left : left + size]


def fit_square(image: np.ndarray, size: int, resize: str, detail_px: int | None = None) -> np.ndarray:
    """uint8 [H, W, 3] -> uint8 [size, size, 3]; area averaging when shrinking, bilinear when enlarging.

    With ``detail_px`` the image first becomes that many pixels per side: a smaller image's detail at the same size.
    """
    if detail_px:
        image = fit_square(image, detail_px, resize)
    if resize == "center_crop":
        image = central(image[None], min(image.shape[:2]))[0]
    elif resize != "squash":
        raise StudyError(f"unknown resize {resize!r}: use 'squash' or 'center_crop'.")
    shrinks = min(image.shape[:2]) >= size
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _fingerprint(index: pd.DataFrame) -> str:
    """Digest of ids, paths and the size and time of the files behind them: new files make a new cache."""
    digest = hashlib.sha256()
    files = index["path"].str.split("!").str[0].str.split("[").str[0]
    for file in sorted(set(files)):
        try:
            stat = os.stat(file)
        except OSError as error:
            raise StudyError(
                f"image file {file} cannot be found ({error.strerror}): fetch the data set again."
            ) from None
        digest.update(f"{file}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    digest.update("\n".join(index["image_id"] + "|" + index["path"]).encode())
    return digest.hexdigest()[:12]


def resize_of(index: pd.DataFrame, resize: str | None) -> str:
    """``resize`` if the images of ``index`` may be shaped so, or what they need where it is None.

    Raises:
        StudyError: ``attrs["resize"]`` says that the data set is another part of its images (DermaMNIST is the
            central square of HAM10000's).
    """
    needed = index.attrs.get("resize") or "squash"
    if needed != "squash" and resize not in (None, needed):
        raise StudyError(
            f"{index.attrs['name']} is not its images by {resize!r}: set preprocessing.resize to {needed!r}, "
            "the part of them that the data set shows."
        )
    return resize or needed


def open_cache(index: pd.DataFrame, size: int, resize: str | None = None, detail_px: int | None = None) -> ImageCache:
    """The decoded images of ``index`` at ``size`` pixels, built on first use and verified by checksum on opening.

    ``resize`` and ``detail_px`` as in :func:`fit_square`; by default what the data set needs.

    Raises:
        StudyError: an image is absent or cannot be decoded (its name is given), or as :func:`resize_of`.
    """
    resize = resize_of(index, resize)
    shape = f"{size}-{resize}" + (f"-through{detail_px}" if detail_px else "")
    stem = f"{index.attrs['name']}-{shape}-{_fingerprint(index)}"
    path = cache_dir() / "images" / f"{stem}.npy"

    def decode(image_path: str) -> np.ndarray:
        return fit_square(read_image(image_path), size, resize, detail_px)

    def write(temporary: Path) -> None:
        array = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=(len(index), size, size, 3))
        decoded = Parallel(n_jobs=-1, backend="threading", return_as="generator")(
            delayed(decode)(p) for p in index["path"]
        )
        name = f"decoding {index.attrs['name']} at {size} px"
        for row, image in enumerate(tqdm(decoded, total=len(index), desc=name, disable=None)):
            array[row] = image
        array.flush()

    images, digest = stored_array(path, write, {"n": len(index), "size": size})
    return ImageCache(images, {image_id: row for row, image_id in enumerate(index["image_id"])}, digest)


def stored_array(path: Path, write: Callable[[Path], object], note: dict) -> tuple[np.ndarray, str]:
    """(the array at ``path``, memory-mapped; its SHA-256), made by ``write(file)`` unless it is there undamaged.

    ``note`` is kept beside it, with the checksum, in a JSON file.
    """
    if not _intact(path):
        with locked(path):
            _intact.cache_clear()  # another process may have made it meanwhile
            if not _intact(path):
                write_atomic(path, write)
                write_json(path.with_suffix(".json"), {"sha256": sha256_file(path), **note})
                _intact.cache_clear()
    return np.load(path, mmap_mode="r"), json.loads(path.with_suffix(".json").read_text())["sha256"]


@lru_cache(maxsize=64)
def _intact(path: Path) -> bool:
    """Whether the array is there and has the checksum written beside it (checked once per process)."""
    note = path.with_suffix(".json")
    if not (path.is_file() and note.is_file()):
        return False
    return json.loads(note.read_text())["sha256"] == sha256_file(path)
