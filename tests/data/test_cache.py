"""Decoded images: built once, checked, rebuilt when damaged."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core.errors import StudyError
from lib.data import cache as module
from lib.data.cache import fit_square, open_cache


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Three PNGs of 20 x 10 pixels: one colour each, with a black left quarter."""
    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "cache"))
    rows = []
    for number in range(3):
        pixels = np.full((10, 20, 3), 50 * (number + 1), np.uint8)
        pixels[:, :5] = 0
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        rows.append({"image_id": f"i{number}", "path": str(path)})
    frame = pd.DataFrame(rows)
    frame.attrs = {"name": "tiny"}
    return frame


def restart():
    """Forget what was checked, as a new process would."""
    module._intact.cache_clear()


@pytest.fixture
def count_reads(monkeypatch):
    calls = []
    read = module.read_image
    monkeypatch.setattr(module, "read_image", lambda path: calls.append(path) or read(path))
    restart()
    return calls


def test_build_and_reuse(index, tmp_path, count_reads):
    first = open_cache(index, 16)
    assert first.images.shape == (3, 16, 16, 3) and first.images.dtype == np.uint8
    assert [int(first.images[first.rows[f"i{n}"], 8, 12, 0]) for n in range(3)] == [50, 100, 150]
    assert len(count_reads) == 3
    restart()
    again = open_cache(index, 16)
    assert len(count_reads) == 3 and again.sha256 == first.sha256 and (again.images == first.images).all()
    assert {p.suffix for p in (tmp_path / "cache" / "images").iterdir()} - {".lock"} == {".npy", ".json"}
    with pytest.raises(ValueError, match="read-only"):
        again.images[0] = 0


def test_two_that_want_it_at_once_build_it_once(index, tmp_path, count_reads, monkeypatch):
    read = module.read_image
    monkeypatch.setattr(module, "read_image", lambda path: time.sleep(0.1) or read(path))
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: open_cache(index, 16), range(2))
    assert len(count_reads) == 3
    assert first.sha256 == second.sha256 and (first.images == second.images).all()


@pytest.mark.parametrize("damage", ["flip", "cut", "no note"])
def test_damaged_cache_is_rebuilt(index, tmp_path, count_reads, damage):
    sha256 = open_cache(index, 16).sha256
    array, note = (next((tmp_path / "cache" / "images").glob(p)) for p in ("*.npy", "*.json"))
    content = bytearray(array.read_bytes())
    if damage == "flip":
        content[-1] ^= 255
    array.write_bytes(content[:-7] if damage == "cut" else content)
    if damage == "no note":
        note.unlink()
    restart()
    rebuilt = open_cache(index, 16)
    assert len(count_reads) == 6
    assert rebuilt.sha256 == sha256 == json.loads(note.read_text())["sha256"]
    assert rebuilt.images[2, 15, 15].tolist() == [150, 150, 150]


def test_other_files_sizes_and_orders_make_another_cache(index, tmp_path):
    first = open_cache(index, 16)
    open_cache(index, 17)
    open_cache(index, 16, "center_crop")
    open_cache(index, 16, detail_px=8)
    backwards = index[::-1].reset_index(drop=True)
    backwards.attrs = index.attrs
    turned = open_cache(backwards, 16)
    assert (turned.images[turned.rows["i0"]] == first.images[first.rows["i0"]]).all() and turned.rows["i0"] == 2
    Image.new("RGB", (20, 10), (9, 9, 9)).save(index["path"][0])
    assert open_cache(index, 16).images[0, 8, 8].tolist() == [9, 9, 9]
    assert len(list(tmp_path.glob("cache/images/*.npy"))) == 6


def test_squash_keeps_the_borders_and_center_crop_cuts_them():
    image = np.zeros((10, 20, 3), np.uint8)
    image[:, 5:15] = 200
    assert (fit_square(image, 10, "center_crop") == 200).all()
    squashed = fit_square(image, 10, "squash")
    assert squashed.shape == (10, 10, 3) and squashed[5, :, 0].tolist() == [0, 0, 100, 200, 200, 200, 200, 100, 0, 0]
    assert (fit_square(image.transpose(1, 0, 2), 10, "center_crop") == 200).all()
    assert fit_square(image, 40, "squash").shape == (40, 40, 3)
    with pytest.raises(StudyError, match="unknown resize 'crop'"):
        fit_square(image, 10, "crop")


def test_through_keeps_the_size_and_removes_the_detail():
    stripes = np.zeros((48, 64, 3), np.uint8)
    stripes[:, 1::2] = 200  # six columns to one of 8 pixels: each the mean of three dark and three light
    plain, coarse = fit_square(stripes, 32, "center_crop"), fit_square(stripes, 32, "center_crop", detail_px=8)
    assert plain.shape == coarse.shape == (32, 32, 3)
    assert np.ptp(plain.astype(int)) > 0 and (coarse == 100).all()
    halves = np.zeros((48, 48, 3), np.uint8)
    halves[:, 24:] = 200  # what 8 pixels can show stays
    assert (fit_square(halves, 32, "squash", detail_px=8)[:, [0, -1]] == [[[0] * 3, [200] * 3]]).all()


def test_a_data_set_that_is_a_part_of_its_images_takes_no_other(index, tmp_path):
    index.attrs["resize"] = "center_crop"
    with pytest.raises(StudyError, match=r"tiny is not its images by 'squash': .*'center_crop'"):
        open_cache(index, 16, "squash")
    default = open_cache(index, 16)
    assert default.sha256 == open_cache(index, 16, "center_crop").sha256
    assert len(list(tmp_path.glob("cache/images/*.npy"))) == 1


@pytest.mark.parametrize(
    ("content", "message"), [(b"no image", "cannot decode image .*1.png"), (None, "1.png cannot be found")]
)
def test_corrupt_or_absent_image_is_named_and_nothing_is_kept(index, tmp_path, content, message):
    path = tmp_path / "1.png"
    path.unlink()
    if content:
        path.write_bytes(content)
    with pytest.raises(StudyError, match=message):
        open_cache(index, 16)
    assert not [p for p in tmp_path.glob("cache/images/*") if p.suffix != ".lock"]
