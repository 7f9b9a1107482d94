"""Downloading a data set and checking that it loads."""

import os
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError, lookup
from lib.core.files import sha256_file, write_text
from lib.core.paths import data_root as default_root
from lib.data.catalogue import SOURCES, load_index
from lib.data.files.remote import ORIGINS, File, Kaggle, locate_files
from lib.data.files.transfer import download
from lib.data.index import locate_folder

SUMS = "SHA256SUMS"


def fetch(
    name: str,
    data_root: str | Path | None = None,
    source: str | None = None,
    *,
    base_url: str | None = None,
    **patience: float,
) -> pd.DataFrame:
    """Download data set ``name`` to its folder below ``data_root`` and load it.

    Files already there are not fetched again, and broken downloads go on where they stopped. The SHA-256 of every
    file is noted in ``SHA256SUMS`` of the folder (Kaggle's client unpacks its downloads itself, they are not noted).
    Archives stay as they are and are read in place (:mod:`lib.data.files.archives`).

    Args:
        name: a key of ``lib.data.files.remote.ORIGINS``.
        data_root: default ``$DERM_DATA``, else ``data/``.
        source: where from, a key of ``ORIGINS[name]``; default the first.
        base_url: a mirror with the same paths, in place of every server.
        patience: ``attempts`` and ``wait`` of :func:`lib.data.files.transfer.download`.

    Returns:
        The index, as of :func:`lib.data.load_index`.

    Raises:
        StudyError: unknown name or source, a download that fails, a wrong checksum, no Kaggle access, or data that are
            not the published.
    """
    origins = lookup("data set to fetch", name, ORIGINS)
    origin = lookup(f"source of {name}", source or next(iter(origins)), origins)
    root = default_root(data_root)
    folder = locate_folder(SOURCES[name], root) or root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(origin, Kaggle):
            _fetch_kaggle(origin.handle, folder)
        else:
            for file in locate_files(origin, base_url):
                _fetch_file(file, folder, **patience)
    except OSError as error:
        raise StudyError(f"cannot write to {folder}: {error}; choose another --data-root.") from error
    return load_index(name, root)


def _fetch_file(file: File, folder: Path, **patience: float) -> None:
    path, sums = folder / file.name, read_sums(folder)
    if path.exists() and file.name in sums and sha256_file(path) != sums[file.name]:
        raise StudyError(f"{path} has changed since it was fetched: delete it and fetch it again.")
    download(file.url, path, file.checksum, **patience)
    sums[file.name] = sha256_file(path)
    write_text(folder / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))


def _fetch_kaggle(handle: str, folder: Path) -> None:
    import kagglehub

    complete = folder / handle.split("/")[1]
    partial = folder / f".partial-{complete.name}"
    if complete.exists():
        return
    try:
        # Forced over what an interrupted download left, which kagglehub would refuse to touch.
        kagglehub.dataset_download(handle, output_dir=str(partial), force_download=partial.exists())
    except Exception as error:  # kagglehub raises many kinds, none of them its own
        reason = str(error).strip().split("\n")[0]
        raise StudyError(
            f"Kaggle did not give {handle} ({type(error).__name__}: {reason}): put an API token into "
            f"~/.kaggle/kaggle.json or set KAGGLE_USERNAME and KAGGLE_KEY, or download "
            f"https://www.kaggle.com/datasets/{handle} by hand and put the zip into {folder}."
        ) from error
    os.rename(partial, complete)


def read_sums(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 of what was fetched to ``folder``; empty before the first."""
    path = folder / SUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines if "  " in line)}
