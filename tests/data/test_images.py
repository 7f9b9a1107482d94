"""Decoding one image from each kind of path."""

import io

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import StudyError
from lib.data import read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_rgb_and_grey_files_give_three_channels(tmp_path):
    (tmp_path / "rgb.png").write_bytes(png(PIXELS))
    (tmp_path / "grey.png").write_bytes(png(PIXELS[..., 0]))
    rgb, grey = read_image(tmp_path / "rgb.png"), read_image(str(tmp_path / "grey.png"))
    assert rgb.dtype == grey.dtype == np.uint8
    np.testing.assert_array_equal(rgb, PIXELS)
    np.testing.assert_array_equal(grey, np.repeat(PIXELS[..., :1], 3, axis=2))


def test_npz_rows(tmp_path):
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (4, 5, 5, 3), dtype=np.uint8)
    np.savez_compressed(tmp_path / "set.npz", train_images=rgb, val_images=rgb[..., 0])
    np.testing.assert_array_equal(read_image(f"{tmp_path}/set.npz!train_images[2]"), rgb[2])
    assert read_image(f"{tmp_path}/set.npz!val_images[3]").shape == (5, 5, 3)
    with pytest.raises(StudyError, match="test_images"):
        read_image(f"{tmp_path}/set.npz!test_images[0]")


def test_damaged_images_are_named(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(np.tile(PIXELS, (20, 20, 1))).save(buffer, "JPEG")
    (tmp_path / "short.jpg").write_bytes(buffer.getvalue()[:-400])
    (tmp_path / "text.jpg").write_bytes(b"<html>sorry</html>")
    for name in ("short.jpg", "text.jpg"):
        with pytest.raises(StudyError, match=f"cannot decode image .*{name}"):
            read_image(tmp_path / name)
    with pytest.raises(StudyError, match="does not exist"):
        read_image(tmp_path / "absent.jpg")
