"""Downloading one file: progress, resumption of what an earlier attempt left, retries, checksum."""

import logging
import os
import time
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

from lib.core.errors import StudyError

_TIMEOUT = (15, 60)  # seconds to connect, seconds between bytes
_BLOCK = 1 << 16  # bytes; a block that is cut off is lost
_PASSING = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.exceptions.Timeout)


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
        self.version = path.with_name(path.name + ".part.version")  # of the file at the server
        self.attempts, self.wait = attempts, wait

    def __call__(self, url: str, output_file: str | os.PathLike, _pooch: object) -> None:
        failures = 0
        while True:
            before = self._have()
            try:
                self._continue(url, before)
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
        self.version.unlink(missing_ok=True)

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _continue(self, url: str, have: int) -> None:
        headers = {"Accept-Encoding": "identity"}
        if have and self.version.exists() and (version := self.version.read_text()):
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return  # everything had arrived before
            if response.status_code == 416:
                self.part.unlink()
            if response.status_code in (408, 416, 429) or response.status_code >= 500:
                raise requests.exceptions.ConnectionError(f"status {response.status_code}")
            if not response.ok:
                raise StudyError(
                    f"{url} answers {response.status_code} {response.reason}: the address may have moved; "
                    "download the file by hand, or choose another --source."
                )
            if response.status_code != 206:  # from the beginning
                self.part.unlink(missing_ok=True)
            self._receive(response)

    def _receive(self, response: requests.Response) -> None:
        etag = response.headers.get("ETag", "W/")
        self.version.write_text(response.headers.get("Last-Modified", "") if etag.startswith("W/") else etag)
        have, length = self._have(), response.headers.get("Content-Length")
        total = have + int(length) if length else None
        bar = tqdm(total=total, initial=have, unit="B", unit_scale=True, desc=self.part.stem, disable=None)
        with open(self.part, "ab") as file, bar:
            for block in response.iter_content(_BLOCK):
                file.write(block)
                bar.update(len(block))
        if total is not None and self._have() != total:
            raise requests.exceptions.ConnectionError(f"{self._have()} of {total} bytes")
