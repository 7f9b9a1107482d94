"""ISIC 2019 training set: 25,331 images, HAM10000's 10,015 among them, with BCN20000 and MSK."""

from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files.archives import list_files
from lib.data.files.images import images_by_stem
from lib.data.index import attach_paths, check_counts, find_folder, finish_index, not_found
from lib.data.sets.ham10000 import is_ham10000, merge_duplicates
from lib.data.sets.tables import find_table, read_diagnoses

SOURCE = SOURCES["isic2019"]
_SITES = {"HAM": "ham10000", "BCN": "bcn20000", "MSK": "msk"}


def load(root: Path) -> pd.DataFrame:
    """Index of the ISIC 2019 training images, from the official zip or folder with GroundTruth.csv and Metadata.csv.

    Columns: image_id, path, dx ("scc" beside the seven HAM10000 classes; AK is akiec), label (-1 for scc), group
    (lesion_id as HAM10000's with duplicates merged, else image_id), lesion_id, age (years), sex, localization, site
    ("ham10000", "bcn20000", "msk", absent if unknown), in_ham10000 (bool).

    Raises:
        StudyError: images or tables absent, or other class counts than the published.
    """
    folder = find_folder(SOURCE, root)
    entries = list_files(folder)
    truth = find_table(entries, r"ISIC_2019_Training_GroundTruth\.csv")
    metadata = find_table(entries, r"ISIC_2019_Training_Metadata\.csv")
    if truth is None or metadata is None:
        raise not_found(SOURCE, root, " tables ISIC_2019_Training_GroundTruth.csv and ..._Metadata.csv")
    names = {"image": "image_id", "age_approx": "age", "anatom_site_general": "localization"}
    metadata = metadata.rename(columns=names)
    if not {"image_id", "lesion_id"} <= set(metadata.columns):
        raise StudyError(f"ISIC_2019_Training_Metadata.csv under {folder} lacks image or lesion_id; fetch it again.")
    frame = read_diagnoses(truth, "ISIC_2019_Training_GroundTruth.csv").merge(metadata, on="image_id", how="left")
    frame = attach_paths(frame.sort_values("image_id", ignore_index=True), images_by_stem(entries), SOURCE)
    check_counts(frame, SOURCE)
    in_ham10000 = is_ham10000(frame["image_id"])
    if in_ham10000.sum() != 10015:
        raise StudyError(f"ISIC 2019 under {folder} holds {in_ham10000.sum()} of HAM10000's 10015 ids; fetch it again.")
    site = frame["lesion_id"].str[:3].map(_SITES).mask(in_ham10000, "ham10000")
    frame = frame.assign(
        group=merge_duplicates(frame.assign(lesion_id=frame["lesion_id"].fillna(frame["image_id"]))),
        site=site,
        in_ham10000=in_ham10000,
    )
    return finish_index(frame, SOURCE, groups_known=bool(frame["lesion_id"].notna().all()))
