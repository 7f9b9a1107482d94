"""Alzheimer MRI: the rule that gives subject and slice, both editions, real data."""

import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index, read_image
from lib.data.catalogue import SOURCES
from lib.data.sets.alzheimer import N_TEST, SUBJECTS, file_order
from tests.fakes.layouts import write_zip

PREFIX = {"MildDemented": "mild", "ModerateDemented": "moderate", "NonDemented": "non", "VeryMildDemented": "verymild"}


def names_176():
    for dx in SUBJECTS:
        train, test = file_order(dx)
        yield from (f"train/{dx}/{PREFIX[dx]}Dem{number}.jpg" for number in range(len(train)))
        for subject, level in test:
            yield f"test/{dx}/{level}.jpg" if subject == 1 else f"test/{dx}/{level} ({subject}).jpg"


def write_images(root, folder, names):
    write_zip(root / folder / "archive.zip", dict.fromkeys(names, b"jpeg"))


def test_every_subject_has_every_slice_once():
    for dx, subjects in SUBJECTS.items():
        train, test = file_order(dx)
        assert len(test) == N_TEST[dx]
        assert sorted(train + test) == [(s, level) for s in range(1, subjects + 1) for level in range(1, 33)]


def test_the_edition_of_176_by_208(tmp_path):
    names = list(names_176())
    write_images(tmp_path, "alzheimers-dataset-4-class-of-images", [f"Alzheimer_s Dataset/{n}" for n in names])
    index = load_index("alzheimer", tmp_path)
    assert index.attrs["edition"] == "176x208" and len(index) == 6400
    assert index["split"].value_counts().to_dict() == {"train": 5121, "test": 1279}
    assert index["subject_id"].nunique() == 200 and (index.groupby("subject_id")["slice"].nunique() == 32).all()
    row = index.set_index("image_id").loc["test/MildDemented/26 (19)"]
    assert (row["subject_id"], row["slice"]) == ("MildDemented_019", 26)


def test_wrong_files_are_refused(tmp_path):
    names = list(names_176())
    write_images(tmp_path, "alzheimer", [*names[1:], "train/MildDemented/mildDem717.jpg"])
    with pytest.raises(StudyError, match=r"mildDem717\.jpg has a number beyond"):
        load_index("alzheimer", tmp_path)
    write_images(tmp_path, "alzheimer", [*names, "test/MildDemented/25 (3).jpg"])
    with pytest.raises(StudyError, match=r"25 \(3\)\.jpg"):
        load_index("alzheimer", tmp_path)
    write_images(tmp_path, "alzheimer", names[1:])
    with pytest.raises(StudyError, match="MildDemented 895 instead of 896"):
        load_index("alzheimer", tmp_path)


def test_the_rule_gives_the_subjects_recovered_from_the_pixels(real_data, tmp_path):
    found = pd.read_csv(real_data / "alzheimer_mri" / "subject_map.csv")
    index = load_index("alzheimer", real_data).set_index("image_id")
    assert index["dx"].value_counts().to_dict() == SOURCES["alzheimer"].counts
    truth = found.set_index(found["file_128x128"].str.removesuffix(".jpg"))
    assert index["subject_id"].to_dict() == truth["subject"].to_dict()
    assert index["slice"].to_dict() == truth["slice"].to_dict()
    write_images(tmp_path, "alzheimer", found["file_176x208"])
    other = load_index("alzheimer", tmp_path).set_index("image_id")
    truth = found.set_index(found["file_176x208"].str.removesuffix(".jpg"))
    assert other["subject_id"].to_dict() == truth["subject"].to_dict()
    assert other["slice"].to_dict() == truth["slice"].to_dict()


def test_real_images_are_grey_and_have_three_channels(real_data):
    image = read_image(load_index("alzheimer", real_data)["path"].iloc[0])
    assert image.shape == (128, 128, 3) and (image[..., 0] == image[..., 2]).all()
