"""Writing and locking: what cannot be written says so in one sentence, and leaves nothing."""

import pytest

from lib.core.errors import StudyError
from lib.core.files import write_atomic, write_text


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(StudyError, match=r"cannot write .*out \(Is a directory\): choose another place"):
        write_text(tmp_path / "out", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StudyError, match="cannot write"):
        write_text(tmp_path / "file" / "below", "x")


def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path):
    def fill(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "a.csv", "old")
    with pytest.raises(StudyError, match="No space left on device"):
        write_atomic(tmp_path / "a.csv", fill)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.csv", "old")]
