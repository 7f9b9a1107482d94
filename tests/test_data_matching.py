"""Matching of images by colour thumbnails, on generated and on real images."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from lib.data.matching import best_matches, one_to_one_matches, thumbnails


@pytest.fixture(scope="module")
def pictures():
    """Thirty smooth random pictures of 60 x 80, uint8."""
    rng = np.random.default_rng(0)
    fields = gaussian_filter(rng.normal(size=(30, 60, 80, 3)), sigma=(0, 6, 6, 0))
    return np.clip(128 + 600 * fields, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("block", [7, 2048])
def test_an_image_is_not_its_own_match_where_it_is_skipped(pictures, block):
    thumbs = thumbnails([*pictures, pictures[3] // 2 + 30])
    row, correlation = best_matches(thumbs, thumbs, block=block, skip_self=True)
    assert (row != np.arange(len(thumbs))).all()
    assert row[3] == len(pictures) and row[-1] == 3 and correlation[3] > 0.99


def test_thumbnails_squash_or_crop():
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, 20:60] = (250, 100, 0)
    squashed, cropped = thumbnails([picture])[0], thumbnails([picture], crop=True)[0]
    assert squashed.shape == (32, 32, 3)
    assert squashed.dtype == np.uint8
    assert (squashed[:, 0] == 0).all()
    assert (squashed[:, 16] == (250, 100, 0)).all()
    assert (cropped == (250, 100, 0)).all()
    assert thumbnails([]).shape == (0, 32, 32, 3)


def test_correlation_is_pearsons_over_pixels_and_colours(pictures):
    thumbs = thumbnails(pictures)
    row, correlation = best_matches(thumbs[:1], thumbs[1:2])
    assert row[0] == 0
    assert correlation[0] == pytest.approx(np.corrcoef(thumbs[0].ravel(), thumbs[1].ravel())[0, 1], abs=1e-6)


@pytest.mark.parametrize("block", [7, 2048])
def test_copies_are_found_at_any_size_brightness_and_block(pictures, block):
    order = np.random.default_rng(1).permutation(len(pictures))
    copies = [np.asarray(Image.fromarray(pictures[i]).resize((50, 50))) // 2 + 40 for i in order]
    row, correlation = best_matches(thumbnails(copies), thumbnails(pictures), block=block)
    assert (row == order).all()
    assert correlation.min() > 0.99
    others = np.delete(np.arange(len(pictures)), order[:5])
    _, correlation = best_matches(thumbnails(copies[:5]), thumbnails(pictures[others]), block=block)
    assert correlation.max() < 0.9


def test_a_plain_image_matches_nothing(pictures):
    _, correlation = best_matches(np.full((1, 32, 32, 3), 9, np.uint8), thumbnails(pictures))
    assert correlation[0] == 0


def test_one_to_one_settles_near_duplicates(pictures):
    references = thumbnails(pictures)
    rng = np.random.default_rng(2)
    twin = np.clip(references[0].astype(int) + rng.integers(-9, 10, references[0].shape), 0, 255).astype(np.uint8)
    references = np.concatenate([references, twin[None]])
    queries = np.stack([references[0], references[0] // 2 + twin // 2, references[5]])
    assert (best_matches(queries[[0, 0, 2]], references)[0] == [0, 0, 5]).all()
    row, correlation = one_to_one_matches(queries[[0, 0, 2]], references)
    assert sorted(row[:2]) == [0, 30]
    assert row[2] == 5
    assert correlation.min() > 0.9
    row, _ = one_to_one_matches(references[::-1], references)
    assert (row == np.arange(31)[::-1]).all()
