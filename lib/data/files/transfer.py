"""Downloading one file: progress, resumption of what an earlier attempt left, retries, checksum."""

import json
import logging
import os
import re
import time
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

from lib.core.errors import StudyError

_TIMEOUT = (15, 60)  # seconds to connect, seconds between bytes
_BLOCK = 1 << 16  # bytes; a block that is cut off is lost
_PASSING = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
)


def download(url: str, path: Path, checksum: str | None = None, *, attempts: int = 6, wait: float = 2.0) -> Path:
    """Download ``url`` to ``path``, which appears complete and checked or not at all.

    What arrived stays in ``<path>.part`` when the connection breaks; the next attempt, or the next call, asks for the
    rest, if the server still has the same file.

    Args:
        url: http or https.
        path: where to put it; a file already there is kept if it has the ``checksum``, or if there is none to compare.
        checksum: "md5:..." or "sha256:...", if one is known.
        attempts: how many in succession may bring nothing.
        wait: seconds before the second attempt, doubled for each further one.

    Raises:
        StudyError: refused by the server, unreachable, or a wrong checksum (what arrived is then deleted).
    """
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        pooch.retrieve(url, checksum, fname=path.name, path=path.parent, downloader=_Resuming(path, attempts, wait))
    except ValueError as error:
        raise StudyError(
            f"{path.name} from {url} does not have the published checksum {checksum}: "
            "it was deleted; try again, and if that does not help the publisher has changed the file."
        ) from error
    return path


class _Resuming:
    """A downloader for pooch that goes on where it was cut off."""

    def __init__(self, path: Path, attempts: int, wait: float):
        self.part = path.with_name(path.name + ".part")
        self.note = path.with_name(path.name + ".part.json")
        self.attempts = attempts
        self.wait = wait

    def __call__(self, url: str, output_file: str | os.PathLike, _pooch: object) -> None:
        failures = 0
        while True:
            before = self._have()
            try:
                self._continue(url)
                break
            except _PASSING as error:
                failures = 1 if self._have() > before else failures + 1
                if failures >= self.attempts:
                    raise StudyError(
                        f"{url} cannot be downloaded ({type(error).__name__}): check the connection and run the same "
                        f"command again; {self._have():,} bytes are kept."
                    ) from error
                time.sleep(self.wait * 2 ** (failures - 1))
        os.replace(self.part, output_file)
        self.note.unlink(missing_ok=True)

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _continue(self, url: str) -> None:
        have = self._have()
        validator = self._validator()
        headers = {"Accept-Encoding": "identity"}
        if have and validator:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if response.status_code in (408, 429) or response.status_code >= 500:
                raise requests.exceptions.ConnectionError(f"status {response.status_code}")
            if response.status_code == 416:
                if response.headers.get("Content-Range") == f"bytes */{have}":
                    return  # everything had arrived before
                self.part.unlink()
                raise requests.exceptions.ConnectionError("the range was refused")
            if not response.ok:
                raise StudyError(
                    f"{url} answers {response.status_code} {response.reason}: the address may have moved; "
                    "download the file by hand, or choose another --source."
                )
            start, total = _extent(response)
            if start != have:
                start = 0
            if start == 0:
                self.part.unlink(missing_ok=True)  # before the note: it may be of an older version
            self._note(response)
            self._receive(response, start, total)

    def _receive(self, response: requests.Response, start: int, total: int | None) -> None:
        bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=self.part.stem, disable=None)
        with open(self.part, "r+b" if start else "wb") as file, bar:
            file.seek(start)
            for block in response.iter_content(_BLOCK):
                file.write(block)
                bar.update(len(block))
        if total is not None and self._have() != total:
            raise requests.exceptions.ConnectionError(f"{self._have()} of {total} bytes")

    def _validator(self) -> str | None:
        try:
            return json.loads(self.note.read_text())["validator"]
        except (OSError, ValueError, KeyError):
            return None

    def _note(self, response: requests.Response) -> None:
        """Keep what identifies this version of the file: a strong ETag, else its date."""
        etag = response.headers.get("ETag", "")
        validator = response.headers.get("Last-Modified") if etag.startswith("W/") or not etag else etag
        self.note.write_text(json.dumps({"validator": validator}))


def _extent(response: requests.Response) -> tuple[int, int | None]:
    """First byte that the response holds, and the size of the whole file where the server tells it."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    if response.status_code == 206 and match:
        return int(match[1]), int(match[2])
    length = response.headers.get("Content-Length")
    return 0, int(length) if length else None
