"""DermaMNIST (Yang et al. 2023) and DermaMNIST-C (Abhishek et al. 2025): HAM10000 as npz arrays with a split."""

from functools import partial
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES, Source
from lib.data.files.archives import Entry, list_files
from lib.data.index import check_counts, find_folder, finish_index, not_found
from lib.data.provenance import dermamnist_table, matched_once
from lib.data.sets import ham10000
from lib.data.sets.dermamnist_npz import DERMAMNIST, DERMAMNIST_C, Npz, read_labels, read_npz
from lib.data.sets.tables import find_table


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
