"""Unpacking: all or nothing, nothing outside the folder."""

import stat
import zipfile

import pytest

from lib.core.errors import StudyError
from lib.data.files.extract import extract


def make_zip(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_members_arrive_with_their_folders(tmp_path):
    archive = make_zip(tmp_path / "a.zip", ("top/x.jpg", b"x"), ("top/deep/y.jpg", b"y"), ("..dots..", b"z"))
    folder = extract(archive, tmp_path / "out")
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {"top/x.jpg": b"x", "top/deep/y.jpg": b"y", "..dots..": b"z"}
    with pytest.raises(StudyError, match="already there"):
        extract(archive, folder)


@pytest.mark.parametrize("name", ["../escaped", "top/../../escaped", "/nowhere/escaped", "..\\escaped", "C:\\escaped"])
def test_members_that_try_to_escape_are_refused_before_anything_is_written(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = make_zip(inside / "a.zip", ("good.jpg", b"x"), (name, b"evil"))
    with pytest.raises(StudyError, match="outside its folder"):
        extract(archive, inside / "out")
    assert [p.name for p in tmp_path.rglob("*")] == ["inside", archive.name]


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    make_zip(tmp_path / "a.zip", (link, "/etc"), ("link/passwd", b"evil"))
    with pytest.raises(StudyError, match="holds a link"):
        extract(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damage_and_inflation_leave_nothing(tmp_path):
    archive = make_zip(tmp_path / "bomb.zip", ("zeros", bytes(30_000_000)))
    with pytest.raises(StudyError, match="would unpack from"):
        extract(archive, tmp_path / "out")
    archive = make_zip(tmp_path / "cut.zip", ("x", bytes(range(256)) * 40))
    content = bytearray(archive.read_bytes())
    content[60] ^= 255
    archive.write_bytes(content)
    with pytest.raises(StudyError, match="is damaged"):
        extract(archive, tmp_path / "out")
    archive.write_bytes(content[:100])
    with pytest.raises(StudyError, match="is damaged"):
        extract(archive, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bomb.zip", "cut.zip"]
