"""The 4-class Alzheimer MRI set: 6,400 axial slices, 32 of each of 200 subjects, in its two Kaggle editions."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files.archives import Entry, list_files
from lib.data.files.images import IMAGE_SUFFIXES
from lib.data.index import check_counts, find_folder, finish_index, not_found

SOURCE = SOURCES["alzheimer"]
N_SLICES = 32
SUBJECTS = {"MildDemented": 28, "ModerateDemented": 2, "NonDemented": 100, "VeryMildDemented": 70}
N_TEST = {"MildDemented": 179, "ModerateDemented": 12, "NonDemented": 640, "VeryMildDemented": 448}
"""Images in the test folders of the 176x208 edition."""

_FOLDER = r"(Mild|Moderate|Non|Very_?Mild)_?Demented"
_NUMBERED_128 = re.compile(rf"(?:^|/)({_FOLDER}/[a-z]+_(\d+))\.\w+$")
_NUMBERED_176 = re.compile(rf"(?:^|/)(train/{_FOLDER}/[a-zA-Z]+(\d+))\.\w+$")
_NAMED_176 = re.compile(rf"(?:^|/)(test/{_FOLDER}/(\d+)(?: \((\d+)\))?)\.\w+$")


@cache
def file_order(dx: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(subject, slice), both from 1, of the class's training and test files of the 176x208 edition, in file order.

    The numbers are those that result if ``<slice>.jpg`` is subject 1 and ``<slice> (<subject>).jpg`` the others: in
    natural order, subject 1 last in each slice, the final ``N_TEST`` are the test folder, which kept these names; the
    others, sorted as strings within a slice, are numbered from 0. The 128x128 edition numbers the test files from 1
    and goes on with the training files. A test compares this with subjects recovered from the pixels.
    """
    natural = [(subject, level) for level in range(1, N_SLICES + 1) for subject in [*range(2, SUBJECTS[dx] + 1), 1]]
    train, test = natural[: -N_TEST[dx]], natural[-N_TEST[dx] :]
    return sorted(train, key=lambda pair: (pair[1], "." if pair[0] == 1 else f" ({pair[0]}).")), test


def load(root: Path) -> pd.DataFrame:
    """Index of the MRI slices, grey images of 128x128 or 176x208 (width x height) pixels, from folders, zip or tar.

    Columns: image_id (the file, "Mild_Demented/mild_207" or "train/MildDemented/mildDem27"), path, dx, label, group
    (subject_id), subject_id, slice (1..32, level of the axial slice), and for 176x208 split (its folders). Where both
    editions are there it is that of 128x128; ``attrs["edition"]``.

    Raises:
        StudyError: absent, other counts or file numbers than the published.
    """
    entries = list_files(find_folder(SOURCE, root))
    rows, edition = _rows(entries, _identify_128), "128x128"
    if not rows:
        rows, edition = _rows(entries, _identify_176), "176x208"
    if not rows:
        raise not_found(SOURCE, root, " images (128x128 or 176x208)")
    frame = pd.DataFrame(rows).sort_values(["dx", "subject_id", "slice"], ignore_index=True)
    check_counts(frame, SOURCE)
    twice = frame.duplicated(["subject_id", "slice"])
    if twice.any():
        raise StudyError(f"{SOURCE.title}: {frame.loc[twice, 'image_id'].iloc[0]} is there twice; fetch it again.")
    return finish_index(frame, SOURCE, groups_known=True, edition=edition)


def _rows(entries: list[Entry], identify: Callable[[str], dict | None]) -> list[dict]:
    rows: dict[str, dict] = {}
    for entry in entries:
        if not entry.name.lower().endswith(IMAGE_SUFFIXES):
            continue
        try:
            row = identify(entry.inner)
        except IndexError:
            raise StudyError(
                f"{SOURCE.title}: {entry.path} has a number beyond the published; fetch it again."
            ) from None
        if row:
            rows.setdefault(row["image_id"], {**row, "path": entry.path})
    return list(rows.values())


def _identify_128(inner: str) -> dict | None:
    match = _NUMBERED_128.search(inner)
    if not match:
        return None
    image_id, folder, number = match.groups()
    dx = _class(folder)
    train, test = file_order(dx)
    return _row(image_id, dx, *[*test, *train][_position(number, first=1)])


def _identify_176(inner: str) -> dict | None:
    if match := _NUMBERED_176.search(inner):
        image_id, folder, number = match.groups()
        dx = _class(folder)
        return {**_row(image_id, dx, *file_order(dx)[0][_position(number, first=0)]), "split": "train"}
    if match := _NAMED_176.search(inner):
        image_id, folder, level, subject = match.groups()
        dx = _class(folder)
        named = (int(subject or 1), int(level))
        if named not in file_order(dx)[1]:
            raise IndexError(inner)
        return {**_row(image_id, dx, *named), "split": "test"}
    return None


def _class(folder: str) -> str:
    return folder.replace("_", "") + "Demented"


def _position(number: str, first: int) -> int:
    if int(number) < first:
        raise IndexError(number)
    return int(number) - first


def _row(image_id: str, dx: str, subject: int, level: int) -> dict:
    subject_id = f"{dx}_{subject:03d}"
    return {"image_id": image_id, "dx": dx, "group": subject_id, "subject_id": subject_id, "slice": level}
