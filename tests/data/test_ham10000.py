"""HAM10000: official layouts (written here at full count with one tiny image), real metadata, damage."""

import csv

import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.catalogue import LESION_CLASSES, SOURCES
from lib.data.sets.ham10000 import EXTRA_DUPLICATE_PAIRS, merge_duplicates
from tests.fakes.layouts import fill_zip, ham10000_metadata, one_hot, write_zip

SITES = {"vidir_molemax": 3954, "vidir_modern": 3363, "rosendahl": 2259, "vienna_dias": 439}


@pytest.fixture(scope="module")
def metadata():
    return ham10000_metadata()


def dataverse(root, metadata, name="HAM10000_metadata.csv", sep=","):
    folder = root / "ham10000"
    fill_zip(folder / "HAM10000_images_part_1.zip", "", metadata["image_id"][:5000])
    fill_zip(folder / "HAM10000_images_part_2.zip", "", metadata["image_id"][5000:])
    table = metadata.assign(dataset="rosendahl").sample(frac=1, random_state=0)
    table.to_csv(folder / name, index=False, sep=sep, quoting=csv.QUOTE_NONNUMERIC)
    return folder


@pytest.mark.parametrize("name, sep", [("HAM10000_metadata.csv", ","), ("HAM10000_metadata.tab", "\t")])
def test_dataverse_layout(tmp_path, metadata, name, sep):
    folder = dataverse(tmp_path, metadata, name, sep)
    masks = {"HAM10000_segmentations_lesion_tschandl/ISIC_0024306_segmentation.png": b"mask"}
    write_zip(folder / "HAM10000_segmentations_lesion_tschandl.zip", masks)
    index = load_index("ham10000", tmp_path)
    assert index["dx"].value_counts().to_dict() == SOURCES["ham10000"].counts
    assert index["image_id"].is_monotonic_increasing
    assert (index["label"] == index["dx"].map(LESION_CLASSES.index)).all() and index["label"].dtype == "int64"
    assert (index["site"] == "rosendahl").all()
    assert index["mask_path"].notna().tolist() == [True] + [False] * 10014
    assert read_image(index["path"].iloc[-1]).shape == (3, 4, 3)


def test_digest_is_that_of_the_metadata_and_not_of_the_layout(tmp_path, metadata):
    digests = []
    for name, sep in (("HAM10000_metadata.csv", ","), ("HAM10000_metadata", "\t")):
        dataverse(tmp_path / sep.strip(), metadata, name, sep)
        digests.append(load_index("ham10000", tmp_path / sep.strip()).attrs["sha256"])
    dataverse(tmp_path / "other", metadata.assign(age=51.0))
    assert digests[0] == digests[1] != load_index("ham10000", tmp_path / "other").attrs["sha256"]


def test_isic_2018_layout(tmp_path, metadata):
    folder = tmp_path / "HAM10000"
    inner = "ISIC2018_Task3_Training_Input/"
    fill_zip(folder / "ISIC2018_Task3_Training_Input.zip", inner, metadata["image_id"])
    name = "ISIC2018_Task3_Training_GroundTruth"
    write_zip(folder / f"{name}.zip", {f"{name}/{name}.csv": one_hot(metadata).to_csv(index=False)})
    groupings = metadata[["image_id", "lesion_id"]].rename(columns={"image_id": "image"})
    groupings = groupings.assign(diagnosis_confirm_type="histopathology")
    with pytest.raises(StudyError, match="lesion groupings"):
        load_index("ham10000", tmp_path)
    groupings.to_csv(folder / "ISIC2018_Task3_Training_LesionGroupings.csv", index=False)
    index = load_index("ham10000", tmp_path)
    assert index["dx"].tolist() == metadata["dx"].tolist()
    assert index["lesion_id"].tolist() == metadata["lesion_id"].tolist()
    assert "site" not in index and (index["dx_type"] == "histopathology").all()


def test_kaggle_zip(tmp_path, metadata):
    folder = tmp_path / "skin-cancer-mnist-ham10000"
    parts = ("HAM10000_images_part_1", "ham10000_images_part_1")  # Kaggle's zip holds every image twice
    fill_zip(folder / "archive.zip", "", [f"{part}/{i}" for part in parts for i in metadata["image_id"]])
    tables = {"HAM10000_metadata.csv": metadata.to_csv(index=False), "hmnist_28_28_RGB.csv": "pixel0000\n"}
    write_zip(folder / "archive.zip", tables, "a")
    index = load_index("ham10000", tmp_path)
    assert len(index) == 10015 and "site" not in index
    assert index["path"].iloc[0] == f"{folder}/archive.zip!HAM10000_images_part_1/ISIC_0024306.jpg"


def test_incomplete_or_foreign_data_are_refused(tmp_path, metadata):
    with pytest.raises(StudyError, match=r"python -m lib data fetch ham10000 --data-root .* or set DERM_DATA"):
        load_index("ham10000", tmp_path)
    folder = dataverse(tmp_path, metadata)
    fill_zip(folder / "HAM10000_images_part_2.zip", "", metadata["image_id"][5000:-3])
    with pytest.raises(StudyError, match=r"3 of 10015 images are missing \(the first is ISIC_0034318\)"):
        load_index("ham10000", tmp_path)
    dataverse(tmp_path, metadata.assign(dx=metadata["dx"].replace("df", "nv")))
    with pytest.raises(StudyError, match="df 0 instead of 115"):
        load_index("ham10000", tmp_path)
    dataverse(tmp_path, metadata.assign(lesion_id=metadata["image_id"]))
    with pytest.raises(StudyError, match="7470"):
        load_index("ham10000", tmp_path)


def test_the_duplicate_pairs_merge_chains_of_lesions():
    (a, b), (c, d) = EXTRA_DUPLICATE_PAIRS[:2]
    frame = pd.DataFrame({"image_id": [a, b, c, d, "ISIC_0000000"], "lesion_id": ["L3", "L2", "L2", "L1", "L3"]})
    assert merge_duplicates(frame).tolist() == ["L1"] * 5


def test_real_metadata(real_data):
    index = load_index("ham10000", real_data)
    assert index["dx"].value_counts().to_dict() == SOURCES["ham10000"].counts
    assert index["site"].value_counts().to_dict() == SITES
    assert index["lesion_id"].nunique() == 7470 and index["group"].nunique() == 7470 - 18
    assert (index.groupby("group")["dx"].nunique() == 1).all()
    assert index["mask_path"].notna().all()
    image, mask = (read_image(index[column].iloc[0]).shape for column in ("path", "mask_path"))
    assert image[1] / image[0] == mask[1] / mask[0] == 4 / 3  # one view, at whatever size each is stored
    pairs = pd.read_csv(real_data / "ham10000" / "extra_duplicate_pairs.csv")
    assert list(pairs.itertuples(index=False, name=None)) == EXTRA_DUPLICATE_PAIRS
