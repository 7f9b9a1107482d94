"""Where the data sets are published: files, checksums, and how their addresses are found."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import requests

from lib.core.errors import StudyError
from lib.data.sets.dermamnist_npz import DERMAMNIST, DERMAMNIST_C

_ISIC = "https://isic-challenge-data.s3.amazonaws.com"
_HAM10000_DOI = "doi:10.7910/DVN/DBW86T"
_ZENODO_C = {"1.0": 11101338, "1.1": 12739457}
_CORRECTED = (
    "https://raw.githubusercontent.com/kakumarabhishek/Corrected-Skin-Image-Datasets/"
    "d15d70dc445c7f5960d8376f89512ea9079c4222/DermaMNIST/DermaMNIST_Analysis"
)


@dataclass(frozen=True)
class File:
    """``name`` below the data set's folder, ``url``, and ``checksum`` ("md5:..." or None where none is published)."""

    name: str
    url: str
    checksum: str | None = None


@dataclass(frozen=True)
class Files:
    """Files at fixed addresses."""

    files: tuple[File, ...]


@dataclass(frozen=True)
class Dataverse:
    """Files of a Dataverse data set: those whose names begin with one of ``names``."""

    doi: str
    names: tuple[str, ...]
    server: str = "https://dataverse.harvard.edu"


@dataclass(frozen=True)
class Kaggle:
    """A Kaggle data set, ``owner/name``."""

    handle: str


def _isic(year: int, *names: str) -> Files:
    return Files(tuple(File(name, f"{_ISIC}/{year}/{name}") for name in names))


def _zenodo(record: int, name: str, md5: str | None) -> File:
    return File(name, f"https://zenodo.org/records/{record}/files/{name}?download=1", md5 and f"md5:{md5}")


def _dermamnist(size: int) -> Files:
    npz = _zenodo(10519652, DERMAMNIST[size].name, DERMAMNIST[size].md5)
    return Files((npz, File("dermamnist_split_info.csv", f"{_CORRECTED}/dermamnist_split_info.csv")))


def _dermamnist_c(version: str, size: int) -> Files:
    files = [_zenodo(_ZENODO_C[version], DERMAMNIST_C[version, size].name, DERMAMNIST_C[version, size].md5)]
    if version == "1.1":
        files.append(_zenodo(_ZENODO_C["1.1"], "DermaMNIST-C.csv", "1c54bc9f483e97a9d7dbbde076a45900"))
    # Both versions use the same names: each gets a folder.
    return Files(tuple(File(f"v{version}/{f.name}", f.url, f.checksum) for f in files))


ORIGINS: dict[str, dict[str, Files | Dataverse | Kaggle]] = {
    "ham10000": {
        "dataverse": Dataverse(
            _HAM10000_DOI,
            ("HAM10000_images_part_", "HAM10000_metadata", "HAM10000_segmentations_lesion_tschandl"),
        ),
        "isic": _isic(
            2018,
            "ISIC2018_Task3_Training_Input.zip",
            "ISIC2018_Task3_Training_GroundTruth.zip",
            "ISIC2018_Task3_Training_LesionGroupings.csv",
        ),
        "kaggle": Kaggle("kmader/skin-cancer-mnist-ham10000"),
    },
    "isic2018-test": {
        "isic": _isic(2018, "ISIC2018_Task3_Test_Input.zip", "ISIC2018_Task3_Test_GroundTruth.zip"),
        "dataverse": Dataverse(_HAM10000_DOI, ("ISIC2018_Task3_Test_Images", "ISIC2018_Task3_Test_GroundTruth")),
    },
    "isic2019": {
        "isic": _isic(
            2019,
            "ISIC_2019_Training_Input.zip",
            "ISIC_2019_Training_GroundTruth.csv",
            "ISIC_2019_Training_Metadata.csv",
        ),
    },
    "dermamnist": {f"zenodo-{size}": _dermamnist(size) for size in (64, 28, 128, 224)},
    "dermamnist-c": {
        f"zenodo-v{version}-{size}": _dermamnist_c(version, size) for version in ("1.1", "1.0") for size in (28, 224)
    },
    "malignant-vs-benign": {"kaggle": Kaggle("fanconic/skin-cancer-malignant-vs-benign")},
    "alzheimer": {
        "kaggle": Kaggle("sachinkumar413/alzheimer-mri-dataset"),
        "kaggle-176x208": Kaggle("tourist55/alzheimers-dataset-4-class-of-images"),
    },
}
"""Data set -> name of the origin -> where its files are; the first is the default."""


def locate_files(origin: Files | Dataverse, base_url: str | None = None) -> list[File]:
    """Addresses of the files of ``origin``; Dataverse is asked for theirs.

    Args:
        origin: an entry of ``ORIGINS``.
        base_url: a mirror, in place of scheme and host of every address.

    Raises:
        StudyError: Dataverse cannot be reached, or does not have the files.
    """
    files = origin.files if isinstance(origin, Files) else _ask_dataverse(origin, base_url)
    return [File(f.name, _mirrored(f.url, base_url), f.checksum) for f in files]


def _mirrored(url: str, base_url: str | None) -> str:
    if base_url is None:
        return url
    parts = urlsplit(url)
    return base_url.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def _ask_dataverse(origin: Dataverse, base_url: str | None) -> list[File]:
    url = f"{origin.server}/api/datasets/:persistentId/?persistentId={quote(origin.doi)}"
    try:
        response = requests.get(_mirrored(url, base_url), timeout=60)
        response.raise_for_status()
        listed = response.json()["data"]["latestVersion"]["files"]
    except (requests.exceptions.RequestException, ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"Dataverse does not list the files of {origin.doi} ({type(error).__name__}): "
            "try again later, or choose another --source."
        ) from error
    files = []
    for name in origin.names:
        found = [_dataverse_file(entry["dataFile"], origin.server) for entry in listed]
        found = [f for f in found if f.name.startswith(name)]
        if not found:
            raise StudyError(f"Dataverse has no file {name}* in {origin.doi}: choose another --source.")
        files += found
    return files


def _dataverse_file(entry: dict, server: str) -> File:
    url = f"{server}/api/access/datafile/{entry['id']}"
    if entry.get("tabularData") or entry.get("originalFileFormat"):
        # Ingested tables are served rewritten, with a checksum of something else; the original has no reliable one.
        return File(entry.get("originalFileName") or entry["filename"], f"{url}?format=original")
    return File(entry["filename"], url, f"md5:{entry['md5']}" if entry.get("md5") else None)
