"""DermaMNIST (Yang et al. 2023) and DermaMNIST-C (Abhishek et al. 2025): HAM10000 as npz arrays with a split."""

from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pooch

from lib.core.errors import StudyError
from lib.data.catalogue import LESION_CLASSES, SOURCES, Source
from lib.data.files.archives import Entry, identity, list_files
from lib.data.index import check_counts, find_folder, find_table, finish_index, not_found
from lib.data.matching import dermamnist_table, matched_once
from lib.data.sets import ham10000
from lib.data.splits.stratified import PARTS


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


def load(root: Path) -> pd.DataFrame:
    """Index of DermaMNIST, from the largest ``dermamnist[_64|_128|_224].npz`` or else from HAM10000's own images.

    A table ``dermamnist_split[_info].csv`` (columns split, index, image_id) beside the npz says which HAM10000 image
    each row is; without it, the rows are matched by their pixels where HAM10000 is at hand. Then image_id is the ISIC
    id, and with HAM10000's metadata there are also lesion_id, ``group`` and the rest; otherwise image_id is such as
    "train/0". ``attrs["groups_known"]`` says whether lesions are known.

    DermaMNIST is HAM10000 cropped to the central square: HAM10000's images need ``attrs["resize"]``, "center_crop".

    Returns:
        Index with column split ("train", "val", "test": 7007/1003/2005 images) and row (in the npz of its split).

    Raises:
        StudyError: nothing there, a wrong checksum, or counts or labels other than the published.
    """
    source = SOURCES["dermamnist"]
    entries = list_files(find_folder(source, root))
    rows = find_table(entries, r"dermamnist_split(_info)?\.csv")
    if rows is not None:
        if list(rows.columns) != ["split", "index", "image_id"]:
            raise StudyError(f"dermamnist_split.csv has columns {list(rows.columns)}, not split, index, image_id.")
        rows = rows.rename(columns={"index": "row"})
    if found := _find_npz(entries, DERMAMNIST):
        size, path = found
        frame = _identified(read_npz(path, DERMAMNIST[size]), rows, ham10000.metadata_below(root), root, source)
        return _finish(frame, source, size=size, resize="squash")
    if rows is None:
        raise not_found(source, root, " npz or table of its split")
    frame = rows.merge(ham10000.load(root).drop(columns="label"), on="image_id")
    return _finish(frame, source, size=None, resize="center_crop")


def load_corrected(root: Path) -> pd.DataFrame:
    """Index of DermaMNIST-C, from ``dermamnist_corrected_28|224.npz`` of version 1.0 or 1.1: the newest, the largest.

    Its images are HAM10000's squashed to a square, not cropped as DermaMNIST's. ``DermaMNIST-C.csv`` (columns split,
    image_id, lesion_id, ..., in the order of the rows; published with version 1.1) identifies them as in :func:`load`,
    or else their pixels do. 8208/575/1232 (version 1.0) or 8215/573/1227 images; ``attrs["version"]``.

    Raises:
        StudyError: as in :func:`load`.
    """
    source = SOURCES["dermamnist-c"]
    entries = list_files(find_folder(source, root))
    found = _find_npz(entries, DERMAMNIST_C)
    if not found:
        raise not_found(source, root, " npz of version 1.0 or 1.1")
    (version, size), path = found
    rows = find_table(entries, r"DermaMNIST-C\.csv") if version == "1.1" else None
    metadata = ham10000.metadata_below(root)
    if rows is not None:
        rows = rows.assign(row=rows.groupby("split").cumcount())
        metadata = rows.assign(group=ham10000.merge_duplicates(rows)) if metadata is None else metadata
    frame = _identified(read_npz(path, DERMAMNIST_C[version, size]), rows, metadata, root, source)
    return _finish(frame, source, version=version, size=size, resize="squash")


def _find_npz(entries: list[Entry], wanted: dict[object, Npz]) -> tuple[object, str] | None:
    """The last of ``wanted``, in the order of its keys, that is among ``entries``: (key, path)."""
    for key, npz in sorted(wanted.items(), reverse=True):
        twins = [other for other in wanted.values() if other.name == npz.name]
        for entry in (e for e in entries if e.name == npz.name):
            if len(twins) == 1 or tuple(map(len, read_labels(entry.path).values())) == npz.counts:
                return key, entry.path
    return None


def _identified(
    frame: pd.DataFrame, rows: pd.DataFrame | None, metadata: pd.DataFrame | None, root: Path, source: Source
) -> pd.DataFrame:
    """``frame`` (split, row, dx, path) with image_id, group and, where they are known, HAM10000's metadata."""
    if rows is None:
        table = matched_once(partial(dermamnist_table, crop=source.name == "dermamnist"), frame, root)
        if table is None:
            image_id = frame["split"] + "/" + frame["row"].astype(str)
            return frame.assign(image_id=image_id, group=image_id)
        rows = table.rename(columns={"index": "row"})
    frame = frame.merge(rows[["split", "row", "image_id"]], on=["split", "row"], how="left")
    if metadata is None:
        return frame.assign(group=frame["image_id"])
    known = [c for c in ("lesion_id", "group", "dx_type", "age", "sex", "localization", "site") if c in metadata]
    truth = metadata.set_index("image_id")
    wrong = frame["image_id"][frame["dx"] != frame["image_id"].map(truth["dx"])]
    if len(wrong):
        raise StudyError(f"{source.title}: {len(wrong)} labels differ from HAM10000's (the first is {wrong.iloc[0]}).")
    return frame.merge(metadata[["image_id", *known]], on="image_id")


def _finish(frame: pd.DataFrame, source: Source, **attrs: object) -> pd.DataFrame:
    check_counts(frame, source)
    return finish_index(frame, source, groups_known="lesion_id" in frame, **attrs)


def read_npz(path: str, published: Npz) -> pd.DataFrame:
    """Columns split, row, dx and path, one row per image, in the order of the file.

    Raises:
        StudyError: damaged, or checksum, counts, labels or shapes other than the published.
    """
    if published.md5 and _md5(*identity(Path(path))) != published.md5:
        raise StudyError(f"{path} does not have the published md5 {published.md5}: delete it and fetch it again.")
    labels = read_labels(path)
    if (counts := tuple(map(len, labels.values()))) != published.counts:
        raise StudyError(f"{path} holds {counts} images instead of {published.counts}: fetch it again.")
    rows = [
        (part, row, LESION_CLASSES[label], f"{path}!{part}_images[{row}]")
        for part, of_part in labels.items()
        for row, label in enumerate(of_part)
    ]
    return pd.DataFrame(rows, columns=["split", "row", "dx", "path"])


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
    return pooch.file_hash(path, "md5")
