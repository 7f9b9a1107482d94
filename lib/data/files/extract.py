"""Unpacking a zip from elsewhere: nothing outside the folder, all of it or nothing."""

import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lib.core.errors import StudyError
from lib.core.files import write_folder

MAX_RATIO = 200
"""Unpacked over packed size beyond which an archive is refused; photographs are near 1, tables near 10."""


def extract(archive: Path, folder: Path) -> Path:
    """Unpack a zip into the new folder ``folder``. Tars are read in place (:mod:`lib.data.files.archives`).

    ``zipfile`` would put members with unsafe names elsewhere in silence: here they are refused, before the first member
    is written. ``folder`` appears whole or not at all.

    Raises:
        StudyError: ``folder`` exists, the archive is damaged, too large for the disk or inflated beyond ``MAX_RATIO``,
            or a member has an absolute path, "..", or is a link or encrypted.
    """
    if folder.exists():
        raise StudyError(f"{folder} is already there: move it away to unpack {archive.name} again.")
    try:
        with zipfile.ZipFile(archive) as content:
            for info in content.infolist():
                _check_member(info, archive)
            _check_size(archive, sum(info.file_size for info in content.infolist()), archive.parent)
            return write_folder(folder, content.extractall)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise StudyError(f"{archive} is damaged ({error}): delete it and fetch it again.") from error


def _check_member(info: zipfile.ZipInfo, archive: Path) -> None:
    name = info.filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or not path.parts:
        raise StudyError(f"{archive} holds {name!r}, which would be written outside its folder: do not use it.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise StudyError(f"{archive} holds a link ({name}): it is not unpacked; do not use it.")
    if info.flag_bits & 1:
        raise StudyError(f"{archive} is encrypted: unpack it by hand.")


def _check_size(archive: Path, size: int, folder: Path) -> None:
    packed = archive.stat().st_size
    if size > MAX_RATIO * packed:
        raise StudyError(f"{archive} would unpack from {packed:,} to {size:,} bytes: it is not what it should be.")
    free = shutil.disk_usage(folder).free
    if size > free:
        raise StudyError(f"{archive} needs {size:,} bytes unpacked, and {free:,} are free: choose another --data-root.")
