"""Matching of images by colour thumbnails, on generated and on real images."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.matching import (
    best_matches,
    dermamnist_table,
    matched_once,
    one_to_one_matches,
    provenance_table,
    thumbnails,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pictures():
    """Thirty smooth random pictures of 60 x 80, uint8."""
    rng = np.random.default_rng(0)
    fields = gaussian_filter(rng.normal(size=(30, 60, 80, 3)), sigma=(0, 6, 6, 0))
    return np.clip(128 + 600 * fields, 0, 255).astype(np.uint8)


def test_an_image_is_not_its_own_match_where_it_is_skipped(pictures):
    thumbs = thumbnails([*pictures, pictures[3] // 2 + 30])
    row, correlation = best_matches(thumbs, thumbs, skip_self=True)
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


def test_copies_are_found_at_any_size_and_brightness(pictures):
    order = np.random.default_rng(1).permutation(len(pictures))
    copies = [np.asarray(Image.fromarray(pictures[i]).resize((50, 50))) // 2 + 40 for i in order]
    row, correlation = best_matches(thumbnails(copies), thumbnails(pictures))
    assert (row == order).all()
    assert correlation.min() > 0.99
    others = np.delete(np.arange(len(pictures)), order[:5])
    _, correlation = best_matches(thumbnails(copies[:5]), thumbnails(pictures[others]))
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


def test_provenance_of_malignant_vs_benign_on_a_subset(real_data):
    """In full (12 s): the same 2,488 of 3,297 images as in provenance.csv."""
    given = pd.read_csv(real_data / "malignant_vs_benign/provenance.csv").sample(200, random_state=0)
    mvb = load_index("malignant-vs-benign", real_data)
    mvb = mvb[mvb["image_id"].isin(given["file"].str.removesuffix(".jpg"))]
    ham = load_index("ham10000", real_data)
    near = ham["image_id"].isin(given["ham10000_image_id"])
    ham = pd.concat([ham[near], ham[~near].sample(300, random_state=0)])
    table = provenance_table(mvb, ham).sort_values("file", ignore_index=True)
    given = given.sort_values("file", ignore_index=True)
    assert 100 < given["ham10000_image_id"].notna().sum() < 200
    pd.testing.assert_frame_equal(table.drop(columns="thumbnail_correlation"), given[list(table.columns[:-1])])
    matched = given["ham10000_image_id"].notna()
    assert np.abs(table["thumbnail_correlation"] - given["thumbnail_correlation"])[matched].max() < 1e-3
    assert table["thumbnail_correlation"][~matched].max() < 0.98


@pytest.mark.parametrize("name", ["dermamnist", "dermamnist-c"])
def test_dermamnist_rows_find_their_images(real_data, tmp_path, name):
    """Rows of 28 x 28, made as the published ones are, with noise that stands for another resampling."""
    ham = load_index("ham10000", real_data)
    ham = ham[ham["dx"].isin(["df", "vasc"])]
    truth = ham.sample(frac=0.9, random_state=0)
    rng = np.random.default_rng(0)
    pixels = []
    for path in truth["path"]:
        image = read_image(path)
        margin = (image.shape[1] - image.shape[0]) // 2 if name == "dermamnist" else 0
        part = Image.fromarray(image[:, margin : image.shape[1] - margin])
        small = np.asarray(part.resize((28, 28), Image.Resampling.BICUBIC))
        pixels.append(np.clip(small + rng.normal(0, 4, small.shape), 0, 255).astype(np.uint8))
    np.savez_compressed(tmp_path / "rows.npz", train_images=np.stack(pixels))
    paths = [f"{tmp_path}/rows.npz!train_images[{i}]" for i in range(len(truth))]
    rows = pd.DataFrame({"path": paths, "split": "train", "dx": truth["dx"].to_numpy()})
    crop = name == "dermamnist"
    table = dermamnist_table(rows, ham, crop=crop)
    assert list(table["index"]) == list(range(len(truth)))
    assert list(table["image_id"]) == list(truth["image_id"])
    assert table["thumbnail_correlation"].min() > 0.95
    with pytest.raises(StudyError, match="of class 'df'"):
        dermamnist_table(rows, ham[ham["dx"] == "vasc"], crop=crop)


def test_matching_is_done_once_and_not_without_ham10000(real_data, tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "cache"))
    calls = []

    def match(images, ham_index):
        calls.append((len(images), len(ham_index)))
        return pd.DataFrame({"file": images["path"], "ham10000_image_id": ["ISIC_0024306", None]})

    images = pd.DataFrame({"path": ["a.jpg", "b.jpg"]})
    tables = [matched_once(match, images, real_data) for _ in range(2)]
    assert calls == [(2, 10015)]
    assert tables[0]["ham10000_image_id"].isna().tolist() == [False, True]
    pd.testing.assert_frame_equal(*tables)
    matched_once(match, images.replace("a.jpg", "c.jpg"), real_data)
    assert len(calls) == 2
    assert matched_once(match, images, tmp_path) is None


def test_loaders_match_where_no_table_is_given(real_data, tmp_path, monkeypatch):
    """The loaders' seam; the matching itself is replaced by the table that it reproduces."""
    for name in ("ham10000", "malignant_vs_benign"):
        (tmp_path / name).mkdir()
        for file in (real_data / name).iterdir():
            if file.name != "provenance.csv":
                (tmp_path / name / file.name).symlink_to(file)
    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "cache"))
    given = pd.read_csv(real_data / "malignant_vs_benign/provenance.csv")
    monkeypatch.setattr("lib.data.sets.malignant_benign.provenance_table", lambda images, ham: given)
    index = load_index("malignant-vs-benign", tmp_path)
    assert index.attrs["groups_known"] is True
    pd.testing.assert_series_equal(index["group"], load_index("malignant-vs-benign", real_data)["group"])
