"""Malignant vs. benign: folders and zips, the mapping to HAM10000, real data."""

import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.sets.malignant_benign import FOLDER_COUNTS
from tests.fakes.layouts import write_zip

FILES = [f"{split}/{dx}/{i}.jpg" for (split, dx), n in FOLDER_COUNTS.items() for i in range(n)]


def write_kaggle_zip(root, files):
    """Kaggle's zip holds every image twice, below data/ and at the top; returns its folder."""
    twice = dict.fromkeys((prefix + name for prefix in ("data/", "") for name in files), b"jpeg")
    return write_zip(root / "skin-cancer-malignant-vs-benign" / "archive.zip", twice).parent


def test_kaggle_zip(tmp_path):
    write_kaggle_zip(tmp_path, FILES)
    index = load_index("malignant-vs-benign", tmp_path)
    assert index.groupby(["split", "dx"]).size().to_dict() == FOLDER_COUNTS
    assert "train/benign/7" in set(index["image_id"])
    assert set(index.loc[index["dx"] == "malignant", "label"]) == {1}
    assert index["group"].tolist() == index["image_id"].tolist() and index.attrs["groups_known"] is False


def test_wrong_counts_are_refused(tmp_path):
    write_kaggle_zip(tmp_path, FILES[1:])
    with pytest.raises(StudyError, match="benign 1799 instead of 1800"):
        load_index("malignant-vs-benign", tmp_path)
    write_kaggle_zip(tmp_path, [*FILES[1:], "test/benign/new.jpg"])
    with pytest.raises(StudyError, match="folders hold"):
        load_index("malignant-vs-benign", tmp_path)


def test_a_mapping_without_ham10000_groups_equal_sources(tmp_path):
    folder = write_kaggle_zip(tmp_path, FILES)
    source = pd.Series(FILES).map({FILES[0]: "ISIC_0024306", FILES[-1]: "ISIC_0024306", FILES[1]: "ISIC_0024307"})
    mapping = pd.DataFrame({"file": FILES, "ham10000_image_id": source})
    mapping.to_csv(folder / "provenance.csv", index=False)
    index = load_index("malignant-vs-benign", tmp_path).set_index("image_id")
    assert index["group"].value_counts()["ISIC_0024306"] == 2
    assert index["group"].nunique() == len(FILES) - 1
    assert index.attrs["groups_known"] is False and "lesion_id" not in index
    mapping[1:].to_csv(folder / "provenance.csv", index=False)
    with pytest.raises(StudyError, match="exactly the images"):
        load_index("malignant-vs-benign", tmp_path)


def test_real_images(real_data):
    index = load_index("malignant-vs-benign", real_data)
    assert index.groupby(["split", "dx"]).size().to_dict() == FOLDER_COUNTS
    assert index.attrs["groups_known"] is True
    known = index["ham10000_image_id"].notna()
    assert known.sum() == 2488
    ham = load_index("ham10000", real_data).set_index("image_id")
    source = index.loc[known, "ham10000_image_id"]
    assert index.loc[known, "group"].tolist() == source.map(ham["group"]).tolist()
    assert index.loc[known, "lesion_id"].tolist() == source.map(ham["lesion_id"]).tolist()
    assert index.loc[~known, "group"].tolist() == index.loc[~known, "image_id"].tolist()
