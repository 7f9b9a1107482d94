"""DermaMNIST (Yang et al. 2023) and DermaMNIST-C (Abhishek et al. 2025): HAM10000 as npz arrays with a split."""

from functools import partial
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES, Source
from lib.data.files.archives import Entry, list_files
from lib.data.index import check_counts, find_folder, finish_index, locate_folder, not_found
from lib.data.provenance import dermamnist_table, matched_once
from lib.data.sets import ham10000
from lib.data.sets.dermamnist_npz import DERMAMNIST, DERMAMNIST_C, PARTS, Npz, read_labels, read_npz
from lib.data.sets.tables import find_table


def load(root: Path, size: int | None = None) -> pd.DataFrame:
    """Index of DermaMNIST, from ``dermamnist[_64|_128|_224].npz`` or else from HAM10000's own images.

    A table ``dermamnist_split[_info].csv`` (columns split, index, image_id) beside the npz says which HAM10000 image
    each row is; without it, the rows are matched by their pixels where HAM10000 is at hand. Then image_id is the ISIC
    id, and with HAM10000's metadata there are also lesion_id, ``group`` and the rest; otherwise image_id is such as
    "train/0". ``attrs["groups_known"]`` says whether lesions are known.

    Args:
        root: data root.
        size: 28, 64, 128 or 224 pixels; default the largest npz there, else HAM10000's images. DermaMNIST is
            HAM10000 cropped to the central square: those images need ``attrs["resize"]``, "center_crop".

    Returns:
        Index with column split ("train", "val", "test": 7007/1003/2005 images) and row (in the npz of its split).

    Raises:
        StudyError: nothing there, a wrong checksum, or counts or labels other than the published.
    """
    source = SOURCES["dermamnist"]
    if size is not None and size not in DERMAMNIST:
        raise StudyError(f"DermaMNIST has no size {size!r}: known are {', '.join(map(str, DERMAMNIST))}.")
    entries = list_files(find_folder(source, root))
    rows = _split_table(entries)
    found = _find_npz(entries, {s: npz for s, npz in DERMAMNIST.items() if size in (None, s)})
    if found:
        pixels, path = found
        frame = read_npz(path, DERMAMNIST[pixels])
        rows = _matched_rows(frame, root, crop=True) if rows is None else rows
        frame = _identify(frame, rows, _metadata(root), source)
        return _finish(frame, source, size=pixels, resize="squash")
    if size is not None or rows is None:
        raise not_found(source, root, f" npz{f' of {size} pixels' if size else ' or table of its split'}")
    frame = rows.merge(ham10000.load(root).drop(columns="label"), on="image_id")
    return _finish(frame, source, size=None, resize="center_crop")


def load_corrected(root: Path, size: int | None = None, version: str | None = None) -> pd.DataFrame:
    """Index of DermaMNIST-C, from ``dermamnist_corrected_28|224.npz`` of version 1.0 or 1.1.

    Its images are HAM10000's squashed to a square, not cropped as DermaMNIST's. ``DermaMNIST-C.csv`` (columns split,
    image_id, lesion_id, ..., in the order of the rows; published with version 1.1) identifies them as in :func:`load`,
    or else their pixels do.

    Args:
        root: data root.
        size: 28 or 224 pixels; default the largest there.
        version: "1.0" (8208/575/1232 images) or "1.1" (8215/573/1227); default the newest there.

    Raises:
        StudyError: as in :func:`load`.
    """
    source = SOURCES["dermamnist-c"]
    wanted = {(v, s): npz for (v, s), npz in DERMAMNIST_C.items() if version in (None, v) and size in (None, s)}
    if not wanted:
        raise StudyError(f"DermaMNIST-C has no version {version!r} of size {size!r}: known are 1.0, 1.1 and 28, 224.")
    entries = list_files(find_folder(source, root))
    found = _find_npz(entries, wanted)
    if not found:
        versions = " or ".join(sorted({v for v, _ in wanted}))
        sizes = " or ".join(sorted({str(s) for _, s in wanted}))
        raise not_found(source, root, f" npz of version {versions} and {sizes} pixels")
    (version, pixels), path = found
    rows = find_table(entries, r"DermaMNIST-C\.csv") if version == "1.1" else None
    metadata = _metadata(root)
    if rows is not None:
        rows = rows.assign(row=rows.groupby("split").cumcount())
        metadata = rows.assign(group=ham10000.merge_duplicates(rows)) if metadata is None else metadata
    frame = read_npz(path, wanted[version, pixels])
    rows = _matched_rows(frame, root, crop=False) if rows is None else rows
    frame = _identify(frame, rows, metadata, source)
    return _finish(frame, source, version=version, size=pixels, resize="squash")


def _find_npz(entries: list[Entry], wanted: dict[object, Npz]) -> tuple[object, str] | None:
    """The last of ``wanted``, in the order of its keys, that is among ``entries``: (key, path)."""
    for key in sorted(wanted, reverse=True):
        twins = [npz for npz in wanted.values() if npz.name == wanted[key].name]
        for entry in entries:
            if entry.name != wanted[key].name:
                continue
            if len(twins) == 1 or _counts(entry.path) == wanted[key].counts:
                return key, entry.path
    return None


def _counts(path: str) -> tuple[int, ...]:
    labels = read_labels(path)
    return tuple(len(labels[part]) for part in PARTS)


def _split_table(entries: list[Entry]) -> pd.DataFrame | None:
    table = find_table(entries, r"dermamnist_split(_info)?\.csv")
    if table is None:
        return None
    if list(table.columns) != ["split", "index", "image_id"]:
        raise StudyError(f"dermamnist_split.csv has columns {list(table.columns)}: split, index, image_id are needed.")
    return table.rename(columns={"index": "row"})


def _matched_rows(frame: pd.DataFrame, root: Path, *, crop: bool) -> pd.DataFrame | None:
    table = matched_once(partial(dermamnist_table, crop=crop), frame, root)
    return None if table is None else table.rename(columns={"index": "row"})


def _metadata(root: Path) -> pd.DataFrame | None:
    folder = locate_folder(ham10000.SOURCE, root)
    return None if folder is None else ham10000.read_metadata(folder)


def _identify(
    frame: pd.DataFrame, rows: pd.DataFrame | None, metadata: pd.DataFrame | None, source: Source
) -> pd.DataFrame:
    """``frame`` (split, row, dx, path) with image_id, group and, where they are known, HAM10000's metadata."""
    if rows is None:
        image_id = frame["split"] + "/" + frame["row"].astype(str)
        return frame.assign(image_id=image_id, group=image_id)
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
