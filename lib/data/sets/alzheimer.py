"""The 4-class Alzheimer MRI set: 6,400 axial slices, 32 of each of 200 subjects, in its two Kaggle editions."""

import re
from functools import cache
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files.archives import Entry, list_files
from lib.data.index import check_counts, find_folder, finish_index, not_found

SOURCE = SOURCES["alzheimer"]
N_SLICES = 32
SUBJECTS = {"MildDemented": 28, "ModerateDemented": 2, "NonDemented": 100, "VeryMildDemented": 70}
N_TEST = {"MildDemented": 179, "ModerateDemented": 12, "NonDemented": 640, "VeryMildDemented": 448}
"""Images in the test folders of the 176x208 edition."""

_FOLDER = r"(?P<folder>(?:Mild|Moderate|Non|Very_?Mild)_?Demented)"
_NUMBERED = rf"(?:^|/)(?P<id>{_FOLDER}/[a-z]+_(?P<number>\d+))\.\w+$"
_NAMED = r"(?P<level>\d+)(?: \((?P<subject>\d+)\))?"
_IN_PARTS = rf"(?:^|/)(?P<id>(?P<split>train|test)/{_FOLDER}/(?:[a-zA-Z]+(?P<number>\d+)|{_NAMED}))\.\w+$"
_FILES = {"128x128": re.compile(_NUMBERED), "176x208": re.compile(_IN_PARTS)}


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
    for edition in _FILES:
        if rows := _rows(entries, edition):
            break
    else:
        raise not_found(SOURCE, root, f" images ({' or '.join(_FILES)})")
    frame = pd.DataFrame(rows).sort_values(["dx", "subject_id", "slice"], ignore_index=True)
    check_counts(frame, SOURCE)
    twice = frame.duplicated(["subject_id", "slice"])
    if twice.any():
        raise StudyError(f"{SOURCE.title}: {frame.loc[twice, 'image_id'].iloc[0]} is there twice; fetch it again.")
    return finish_index(frame, SOURCE, groups_known=True, edition=edition)


def _rows(entries: list[Entry], edition: str) -> list[dict]:
    rows: dict[str, dict] = {}
    for entry in entries:
        found = _FILES[edition].search(entry.inner)
        if not found or not entry.is_image:
            continue
        named = found.groupdict()
        dx = named["folder"].replace("_", "")
        split = {"split": named["split"]} if "split" in named else {}
        key = int(named["number"]) if named["number"] else (int(named["subject"] or 1), int(named["level"]))
        if (place := _places(dx, **split).get(key)) is None:
            raise StudyError(f"{SOURCE.title}: {entry.path} has a number beyond the published; fetch it again.")
        subject_id = f"{dx}_{place[0]:03d}"
        row = {"image_id": named["id"], "dx": dx, "group": subject_id, "subject_id": subject_id, "slice": place[1]}
        rows.setdefault(named["id"], {**row, **split, "path": entry.path})
    return list(rows.values())


@cache
def _places(dx: str, split: str = "") -> dict[object, tuple[int, int]]:
    """(subject, slice) by number of a file of the class, or by themselves where files are named so."""
    train, test = file_order(dx)
    if split == "test":
        return {pair: pair for pair in test}
    return dict(enumerate(train)) if split else dict(enumerate([*test, *train], 1))
