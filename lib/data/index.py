"""What every index has in common: where its folder lies, its tables, its checks, its columns and its digest."""

import hashlib
import io
import os
import re
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import LESION_CLASSES, Source
from lib.data.files.archives import Entry, read_bytes

_FIRST = ["image_id", "path", "dx", "label", "group"]
_PATHS = ["path", "mask_path"]
ISIC_COLUMNS = {name.upper(): name for name in (*LESION_CLASSES, "scc", "unk")} | {"AK": "akiec"}


def locate_folder(source: Source, root: Path) -> Path | None:
    """The data set's folder below ``root`` (or ``root`` itself, if it bears the data set's name), else None.

    Kaggle mounts data sets as ``NAME`` or as ``datasets/OWNER/NAME``.

    Raises:
        StudyError: ``root`` cannot be read.
    """
    wanted = {_plain(name) for name in source.folders}
    try:
        if not root.is_dir():
            return None
        os.listdir(root)  # glob passes over in silence what it may not read
        below = [p for pattern in ("*", "datasets/*/*") for p in sorted(root.glob(pattern)) if p.is_dir()]
    except OSError as error:
        raise StudyError(f"cannot read {root} ({error.strerror}): choose another --data-root.") from None
    return next((folder for folder in [*below, root.resolve()] if _plain(folder.name) in wanted), None)


def find_folder(source: Source, root: Path) -> Path:
    """As :func:`locate_folder`; StudyError with the remedy where there is none."""
    folder = locate_folder(source, root)
    if folder is None:
        raise not_found(source, root)
    return folder


def not_found(source: Source, root: Path, what: str = "") -> StudyError:
    """Error for an absent data set, with the remedy; ``what`` names the part that is absent."""
    fetch = f"python -m lib data fetch {source.name} --data-root {root}"
    return StudyError(
        f"{source.title}{what} not found under {root}: run `{fetch}` "
        f"or set DERM_DATA to the folder that holds {source.folders[0]}/."
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def attach_paths(frame: pd.DataFrame, paths: dict[str, str], source: Source, absent_allowed: int = 0) -> pd.DataFrame:
    """``frame`` with column ``path``, looked up by ``image_id``; rows without an image are dropped.

    At most ``absent_allowed`` rows may lack an image: their ids are then in ``attrs["missing"]``.

    Raises:
        StudyError: more images are absent than that.
    """
    path = frame["image_id"].map(paths)
    missing = sorted(frame.loc[path.isna(), "image_id"])
    if len(missing) > absent_allowed:
        raise StudyError(
            f"{source.title}: {len(missing)} of {len(frame)} images are missing (the first is {missing[0]}): "
            f"run `python -m lib data fetch {source.name}` again."
        )
    frame = frame.assign(path=path)[path.notna()].reset_index(drop=True)
    frame.attrs["missing"] = missing
    return frame


def finish_index(frame: pd.DataFrame, source: Source, *, groups_known: bool, **attrs: object) -> pd.DataFrame:
    """Check ``frame`` (columns ``image_id, path, dx, group``, more at will), put it in its final form.

    Returns:
        The index: RangeIndex; columns image_id, path, dx, label (int64: position of dx in the classes, -1 for a
        diagnosis outside them), group, then the others; ``attrs``: name, classes, sha256 (of all columns but
        the paths), synthetic, licence, citation, missing, groups_known (False: ``group`` may be no more than the
        image), and those given.

    Raises:
        StudyError: an image_id twice, or a diagnosis or group that is absent.
    """
    twice = frame["image_id"][frame["image_id"].duplicated()]
    if len(twice):
        raise StudyError(f"{source.title}: image {twice.iloc[0]} is listed twice; fetch the metadata again.")
    for column in ("dx", "group"):
        if frame[column].isna().any():
            first = frame.loc[frame[column].isna(), "image_id"].iloc[0]
            raise StudyError(f"{source.title}: image {first} has no {column}; fetch the metadata again.")
    labels = {dx: label for label, dx in enumerate(source.classes)}
    frame = frame.assign(label=frame["dx"].map(labels).fillna(-1).astype("int64")).reset_index(drop=True)
    index = frame[_FIRST + [c for c in frame.columns if c not in _FIRST]]
    index.attrs = {
        "missing": frame.attrs.get("missing", []),
        "groups_known": groups_known,
        **attrs,
        "name": source.name,
        "classes": source.classes,
        "sha256": index_digest(index),
        "synthetic": False,
        "licence": source.licence,
        "citation": source.citation,
    }
    return index


def index_digest(index: pd.DataFrame) -> str:
    """SHA-256 over all columns but the paths: equal on every machine that has the same metadata."""
    columns = [c for c in index.columns if c not in _PATHS]
    return hashlib.sha256(index[columns].to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def check_counts(index: pd.DataFrame, source: Source, tolerance: int = 0) -> None:
    """Compare the images per class with the published counts.

    Raises:
        StudyError: a class differs by more than ``tolerance`` images, or is not among the published.
    """
    counts = index["dx"].value_counts().to_dict()
    found = {dx: counts.get(dx, 0) for dx in source.counts}
    wrong = {dx: (found[dx], n) for dx, n in source.counts.items() if abs(found[dx] - n) > tolerance}
    unknown = sorted(set(counts) - set(source.counts))
    if wrong or unknown:
        differences = [f"{dx} {found} instead of {n}" for dx, (found, n) in wrong.items()]
        differences += [f"{counts[dx]} of unknown class {dx!r}" for dx in unknown]
        raise StudyError(
            f"{source.title} is not the published data set ({'; '.join(differences)}): "
            f"fetch it again with `python -m lib data fetch {source.name}`."
        )


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
