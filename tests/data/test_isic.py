"""The ISIC 2018 test set and ISIC 2019: official layouts, what may be missing, real data."""

import numpy as np
import pytest

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.sets.isic import IMAGE_IDS
from tests.fakes.layouts import TEST_COUNTS, fill_zip, isic2018_test_truth, one_hot, write_isic2019, write_zip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth_2018():
    return isic2018_test_truth()


def write_isic_test(root, truth, images):
    folder = root / "isic2018-test"
    fill_zip(folder / "ISIC2018_Task3_Test_Input.zip", "ISIC2018_Task3_Test_Input/", images)
    name = "ISIC2018_Task3_Test_GroundTruth"
    write_zip(folder / f"{name}.zip", {f"{name}/{name}.csv": one_hot(truth).to_csv(index=False)})


def test_official_zips_complete(tmp_path, truth_2018):
    write_isic_test(tmp_path, truth_2018, IMAGE_IDS)
    index = load_index("isic2018-test", tmp_path)
    assert index.attrs["missing"] == [] and index["dx"].value_counts().to_dict() == TEST_COUNTS
    assert index["image_id"].tolist() == list(IMAGE_IDS) and set(index["split"]) == {"test"}
    assert index.attrs["groups_known"] is False


def test_dataverse_files_beside_ham10000(tmp_path, truth_2018):
    truth = truth_2018[1:].assign(lesion_id="L", age=40.0, dataset="rosendahl")
    folder = tmp_path / "ham10000"
    fill_zip(folder / "ISIC2018_Task3_Test_Images.zip", "", truth["image_id"])
    truth.to_csv(folder / "ISIC2018_Task3_Test_GroundTruth.csv", index=False)
    index = load_index("isic2018-test", tmp_path)
    assert index.attrs["missing"] == [IMAGE_IDS[0]] and len(index) == 1511
    assert set(index["group"]) == {"L"} and set(index["site"]) == {"rosendahl"} and index.attrs["groups_known"] is True


def test_more_than_two_missing_or_foreign_images_are_refused(tmp_path, truth_2018):
    write_isic_test(tmp_path, truth_2018, IMAGE_IDS[3:])
    with pytest.raises(StudyError, match=r"3 of 1512 images are missing"):
        load_index("isic2018-test", tmp_path)
    write_isic_test(tmp_path, truth_2018.replace("ISIC_0034530", "ISIC_0024306"), IMAGE_IDS)
    with pytest.raises(StudyError, match="ISIC_0024306"):
        load_index("isic2018-test", tmp_path)
    two = truth_2018.copy()
    two.loc[0, "dx"] = "squamous"
    write_isic_test(tmp_path, two, IMAGE_IDS)
    with pytest.raises(StudyError, match="exactly one diagnosis"):
        load_index("isic2018-test", tmp_path)


def test_real_isic2018_test(real_data):
    index = load_index("isic2018-test", real_data)
    assert len(index) == 1512 and index.attrs["missing"] == [] and index.attrs["groups_known"] is True
    assert index["dx"].value_counts().to_dict() == TEST_COUNTS
    assert index["group"].nunique() == 1223 and (index["dx_type"] == "histopathology").sum() == 786
    ham = load_index("ham10000", real_data)
    assert not set(index["image_id"]) & set(ham["image_id"]) and not set(index["group"]) & set(ham["group"])
    assert read_image(index["path"].iloc[0]).ndim == 3


@pytest.fixture(scope="module")
def isic2019(tmp_path_factory):
    root = tmp_path_factory.mktemp("isic2019")
    return root, *write_isic2019(root)


def test_isic2019(isic2019):
    root, truth, metadata = isic2019
    index = load_index("isic2019", root).set_index("image_id")
    assert index["in_ham10000"].sum() == 10015 and (~index["in_ham10000"]).sum() == 15316
    assert index["dx"].to_dict() == truth.set_index("image_id")["dx"].to_dict()
    assert (index.loc[index["dx"] == "scc", "label"] == -1).all() and (index["label"] == -1).sum() == 628
    assert (index.loc[index["dx"] == "akiec", "label"] == 0).all()
    assert index["site"].value_counts(dropna=False).drop(np.nan).to_dict() == {
        "bcn20000": 12413,
        "ham10000": 10015,
        "msk": 2902,
    }
    without = metadata.loc[metadata["lesion_id"].isna(), "image"].item()
    assert index.loc[without, "group"] == without and index.attrs["groups_known"] is False
    assert {"age", "sex", "localization", "lesion_id"} <= set(index.columns)


def test_isic2019_needs_its_tables(isic2019, tmp_path):
    fill_zip(tmp_path / "isic2019" / "ISIC_2019_Training_Input.zip", "", ["ISIC_0000000"])
    with pytest.raises(StudyError, match="Metadata"):
        load_index("isic2019", tmp_path)
