"""Kaggle's "Skin Cancer: Malignant vs. Benign": 3,297 images in train|test/benign|malignant folders."""

import re
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files.archives import Entry, list_files
from lib.data.index import check_counts, find_folder, find_table, finish_index, not_found
from lib.data.matching import matched_once, provenance_table
from lib.data.sets import ham10000

SOURCE = SOURCES["malignant-vs-benign"]
FOLDER_COUNTS = {
    ("train", "benign"): 1440,
    ("train", "malignant"): 1197,
    ("test", "benign"): 360,
    ("test", "malignant"): 300,
}
_MEMBER = re.compile(r"(?:^|/)(train|test)/(benign|malignant)/([^/]+)$")


def load(root: Path) -> pd.DataFrame:
    """Index of the malignant-vs-benign images, from folders, a zip or a tar.

    Columns: image_id ("train/benign/1"), path, dx, label, group, split ("train", "test": the official folders),
    ham10000_image_id and lesion_id (HAM10000's; absent where the image comes from elsewhere). ``group`` is the
    HAM10000 group, else the HAM10000 image, else the image itself. ``attrs["groups_known"]`` is False unless both
    the mapping and HAM10000's metadata are at hand: a split by ``group`` may then leak. The mapping is
    ``provenance.csv`` in the folder, columns ``file`` (such as "train/benign/1.jpg") and ``ham10000_image_id`` (absent:
    not from HAM10000), else matched by pixels where HAM10000 is at hand.

    Raises:
        StudyError: absent, other counts than the published, or a mapping that fits other files.
    """
    folder = find_folder(SOURCE, root)
    entries = list_files(folder)
    frame = _list_images(entries)
    if frame.empty:
        raise not_found(SOURCE, root, " images in folders train|test/benign|malignant")
    check_counts(frame, SOURCE)
    counts = frame.groupby(["split", "dx"]).size().to_dict()
    if counts != FOLDER_COUNTS:
        raise StudyError(f"{SOURCE.title}: folders hold {counts} images instead of {FOLDER_COUNTS}; fetch it again.")
    mapping = find_table(entries, "provenance.csv")
    if mapping is None:
        mapping = matched_once(provenance_table, frame, root)
    lesions = ham10000.metadata_below(root)
    frame = frame.assign(group=frame["image_id"])
    if mapping is not None:
        frame = _attach_lesions(frame, mapping, lesions)
    return finish_index(frame, SOURCE, groups_known=mapping is not None and lesions is not None)


def _list_images(entries: list[Entry]) -> pd.DataFrame:
    rows: dict[str, dict] = {}
    for entry in entries:
        match = _MEMBER.search(entry.inner)
        if match and entry.is_image:
            split, dx, _ = match.groups()
            image_id = f"{split}/{dx}/{entry.stem}"
            rows.setdefault(image_id, {"image_id": image_id, "path": entry.path, "dx": dx, "split": split})
    return pd.DataFrame([rows[key] for key in sorted(rows)])


def _attach_lesions(frame: pd.DataFrame, mapping: pd.DataFrame, lesions: pd.DataFrame | None) -> pd.DataFrame:
    needed = {"file", "ham10000_image_id"}
    if not needed <= set(mapping.columns):
        raise StudyError(f"the mapping to HAM10000 has columns {list(mapping.columns)}: {sorted(needed)} are needed.")
    source_of = mapping.assign(image_id=mapping["file"].str.replace(r"\.\w+$", "", regex=True)).set_index("image_id")
    if set(source_of.index) != set(frame["image_id"]) or source_of.index.has_duplicates:
        raise StudyError("the mapping to HAM10000 does not name exactly the images of malignant-vs-benign; rebuild it.")
    source = frame["image_id"].map(source_of["ham10000_image_id"])
    frame = frame.assign(ham10000_image_id=source, group=source.fillna(frame["image_id"]))
    if lesions is None:
        return frame
    lesions = lesions.set_index("image_id")
    unknown = sorted(set(source.dropna()) - set(lesions.index))
    if unknown:
        raise StudyError(f"the mapping names {unknown[0]}, which is not in HAM10000; rebuild it.")
    group = source.map(lesions["group"]).fillna(frame["group"])
    return frame.assign(lesion_id=source.map(lesions["lesion_id"]), group=group)
