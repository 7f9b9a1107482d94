"""Reading the tables that come with the images: metadata and ground truth."""

import io
import re

import pandas as pd

from lib.core.errors import StudyError
from lib.data.files.archives import Entry, read_bytes

ISIC_COLUMNS = {
    "MEL": "mel",
    "NV": "nv",
    "BCC": "bcc",
    "AKIEC": "akiec",
    "AK": "akiec",
    "BKL": "bkl",
    "DF": "df",
    "VASC": "vasc",
    "SCC": "scc",
    "UNK": "unk",
}


def find_table(entries: list[Entry], pattern: str) -> pd.DataFrame | None:
    """The first table whose whole file name matches ``pattern``; None if there is none.

    Comma- or tab-separated: Dataverse serves HAM10000's metadata as either.
    """
    path = next((e.path for e in entries if re.fullmatch(pattern, e.name, flags=re.IGNORECASE)), None)
    if path is None:
        return None
    content = read_bytes(path)
    try:
        return pd.read_csv(io.BytesIO(content), sep="\t" if b"\t" in content.split(b"\n", 1)[0] else ",")
    except (ValueError, UnicodeDecodeError) as error:
        raise StudyError(f"cannot read table {path}: {error}; fetch it again.") from error


def read_diagnoses(table: pd.DataFrame, path: str) -> pd.DataFrame:
    """Columns ``image_id`` and ``dx`` of a ground-truth table, either named so or one column per diagnosis (ISIC).

    Raises:
        StudyError: neither form, or a row that does not have exactly one diagnosis.
    """
    table = table.rename(columns={"image": "image_id"})
    if {"image_id", "dx"} <= set(table.columns):
        return table[["image_id", "dx"]]
    one_hot = [c for c in table.columns if c in ISIC_COLUMNS]
    if "image_id" not in table.columns or not one_hot:
        raise StudyError(f"{path} has columns {list(table.columns)}: expected image_id and dx, or image, MEL, NV, ...")
    chosen = table[one_hot] == 1
    if not (chosen.sum(axis=1) == 1).all():
        wrong = table.loc[chosen.sum(axis=1) != 1, "image_id"].iloc[0]
        raise StudyError(f"{path}: image {wrong} does not have exactly one diagnosis; fetch the table again.")
    return pd.DataFrame({"image_id": table["image_id"], "dx": chosen.idxmax(axis=1).map(ISIC_COLUMNS)})
