"""Where the data sets are published: files, checksums, and how their addresses are found."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import requests

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES


@dataclass(frozen=True)
class File:
    """``name`` below the data set's folder, ``url``, and ``checksum`` ("md5:..." or None where none is published)."""

    name: str
    url: str
    checksum: str | None = None


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


def _origin(given: dict[str, str] | str) -> list[File] | Dataverse | Kaggle:
    if isinstance(given, str):
        return Kaggle(given)
    if "doi" in given:
        return Dataverse(**given)
    return [File(name, *address.split("#")) for name, address in given.items()]


ORIGINS = {name: {key: _origin(given) for key, given in source.origins.items()} for name, source in SOURCES.items()}
"""Data set -> name of the origin -> where its files are (a list: at fixed addresses); the first is the default."""


def locate_files(origin: list[File] | Dataverse, base_url: str | None = None) -> list[File]:
    """Addresses of the files of ``origin``; Dataverse is asked for theirs.

    Args:
        origin: an entry of ``ORIGINS``.
        base_url: a mirror, in place of scheme and host of every address.

    Raises:
        StudyError: Dataverse cannot be reached, or does not have the files.
    """
    files = _ask_dataverse(origin, base_url) if isinstance(origin, Dataverse) else origin
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
