"""One download: whole, broken and resumed, refused, changed meanwhile, wrong."""

import hashlib

import numpy as np
import pytest

from lib.core.errors import StudyError
from lib.data.files.transfer import download
from tests.fakes.file_server import serve

CONTENT = np.random.default_rng(0).bytes(3_000_000)
BLOCK = 1 << 16
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def server():
    with serve({"/file.bin": CONTENT}) as running:
        yield running


def ranges(server):
    return [wanted for _, wanted in server.requests]


def test_a_whole_file_leaves_nothing_beside_it(server, tmp_path):
    path = download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5)
    assert path.read_bytes() == CONTENT and [p.name for p in tmp_path.iterdir()] == ["file.bin"]
    download(f"{server.url}/file.bin", path, MD5)
    assert ranges(server) == [None]


def test_a_broken_connection_is_resumed_where_it_broke(server, tmp_path):
    server.breaks = [20 * BLOCK, 10 * BLOCK + 7]
    path = download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5, wait=0)
    assert path.read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={20 * BLOCK}-", f"bytes={30 * BLOCK}-"]


def test_a_later_call_resumes_what_an_earlier_one_left(server, tmp_path):
    server.breaks = [10 * BLOCK, 0, 0]
    with pytest.raises(StudyError, match="655,360 bytes are kept"):
        download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5, attempts=3, wait=0)
    assert not (tmp_path / "file.bin").exists()
    download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT and ranges(server)[-1] == "bytes=655360-"
    assert [p.name for p in tmp_path.iterdir()] == ["file.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server, tmp_path):
    server.breaks = [1_000_000, 0]
    with pytest.raises(StudyError):
        download(f"{server.url}/file.bin", tmp_path / "file.bin", attempts=2, wait=0)
    server.files["/file.bin"] = CONTENT[::-1]
    download(f"{server.url}/file.bin", tmp_path / "file.bin", wait=0)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.ranges = False
    server.breaks = [1_000_000]
    download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5, wait=0)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_part_that_is_whole_is_taken(server, tmp_path):
    server.breaks = [1_000_000, 0]
    with pytest.raises(StudyError):
        download(f"{server.url}/file.bin", tmp_path / "file.bin", attempts=2, wait=0)
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5, wait=0)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT and ranges(server)[-1] == "bytes=3000000-"


def test_a_busy_server_is_asked_again_and_an_absent_file_is_not(server, tmp_path):
    server.statuses = [503, 429]
    download(f"{server.url}/file.bin", tmp_path / "file.bin", MD5, wait=0)
    assert len(server.requests) == 3
    with pytest.raises(StudyError, match=r"absent\.bin answers 404"):
        download(f"{server.url}/absent.bin", tmp_path / "absent.bin", wait=0)
    assert len(server.requests) == 4


def test_a_wrong_checksum_leaves_no_file(server, tmp_path):
    with pytest.raises(StudyError, match=r"file\.bin .* does not have the published checksum md5:0+"):
        download(f"{server.url}/file.bin", tmp_path / "file.bin", "md5:" + "0" * 32, wait=0)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_gives_a_clear_error(tmp_path):
    with serve({}) as server:
        url = server.url
    with pytest.raises(StudyError, match=r"cannot be downloaded \(ConnectionError\): check the connection"):
        download(f"{url}/file.bin", tmp_path / "file.bin", attempts=2, wait=0)
