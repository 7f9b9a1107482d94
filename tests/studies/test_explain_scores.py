"""Scores of maps against masks, computed by hand; masks resized as their images."""

import cv2
import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.cache import fit_square
from lib.data.masks import read_masks
from lib.studies.explain.scores import centred_gaussian, score

MASK = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0]], bool)


def test_scores_by_hand():
    cam = np.array([[3.0, 0.0, 2.0], [1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    # Two highest of nine: the 3 (inside) and one of the two 2s (both outside): intersection 1, union 3.
    assert score(cam, MASK) == pytest.approx({"energy_inside": 3 / 8, "pointing": 1, "iou": 1 / 3})
    assert score(cam.T, MASK) == pytest.approx({"energy_inside": 4 / 8, "pointing": 1, "iou": 1 / 3})


def test_ties_count_by_their_share():
    cam = np.array([[0.0, 5.0, 5.0], [0.0, 0.0, 5.0], [0.0, 5.0, 1.0]])
    inside = 2 * 1 / 4  # two of four equal pixels are taken, one of the four lies inside
    found = score(cam, MASK)
    assert (found["pointing"], found["iou"]) == (1 / 4, pytest.approx(inside / (4 - inside)))


def test_flat_map_scores_the_share_of_the_area():
    flat = np.full((3, 3), 0.7)
    found = score(flat, MASK)
    assert found["energy_inside"] == pytest.approx(2 / 9) == found["pointing"]
    assert score(flat, np.ones((3, 3), bool)) == {"energy_inside": 1, "pointing": 1, "iou": 1}


def test_empty_mask_is_undefined_and_an_empty_map_finds_nothing():
    cam = np.ones((3, 3))
    assert all(np.isnan(v) for v in score(cam, np.zeros((3, 3), bool)).values())
    assert score(np.zeros((3, 3)), MASK) == {"energy_inside": 0, "pointing": 0, "iou": 0}


def test_what_is_no_map_is_refused():
    for bad in (np.full((3, 3), -1.0), np.full((3, 3), np.nan)):
        with pytest.raises(StudyError, match="finite and not negative"):
            score(bad, MASK)
    with pytest.raises(StudyError, match="do not fit"):
        score(np.ones((2, 2)), MASK)


def test_gaussian_is_centred():
    blob = centred_gaussian(8)
    assert blob == pytest.approx(blob.T) and blob == pytest.approx(blob[::-1, ::-1])
    assert np.log(blob[4, 4] / blob[4, 6]) == pytest.approx((2.5**2 - 0.5**2) / (2 * 2**2))


def test_masks_take_the_way_of_their_images(tmp_path):
    mask = np.zeros((60, 80), np.uint8)
    mask[:, 40:] = 255
    cv2.imwrite(str(tmp_path / "m.png"), mask)
    frame = pd.DataFrame({"image_id": ["a"], "mask_path": [str(tmp_path / "m.png")]})
    for resize in ("squash", "center_crop"):
        (small,) = read_masks(frame, 20, resize)
        assert small.dtype == bool and (small == fit_square(np.dstack([mask] * 3), 20, resize)[..., 0] / 255).all()
        assert small[:, 10:].all() and not small[:, :10].any()
    mask[:] = 0
    mask[:, :10] = 255  # outside the centred square
    cv2.imwrite(str(tmp_path / "m.png"), mask)
    assert not read_masks(frame, 20, "center_crop").any() and read_masks(frame, 20).any()
    with pytest.raises(StudyError, match="has no lesion mask"):
        read_masks(frame.assign(mask_path=None), 20)
    with pytest.raises(StudyError, match="has no lesion masks"):
        read_masks(frame.drop(columns="mask_path"), 20)


def test_real_masks_lie_on_darker_lesions(real_data):
    nevi = load_index("ham10000", real_data).query("dx == 'nv'").iloc[::600]
    images = [fit_square(read_image(p), 32, "squash").mean(axis=2) for p in nevi["path"]]
    masks = read_masks(nevi, 32)
    darker = [i[m].mean() < i[~m].mean() for i, m in zip(images, masks, strict=True) if m.any() and not m.all()]
    assert len(darker) > 8 and np.mean(darker) > 0.9
