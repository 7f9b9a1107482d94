"""DermaMNIST and DermaMNIST-C: npz of the published form, identification of the rows, real split."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.cache import fit_square
from lib.data.catalogue import LESION_CLASSES
from lib.data.sets import dermamnist
from lib.data.sets.dermamnist import DERMAMNIST, DERMAMNIST_C, PARTS
from tests.fakes.layouts import fill_zip, ham10000_metadata


@pytest.fixture(scope="module")
def metadata():
    return ham10000_metadata()


def write_npz(path, table, counts, pixels=2):
    """``table`` divided in its order; the first pixel of an image holds its row in the table."""
    labels = table["dx"].map(LESION_CLASSES.index).to_numpy(np.uint8)[:, None]
    images = np.zeros((len(table), pixels, pixels, 3), np.uint8)
    images[:, 0, 0, :2] = np.stack([np.arange(len(table)) // 256, np.arange(len(table)) % 256], axis=1)
    ends = np.cumsum(counts)[:-1]
    arrays = {}
    for part, x, y in zip(PARTS, np.split(images, ends), np.split(labels, ends), strict=True):
        arrays |= {f"{part}_images": x, f"{part}_labels": y}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return hashlib.md5(path.read_bytes()).hexdigest()


def rows_of(table, counts):
    split = np.repeat(PARTS, counts)
    index = np.concatenate([np.arange(n) for n in counts])
    return pd.DataFrame({"split": split, "index": index, "image_id": table["image_id"]})


def accept(monkeypatch, table, key, md5):
    monkeypatch.setitem(table, key, table[key]._replace(md5=md5))


def check_pixels(index, order):
    number = {image_id: row for row, image_id in enumerate(order)}
    for _, row in index.iloc[[0, 5000, 7500, -1]].iterrows():
        pixel = read_image(row["path"])[0, 0]
        assert int(pixel[0]) * 256 + int(pixel[1]) == number[row["image_id"]]


def test_npz_alone_then_with_the_table_then_with_ham10000(tmp_path, metadata, monkeypatch):
    counts = DERMAMNIST[28].counts
    md5 = write_npz(tmp_path / "dermamnist" / "dermamnist.npz", metadata, counts)
    with pytest.raises(StudyError, match="published md5"):
        load_index("dermamnist", tmp_path)
    accept(monkeypatch, DERMAMNIST, 28, md5)
    index = load_index("dermamnist", tmp_path)
    assert index["split"].value_counts().to_dict() == dict(zip(PARTS, counts, strict=True))
    assert index["image_id"].iloc[-1] == "test/2004" and index.attrs["groups_known"] is False
    assert index["dx"].tolist() == metadata["dx"].tolist() and index.attrs["size"] == 28

    rows_of(metadata, counts).to_csv(tmp_path / "dermamnist" / "dermamnist_split_info.csv", index=False)
    index = load_index("dermamnist", tmp_path)
    assert index["image_id"].tolist() == metadata["image_id"].tolist() and index.attrs["groups_known"] is False
    check_pixels(index, metadata["image_id"])

    fill_zip(tmp_path / "ham10000" / "images.zip", "", [])
    metadata.to_csv(tmp_path / "ham10000" / "HAM10000_metadata.csv", index=False)
    index = load_index("dermamnist", tmp_path)
    assert index["lesion_id"].tolist() == metadata["lesion_id"].tolist() and index.attrs["groups_known"] is True
    check_pixels(index, metadata["image_id"])

    swapped = metadata.assign(dx=metadata["dx"].sample(frac=1, random_state=1).to_numpy())
    swapped.to_csv(tmp_path / "ham10000" / "HAM10000_metadata.csv", index=False)
    with pytest.raises(StudyError, match="labels differ from HAM10000"):
        load_index("dermamnist", tmp_path)


def test_the_largest_npz_is_the_default(tmp_path, metadata, monkeypatch):
    for size in (28, 128):
        path = tmp_path / "dermamnist" / DERMAMNIST[size].name
        accept(monkeypatch, DERMAMNIST, size, write_npz(path, metadata, DERMAMNIST[size].counts))
    assert load_index("dermamnist", tmp_path).attrs["size"] == 128


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_versions_of_dermamnist_c_are_told_apart(tmp_path, metadata, monkeypatch, version):
    published = DERMAMNIST_C[version, 28]
    md5 = write_npz(tmp_path / "dermamnist-c" / published.name, metadata, published.counts)
    if published.md5:
        accept(monkeypatch, DERMAMNIST_C, (version, 28), md5)
    index = load_index("dermamnist-c", tmp_path)
    assert index.attrs["version"] == version
    assert index["split"].value_counts().to_dict() == dict(zip(PARTS, published.counts, strict=True))


def test_the_table_of_dermamnist_c_identifies_its_rows(tmp_path, metadata, monkeypatch):
    published = DERMAMNIST_C["1.1", 28]
    md5 = write_npz(tmp_path / "dermamnist-c" / published.name, metadata, published.counts)
    accept(monkeypatch, DERMAMNIST_C, ("1.1", 28), md5)
    table = metadata.assign(split=np.repeat(PARTS, published.counts))
    table = pd.concat([table[table["split"] != "train"], table[table["split"] == "train"]])  # parts may be mixed
    table.to_csv(tmp_path / "dermamnist-c" / "DermaMNIST-C.csv", index=False)
    index = load_index("dermamnist-c", tmp_path)
    assert index["image_id"].tolist() == metadata["image_id"].tolist() and index.attrs["groups_known"] is True
    check_pixels(index, metadata["image_id"])


def test_damaged_npz(tmp_path, metadata):
    path = tmp_path / "dermamnist-c" / "dermamnist_corrected_28.npz"
    write_npz(path, metadata, DERMAMNIST_C["1.0", 28].counts)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StudyError, match=r"cannot read .*dermamnist_corrected_28\.npz"):
        load_index("dermamnist-c", tmp_path)
    np.savez(path, train_images=np.zeros(3))
    with pytest.raises(StudyError, match="lacks test_images"):
        load_index("dermamnist-c", tmp_path)


def test_the_constants_are_those_of_medmnist():
    info = pytest.importorskip("medmnist").INFO["dermamnist"]
    md5 = {28: info["MD5"], **{size: info[f"MD5_{size}"] for size in (64, 128, 224)}}
    assert {size: npz.md5 for size, npz in DERMAMNIST.items()} == md5
    assert all(dict(zip(PARTS, npz.counts, strict=True)) == info["n_samples"] for npz in DERMAMNIST.values())


def test_real_split(real_data):
    index = load_index("dermamnist", real_data)
    assert index["split"].value_counts().to_dict() == {"train": 7007, "val": 1003, "test": 2005}
    assert index["group"].nunique() == 7452 and index.attrs["resize"] == "center_crop"
    assert dermamnist.load(real_data)["row"].tolist() == index.groupby("split").cumcount().tolist()


def crops_as_medmnist(images, chosen, size=64):
    """Arrays of the npz of ``size`` pixels, with the pixels of the rows ``chosen`` alone."""
    arrays = {}
    for part in PARTS:
        rows = images[images["split"] == part].sort_values("row")
        pixels = np.zeros((len(rows), size, size, 3), np.uint8)
        for i in rows.index.intersection(chosen):
            image = Image.fromarray(read_image(rows.loc[i, "path"]))
            left = (image.width - image.height) // 2
            crop = image.crop((left, 0, left + image.height, image.height))
            pixels[rows.loc[i, "row"]] = crop.resize((size, size), Image.Resampling.BICUBIC)
        arrays |= {f"{part}_images": pixels, f"{part}_labels": rows["label"].to_numpy(np.uint8)[:, None]}
    return arrays


@pytest.mark.slow
def test_both_routes_give_the_same_labels_and_pixels(real_data, tmp_path, monkeypatch):
    """HAM10000's images by split and centre crop, against the npz (or, where it is absent, one made in its form)."""
    for root in (tmp_path / "rebuilt", tmp_path / "made"):
        (root / "dermamnist").mkdir(parents=True)
        (root / "ham10000").symlink_to(real_data / "ham10000")
        table = "dermamnist_split.csv"
        (root / "dermamnist" / table).symlink_to(real_data / "dermamnist" / table)
    images = load_index("dermamnist", tmp_path / "rebuilt")
    assert images.attrs["resize"] == "center_crop"
    chosen = images.groupby("dx").sample(4, random_state=0).index
    if any((real_data / "dermamnist" / npz.name).is_file() for npz in DERMAMNIST.values()):
        npz = load_index("dermamnist", real_data)
    else:
        path = tmp_path / "made" / "dermamnist" / DERMAMNIST[64].name
        np.savez(path, **crops_as_medmnist(images, chosen))
        accept(monkeypatch, DERMAMNIST, 64, hashlib.md5(path.read_bytes()).hexdigest())
        npz = load_index("dermamnist", tmp_path / "made")
    both = npz.merge(images, on="image_id", suffixes=("_npz", ""))
    assert len(both) == 10015
    for column in ("split", "row", "dx", "label", "lesion_id", "group"):
        assert (both[f"{column}_npz"] == both[column]).all(), column
    shown = both[both["image_id"].isin(images.loc[chosen, "image_id"])]
    size = npz.attrs["size"]
    ours, theirs = (
        [fit_square(read_image(p), size, "center_crop").astype(int) for p in shown[column]]
        for column in ("path", "path_npz")
    )
    same = np.array([np.abs(a - b).mean() for a, b in zip(ours, theirs, strict=True)])
    other = np.array([np.abs(a - b).mean() for a, b in zip(ours, theirs[1:] + theirs[:1], strict=True)])
    assert same.max() < 4 < other.min()  # grey levels: resampling, against another image
