"""HAM10000: 10,015 dermatoscopic images of 7,470 lesions (Tschandl et al. 2018)."""

from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import CATALOGUE, SOURCES
from lib.data.files.archives import Entry, list_files
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

SOURCE = SOURCES["ham10000"]
N_LESIONS = 7470
_IDS = range(24306, 34321)
EXTRA_DUPLICATE_PAIRS = [tuple(pair) for pair in CATALOGUE["duplicate_pairs"]]


def is_ham10000(image_ids: pd.Series) -> pd.Series:
    """bool: which ISIC ids are HAM10000's, ISIC_0024306 to ISIC_0034320 without gaps."""
    number = image_ids.str.extract(r"^ISIC_(\d{7})$")[0].astype(float)
    return number.between(_IDS.start, _IDS.stop - 1)


def merge_duplicates(frame: pd.DataFrame) -> pd.Series:
    """``lesion_id`` (str) with the lesions of ``EXTRA_DUPLICATE_PAIRS`` merged under the smaller id.

    Args:
        frame: columns image_id and lesion_id.
    """
    lesion_of = dict(zip(frame["image_id"], frame["lesion_id"], strict=True))
    group = frame["lesion_id"].copy()
    for a, b in EXTRA_DUPLICATE_PAIRS:
        if a in lesion_of and b in lesion_of:
            low, high = sorted((group[frame["image_id"] == a].iloc[0], group[frame["image_id"] == b].iloc[0]))
            group = group.mask(group == high, low)
    return group


def read_metadata(entries: list[Entry]) -> pd.DataFrame | None:
    """HAM10000's metadata among ``entries``, without images: image_id, lesion_id, dx, group and what else is given
    (dx_type, age in years, sex, localization, site); None if neither form of it is there.

    The forms are ``HAM10000_metadata`` (Dataverse, Kaggle) and the ISIC 2018 challenge's ground truth with its
    lesion groupings, which give neither patient nor site.
    """
    table = find_table(entries, r"HAM10000_metadata(\.csv|\.tab|\.tsv|\.txt)?")
    if table is None:
        truth = find_table(entries, r"ISIC2018_Task3_Training_GroundTruth\.csv")
        lesions = find_table(entries, r"ISIC2018_Task3_Training_LesionGroupings\.csv")
        if truth is None or lesions is None:
            return None
        lesions = lesions.rename(columns={"image": "image_id", "diagnosis_confirm_type": "dx_type"})
        table = read_diagnoses(truth, "ISIC2018_Task3_Training_GroundTruth.csv").merge(lesions, on="image_id")
    needed = {"image_id", "lesion_id", "dx"}
    if not needed <= set(table.columns):
        raise StudyError(f"HAM10000_metadata has columns {list(table.columns)}: {sorted(needed)} are needed.")
    table = table.rename(columns={"dataset": "site"}).sort_values("image_id", ignore_index=True)
    return table.assign(group=merge_duplicates(table))


def metadata_below(root: Path) -> pd.DataFrame | None:
    """:func:`read_metadata` of HAM10000's folder below ``root``, None without it."""
    folder = locate_folder(SOURCE, root)
    return None if folder is None else read_metadata(list_files(folder))


def load(root: Path) -> pd.DataFrame:
    """Index of HAM10000 in any official layout: Dataverse zips, ISIC 2018 task 3 zips, Kaggle folders, or a tar.

    Columns: image_id, path, dx, label, group (lesion_id, 18 pairs of duplicates merged), lesion_id and, where the
    layout has them, dx_type, age (years), sex, localization, site, mask_path (lesion masks).

    Raises:
        StudyError: images or metadata absent, or not the published ids, class counts or number of lesions.
    """
    folder = find_folder(SOURCE, root)
    entries = list_files(folder)
    frame = read_metadata(entries)
    if frame is None:
        raise not_found(SOURCE, root, " metadata (HAM10000_metadata or ISIC 2018 ground truth and lesion groupings)")
    stems = images_by_stem(entries)
    frame = attach_paths(frame, stems, SOURCE)
    masks = (frame["image_id"] + "_segmentation").map(stems)
    if masks.notna().any():
        frame = frame.assign(mask_path=masks)
    check_counts(frame, SOURCE)
    if not is_ham10000(frame["image_id"]).all() or frame["lesion_id"].nunique() != N_LESIONS:
        raise StudyError(
            f"HAM10000 under {folder} has other image ids or lesions than the published "
            f"ISIC_0024306..ISIC_0034320 and {N_LESIONS}: fetch the metadata again."
        )
    return finish_index(frame, SOURCE, groups_known=True)
