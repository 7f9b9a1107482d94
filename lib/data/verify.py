"""The complete check of a data set: everything that loading checks, and every image decoded."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from lib.core.errors import StudyError
from lib.data.catalogue import load_index
from lib.data.files.images import read_image

_COUNTED = {"site": "sites", "split": "splits"}
_DISTINCT = {"lesion_id": "lesions", "subject_id": "subjects"}


def verify(name: str, data_root: str | Path | None = None) -> dict:
    """Load the index, decode every image and mask, count.

    Args:
        name, data_root: as for :func:`lib.data.load_index`.

    Returns:
        What JSON can hold: name, n (images), classes (images per class), groups; lesions, subjects, sites, splits,
        from_ham10000, masks (decoded) where known; missing (ids), image_sizes ("width x height" -> images), files
        (archive or folder -> images), sha256 (of the index), licence, citation and the index's other attributes.

    Raises:
        StudyError: what loading raises, or images that cannot be decoded (how many, and the first).
    """
    index = load_index(name, data_root)
    attrs = dict(index.attrs)
    counts = index["dx"].value_counts()
    report = {
        "name": attrs.pop("name"),
        "n": len(index),
        "classes": {dx: int(counts[dx]) for dx in [*attrs.pop("classes"), *sorted(counts.index)] if dx in counts},
        "groups": int(index["group"].nunique()),
    }
    report |= {key: int(index[column].nunique()) for column, key in _DISTINCT.items() if column in index}
    report |= {key: _counts(index[column]) for column, key in _COUNTED.items() if column in index}
    if "ham10000_image_id" in index:
        report["from_ham10000"] = int(index["ham10000_image_id"].notna().sum())
    sizes = _decode_all(index["path"], f"decoding {name}")
    report["image_sizes"] = {f"{width} x {height}": n for (height, width), n in sizes.most_common()}
    if "mask_path" in index:
        masks = _decode_all(index["mask_path"].dropna(), f"decoding masks of {name}")
        report["masks"] = sum(masks.values())
    report["files"] = dict(Counter(index["path"].map(_container)))
    return report | attrs


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in column.value_counts(dropna=False).items()}


def _container(path: str) -> str:
    archive, inside, _ = path.partition("!")
    return archive if inside else str(Path(path).parent)


def _decode_all(paths: pd.Series, description: str) -> Counter:
    """Number of images per (height, width). Pillow decodes outside the GIL, so threads use every core."""

    def decode(path: str) -> tuple[int, int] | StudyError:
        try:
            return read_image(path).shape[:2]
        except StudyError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        decoded = list(tqdm(threads.map(decode, paths), total=len(paths), desc=description, disable=None))
    failed = [error for error in decoded if isinstance(error, StudyError)]
    if failed:
        raise StudyError(f"{len(failed)} of {len(paths)} files are damaged; the first: {failed[0]}")
    return Counter(decoded)
