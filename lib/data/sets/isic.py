"""External test sets of the ISIC: that of 2018's task 3 (1,512 images), which goes with HAM10000, and 2019's training
set (25,331 images, HAM10000's 10,015 among them, with BCN20000 and MSK)."""

from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files.archives import list_files
from lib.data.files.images import images_by_stem
from lib.data.index import (
    attach_paths,
    check_counts,
    find_folder,
    find_table,
    finish_index,
    locate_folder,
    not_found,
    read_diagnoses,
)
from lib.data.sets import ham10000

TEST_2018, TRAINING_2019 = SOURCES["isic2018-test"], SOURCES["isic2019"]
_METADATA = r"(ISIC2018_Task3_Test_)?metadata\.csv"
_NAMES = {"image": "image_id", "isic_id": "image_id", "age_approx": "age", "anatom_site_general": "localization",
          "dataset": "site", "diagnosis_confirm_type": "dx_type"}  # fmt: skip
_KNOWN = ("lesion_id", "dx_type", "age", "sex", "localization", "site")
_TRUTH = r"(ISIC2018_Task3_Test_GroundTruth(\.csv|\.tab|\.tsv)?|groundtruth\.csv)"

_SITES = {"HAM": "ham10000", "BCN": "bcn20000", "MSK": "msk"}

_SKIPPED = {
    *(34550, 34647, 34673, 34775, 34796, 34799, 34929, 34963, 34969, 34981, 35069, 35141, 35159, 35174, 35183),
    *(35203, 35249, 35251, 35252, 35269, 35279, 35371, 35424, 35426, 35502, 35514, 35549, 35595, 35620),
}
IMAGE_IDS = tuple(f"ISIC_{n:07d}" for n in range(34524, 36065) if n not in _SKIPPED)

MAX_MISSING = 2
"""Copies in circulation lack up to two images; Dataverse has ground truth for 1,511."""


def load_2018_test(root: Path) -> pd.DataFrame:
    """Index of the ISIC 2018 task 3 test images: the official zips, Dataverse's (also beside HAM10000), or a tar.

    Columns: image_id, path, dx, label, group, split ("test") and what the ground truth (Dataverse) or the ISIC
    archive's ``metadata.csv`` beside it gives: lesion_id, dx_type, age in years, sex, localization, site.
    ``attrs["missing"]``: which of ``IMAGE_IDS`` are not there, at most two; ``attrs["groups_known"]``: whether lesions
    are given, ``group`` is the image otherwise.

    Raises:
        StudyError: absent, more than two images missing, or other ids or class counts than the published.
    """
    folder, entries, table = _find(root)
    frame = read_diagnoses(table, "ground truth of the ISIC 2018 test set")
    details = find_table(entries, _METADATA)
    details = (table if details is None else details).rename(columns=_NAMES)
    known = [c for c in _KNOWN if c in details]
    frame = frame.merge(details[["image_id", *known]], how="left", on="image_id")
    foreign = sorted(set(frame["image_id"]) - set(IMAGE_IDS))
    if foreign:
        raise StudyError(f"{foreign[0]} in the ground truth under {folder} is no ISIC 2018 test image; fetch it again.")
    frame = frame.merge(pd.DataFrame({"image_id": IMAGE_IDS}), how="right", on="image_id")
    diagnosed = set(frame["image_id"][frame["dx"].notna()])
    paths = {image_id: path for image_id, path in images_by_stem(entries).items() if image_id in diagnosed}
    frame = attach_paths(frame, paths, TEST_2018, absent_allowed=MAX_MISSING)
    check_counts(frame, TEST_2018, tolerance=MAX_MISSING)
    groups_known = "lesion_id" in frame and bool(frame["lesion_id"].notna().all())
    frame["group"] = frame["lesion_id" if groups_known else "image_id"]
    frame["split"] = "test"
    return finish_index(frame, TEST_2018, groups_known=groups_known)


def _find(root: Path):
    for source in (TEST_2018, ham10000.SOURCE):
        folder = locate_folder(source, root)
        entries = [] if folder is None else list_files(folder)
        table = find_table(entries, _TRUTH)
        if table is not None:
            return folder, entries, table
    raise not_found(TEST_2018, root)


def load_2019(root: Path) -> pd.DataFrame:
    """Index of the ISIC 2019 training images, from the official zip or folder with GroundTruth.csv and Metadata.csv.

    Columns: image_id, path, dx ("scc" beside the seven HAM10000 classes; AK is akiec), label (-1 for scc), group
    (lesion_id as HAM10000's with duplicates merged, else image_id), lesion_id, age (years), sex, localization, site
    ("ham10000", "bcn20000", "msk", absent if unknown), in_ham10000 (bool).

    Raises:
        StudyError: images or tables absent, or other class counts than the published.
    """
    folder = find_folder(TRAINING_2019, root)
    entries = list_files(folder)
    truth = find_table(entries, r"ISIC_2019_Training_GroundTruth\.csv")
    metadata = find_table(entries, r"ISIC_2019_Training_Metadata\.csv")
    if truth is None or metadata is None:
        raise not_found(TRAINING_2019, root, " tables ISIC_2019_Training_GroundTruth.csv and ..._Metadata.csv")
    metadata = metadata.rename(columns=_NAMES)
    if not {"image_id", "lesion_id"} <= set(metadata.columns):
        raise StudyError(f"ISIC_2019_Training_Metadata.csv under {folder} lacks image or lesion_id; fetch it again.")
    frame = read_diagnoses(truth, "ISIC_2019_Training_GroundTruth.csv").merge(metadata, on="image_id", how="left")
    frame = attach_paths(frame.sort_values("image_id", ignore_index=True), images_by_stem(entries), TRAINING_2019)
    check_counts(frame, TRAINING_2019)
    in_ham10000 = ham10000.is_ham10000(frame["image_id"])
    if in_ham10000.sum() != 10015:
        raise StudyError(f"ISIC 2019 under {folder} holds {in_ham10000.sum()} of HAM10000's 10015 ids; fetch it again.")
    site = frame["lesion_id"].str[:3].map(_SITES).mask(in_ham10000, "ham10000")
    frame = frame.assign(
        group=ham10000.merge_duplicates(frame.assign(lesion_id=frame["lesion_id"].fillna(frame["image_id"]))),
        site=site,
        in_ham10000=in_ham10000,
    )
    return finish_index(frame, TRAINING_2019, groups_known=bool(frame["lesion_id"].notna().all()))
