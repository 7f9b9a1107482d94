"""Files in folders, zips and tars: listing, precedence, random access in workers, damage."""

import io
import multiprocessing
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.core.errors import StudyError
from lib.data.files.archives import list_files, read_bytes
from lib.data.files.images import images_by_stem
from tests.fakes.layouts import write_zip

CONTENT = {f"part/{i}.jpg": bytes([i]) * (1000 + i) for i in range(60)}


def write_tar(path, files):
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.fixture(params=["zip", "tar"])
def archive(request, tmp_path):
    path = tmp_path / f"images.{request.param}"
    {"zip": write_zip, "tar": write_tar}[request.param](path, CONTENT)
    return path


def test_every_member_is_listed_and_read(archive):
    entries = list_files(archive.parent)
    assert {e.inner: read_bytes(e.path) for e in entries} == CONTENT


def test_plain_files_come_before_zips_before_tars_and_hidden_files_are_skipped(tmp_path):
    write_tar(tmp_path / "a.tar", {"x.jpg": b"tar", "y.jpg": b"tar", "z.jpg": b"tar"})
    write_zip(tmp_path / "b.zip", {"deep/x.jpg": b"zip", "y.jpg": b"zip", "__MACOSX/._q.jpg": b"fork"})
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "x.jpg").write_bytes(b"plain")
    (tmp_path / ".partial").mkdir()
    (tmp_path / ".partial" / "h.jpg").write_bytes(b"hidden")
    found = {stem: read_bytes(path) for stem, path in images_by_stem(list_files(tmp_path)).items()}
    assert found == {"x": b"plain", "y": b"zip", "z": b"tar"}


def _matches(path):
    return read_bytes(path) == CONTENT[path.split("!")[1]]


def test_workers_that_share_an_open_archive_read_the_right_bytes(archive):
    paths = [e.path for e in list_files(archive.parent)] * 20  # opened here, before the fork
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert all(pool.map(_matches, paths, chunksize=7))
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(_matches, paths))


def test_a_replaced_archive_is_read_anew(tmp_path):
    write_tar(tmp_path / "a.tar", {"x.jpg": b"old"})
    assert read_bytes(f"{tmp_path}/a.tar!x.jpg") == b"old"
    (tmp_path / "a.tar").unlink()
    write_tar(tmp_path / "a.tar", {"w.jpg": b"before", "x.jpg": b"newer"})
    assert read_bytes(f"{tmp_path}/a.tar!x.jpg") == b"newer"


def test_damage_and_absence_are_named(archive):
    with pytest.raises(StudyError, match=r"nowhere\.jpg"):
        read_bytes(f"{archive}!nowhere.jpg")
    with pytest.raises(StudyError, match=r"absent\.tar does not exist"):
        read_bytes(f"{archive.parent}/absent.tar!x.jpg")
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(StudyError, match=archive.name):
        for entry in list_files(archive.parent):
            read_bytes(entry.path)
