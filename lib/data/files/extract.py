"""Unpacking an archive from elsewhere: nothing outside the folder, all of it or nothing."""

import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from lib.core.errors import StudyError

MAX_RATIO = 200
"""Unpacked over packed size beyond which an archive is refused; photographs are near 1, tables near 10."""


class _Member(NamedTuple):
    name: str
    size: int
    open: Callable[[], IO[bytes]]


def extract(archive: Path, folder: Path) -> Path:
    """Unpack a ``.zip`` or ``.tar[.gz|.bz2|.xz]`` into the new folder ``folder``.

    Every member is checked before the first is written; they are written to a temporary folder beside ``folder``,
    which gets its name when it is complete.

    Raises:
        StudyError: ``folder`` exists, the archive is damaged, too large for the disk or inflated beyond ``MAX_RATIO``,
            or a member has an absolute path, "..", or is a link, a device or encrypted.
    """
    if folder.exists():
        raise StudyError(f"{folder} is already there: move it away to unpack {archive.name} again.")
    opened = zipfile.ZipFile if archive.suffix.lower() == ".zip" else tarfile.open
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".partial-{folder.name}-"))
    try:
        with opened(archive) as content:
            members = list(_zip_members(content) if isinstance(content, zipfile.ZipFile) else _tar_members(content))
            _check_size(archive, sum(m.size for m in members), folder.parent)
            for member in members:
                target = temporary / _safe(member.name, archive)
                target.parent.mkdir(parents=True, exist_ok=True)
                with member.open() as source, open(target, "wb") as file:
                    shutil.copyfileobj(source, file, 1 << 20)
        temporary.chmod(0o755)
        os.rename(temporary, folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, tarfile.TarError, EOFError) as error:
        raise StudyError(f"{archive} is damaged ({error}): delete it and fetch it again.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _zip_members(content: zipfile.ZipFile) -> Iterator[_Member]:
    for info in content.infolist():
        _safe(info.filename, content.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise StudyError(f"{content.filename} holds a link ({info.filename}): it is not unpacked; do not use it.")
        if info.flag_bits & 1:
            raise StudyError(f"{content.filename} is encrypted: unpack it by hand.")
        if not info.is_dir():
            yield _Member(info.filename, info.file_size, lambda info=info: content.open(info))


def _tar_members(content: tarfile.TarFile) -> Iterator[_Member]:
    for info in content:
        _safe(info.name, content.name)
        if not (info.isreg() or info.isdir()):
            raise StudyError(f"{content.name} holds a link or device ({info.name}): it is not unpacked; do not use it.")
        if info.isreg():
            yield _Member(info.name, info.size, lambda info=info: content.extractfile(info))


def _safe(name: str, archive: object) -> PurePosixPath:
    """``name`` as a path that stays below the folder it is joined to."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or not path.parts:
        raise StudyError(f"{archive} holds {name!r}, which would be written outside its folder: do not use it.")
    return path


def _check_size(archive: Path, size: int, folder: Path) -> None:
    packed = archive.stat().st_size
    if size > MAX_RATIO * packed:
        raise StudyError(f"{archive} would unpack from {packed:,} to {size:,} bytes: it is not what it should be.")
    free = shutil.disk_usage(folder).free
    if size > free:
        raise StudyError(f"{archive} needs {size:,} bytes unpacked, and {free:,} are free: choose another --data-root.")
