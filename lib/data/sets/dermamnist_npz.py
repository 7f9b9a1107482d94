"""The published npz files of DermaMNIST and DermaMNIST-C: names, checksums, counts, reading."""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.core.files import hash_file
from lib.data.catalogue import LESION_CLASSES

PARTS = ("train", "val", "test")


class Npz(NamedTuple):
    """A published file: name, md5 (None: unknown), number of images in train, val and test."""

    name: str
    md5: str | None
    counts: tuple[int, int, int]


DERMAMNIST = {
    28: Npz("dermamnist.npz", "0744692d530f8e62ec473284d019b0c7", (7007, 1003, 2005)),
    64: Npz("dermamnist_64.npz", "b70a2f5635c6199aeaa28c31d7202e1f", (7007, 1003, 2005)),
    128: Npz("dermamnist_128.npz", "2defd784463fa5243564e855ed717de1", (7007, 1003, 2005)),
    224: Npz("dermamnist_224.npz", "8974907d8e169bef5f5b96bc506ae45d", (7007, 1003, 2005)),
}
"""By size in pixels: MedMNIST 3.0.2, Zenodo 10519652."""

DERMAMNIST_C = {
    ("1.0", 28): Npz("dermamnist_corrected_28.npz", None, (8208, 575, 1232)),
    ("1.0", 224): Npz("dermamnist_corrected_224.npz", "947968c463c25c5d79b946d4311afffb", (8208, 575, 1232)),
    ("1.1", 28): Npz("dermamnist_corrected_28.npz", "96e2862980877d45d9cacb5c25de6950", (8215, 573, 1227)),
    ("1.1", 224): Npz("dermamnist_corrected_224.npz", "84920fb70c83b234c295b6f0d4ae2bc0", (8215, 573, 1227)),
}
"""By version and size; version 1.1 is Zenodo 12739457. The names are the same: the counts tell the versions apart."""


def read_npz(path: str, published: Npz) -> pd.DataFrame:
    """Columns split, row, dx and path, one row per image, in the order of the file.

    Raises:
        StudyError: damaged, or checksum, counts, labels or shapes other than the published.
    """
    stat = Path(path).stat()
    if published.md5 and _md5(path, stat.st_mtime_ns, stat.st_size) != published.md5:
        raise StudyError(f"{path} does not have the published md5 {published.md5}: delete it and fetch it again.")
    labels = read_labels(path)
    counts = tuple(len(labels[part]) for part in PARTS)
    if counts != published.counts:
        raise StudyError(f"{path} holds {counts} images instead of {published.counts}: fetch it again.")
    frames = [
        pd.DataFrame(
            {
                "split": part,
                "row": range(len(labels[part])),
                "dx": [LESION_CLASSES[label] for label in labels[part]],
                "path": [f"{path}!{part}_images[{row}]" for row in range(len(labels[part]))],
            }
        )
        for part in PARTS
    ]
    return pd.concat(frames, ignore_index=True)


def read_labels(path: str) -> dict[str, np.ndarray]:
    """Part -> labels, int64 [N] in 0..6.

    Raises:
        StudyError: not an npz with ``<part>_images`` and ``<part>_labels`` of DermaMNIST's seven classes.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = {f"{part}_{kind}" for part in PARTS for kind in ("images", "labels")} - set(arrays.files)
            labels = {} if missing else {part: arrays[f"{part}_labels"].astype("int64").ravel() for part in PARTS}
    except Exception as error:  # numpy and zipfile raise many kinds for damaged files
        raise StudyError(f"cannot read {path}: {error}; fetch it again.") from error
    if missing:
        raise StudyError(f"{path} lacks {', '.join(sorted(missing))}: fetch it again.")
    if not all(((part >= 0) & (part < len(LESION_CLASSES))).all() for part in labels.values()):
        raise StudyError(f"{path} has labels outside 0..6: fetch it again.")
    return labels


@cache
def _md5(path: str, mtime: int, size: int) -> str:
    return hash_file(path, hashlib.md5(usedforsecurity=False))
