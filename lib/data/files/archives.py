"""Files of a data set, wherever they lie: in folders, in zips or in tars, all named by one kind of path.

A path is a plain file path, or ``<archive>!<member>`` for a file inside a ``.zip`` or an uncompressed ``.tar``.
"""

import os
import tarfile
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lib.core.errors import StudyError

ARCHIVE_SUFFIXES = (".zip", ".tar")
_SEPARATOR = "!"


class Entry(NamedTuple):
    """``inner``: path below the data set's folder, or the member's name in its archive; ``path``: for reading."""

    inner: str
    path: str

    @property
    def name(self) -> str:
        return self.inner.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]

    @property
    def is_image(self) -> bool:
        return self.name.lower().endswith((".jpg", ".jpeg", ".png"))


def list_files(folder: Path) -> list[Entry]:
    """Every file below ``folder`` and inside the archives there: plain files first, then zips, then tars.

    Where the same image is present twice (an archive beside its extracted folder), the first entry is the one to use.

    Raises:
        StudyError: an archive is damaged.
    """
    plain: list[Entry] = []
    archives: list[Path] = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(d for d in folders if _is_visible(d))
        for name in sorted(filter(_is_visible, names)):
            path = os.path.join(parent, name)
            if name.lower().endswith(ARCHIVE_SUFFIXES):
                archives.append(Path(path))
            else:
                plain.append(Entry(os.path.relpath(path, folder).replace(os.sep, "/"), path))
    archives.sort(key=lambda a: (a.suffix.lower() != ".zip", str(a)))
    inside = [
        Entry(member, f"{archive}{_SEPARATOR}{member}")
        for archive in archives
        for member in member_names(archive)
        if all(map(_is_visible, member.split("/")))
    ]
    return plain + inside


def _is_visible(name: str) -> bool:
    """False for hidden files and for the resource forks that macOS puts into zips (``__MACOSX/._name``)."""
    return not name.startswith(".") and name != "__MACOSX"


def member_names(archive: Path) -> list[str]:
    """Names of the files inside ``archive``, sorted."""
    if archive.suffix.lower() == ".zip":
        return sorted(i.filename for i in _zip(*identity(archive), os.getpid()).infolist() if not i.is_dir())
    return sorted(_tar(*identity(archive))[0])


def read_bytes(path: str) -> bytes:
    """Content of the file at ``path`` (a plain path or ``<archive>!<member>``); safe in threads and after a fork.

    Raises:
        StudyError: the file, the archive or the member is absent or damaged.
    """
    archive, _, member = str(path).partition(_SEPARATOR)
    try:
        if not member:
            return Path(archive).read_bytes()
        if archive.lower().endswith(".zip"):
            return _zip(*identity(Path(archive)), os.getpid()).read(member)
        return _read_tar(Path(archive), member)
    except FileNotFoundError as error:
        raise StudyError(f"file {archive} does not exist: fetch the data set again.") from error
    except (KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError) as error:
        raise StudyError(f"cannot read {path}: {error}; fetch the file again.") from error


def identity(file: Path) -> tuple[str, int, int]:
    """What tells a file's content from that of one that replaced it: path, time and size."""
    stat = file.stat()
    return str(file), stat.st_mtime_ns, stat.st_size


@cache
def _zip(path: str, mtime: int, size: int, pid: int) -> zipfile.ZipFile:
    # One handle per process: forked workers that shared one would move each other's file position.
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise StudyError(f"{path} is not a complete zip: delete it and fetch it again.") from error


@cache
def _tar(path: str, mtime: int, size: int) -> tuple[dict[str, tuple[int, int]], int]:
    """(member -> offset and size, file descriptor) of an uncompressed tar: ``pread`` needs no position."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = {m.name.removeprefix("./"): (m.offset_data, m.size) for m in tar if m.isreg()}
    except tarfile.TarError as error:
        raise StudyError(f"{path} is not an uncompressed tar ({error}): unpack it or fetch it again.") from error
    file = os.open(path, os.O_RDONLY)
    # tarfile takes a cut header for the end; a whole tar ends with two empty blocks.
    if os.pread(file, 1024, size - 1024) != bytes(1024):
        raise StudyError(f"{path} is not a complete tar: delete it and fetch it again.")
    return members, file


def _read_tar(archive: Path, member: str) -> bytes:
    members, file = _tar(*identity(archive))
    offset, size = members[member]
    content = os.pread(file, size, offset)
    if len(content) != size:
        raise EOFError(f"{archive} ends before member {member}")
    return content
