"""Atomic writing and hashing of files."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from lib.core.errors import StudyError


def write_atomic(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Call ``write(temporary path)`` and move the result to ``path``: readers see all of it or nothing.

    The temporary file keeps ``path``'s suffixes, so writers that look at the extension work.

    Raises:
        StudyError: the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix=path.name)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise StudyError(f"cannot write {path} ({error.strerror or error}): choose another place.") from error
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)
    return path


def write_folder(folder: str | Path, write: Callable[[Path], object]) -> Path:
    """Call ``write(temporary folder)`` and move that to ``folder``, which appears whole or not at all.

    Raises:
        StudyError: the folder cannot be written to, or the disk is full.
    """
    folder, temporary = Path(folder), None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".partial-"))
        temporary.chmod(0o755)
        write(temporary)
        if folder.exists():
            shutil.rmtree(folder)  # what was left by a process that was killed while it wrote
        os.replace(temporary, folder)
    except OSError as error:
        raise StudyError(f"cannot write {folder} ({error.strerror or error}): choose another place.") from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


def locked(path: str | Path) -> FileLock:
    """Lock for what one process at a time should make at ``path``: the others wait, and then find it there."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_name(f".{path.name}.lock"))


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 ``text`` atomically."""
    return write_atomic(path, lambda p: p.write_text(text, encoding="utf-8"))


def write_json(path: str | Path, value: object) -> Path:
    """Write ``value`` as indented JSON, atomically."""
    return write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def sha256_file(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
