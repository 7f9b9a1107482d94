"""Class counts of splits, on made-up data sets."""

from lib.audit import facts
from lib.audit.checks import supports

CLASSES = {"a": 100, "b": 50, "c": 11}


def test_class_counts():
    assert supports.class_counts(dict(CLASSES), CLASSES).verdict == "consistent"
    failed = supports.class_counts(CLASSES | {"c": 12}, CLASSES)
    assert failed.verdict == "inconsistent" and "c 11" in failed.explanation


def test_fraction_of_classes_allows_one_image_of_rounding():
    assert supports.fraction_of_classes({"a": 20, "b": 10, "c": 3}, CLASSES, 0.2).verdict == "consistent"
    assert supports.fraction_of_classes({"a": 20, "b": 12, "c": 2}, CLASSES, 0.2).verdict == "inconsistent"


def test_evaluation_size():
    assert supports.evaluation_size(33, 161, 0.2, 3).verdict == "consistent"
    assert supports.evaluation_size(40, 161, 0.2, 3).verdict == "inconsistent"


def test_count_fits():
    assert supports.count_fits(11, 50, 20, 100, "b").verdict == "consistent"
    by_chance = supports.count_fits(12, 50, 20, 100, "b")  # no stratification is stated
    assert by_chance.verdict == "ambiguous" and "probability 0.23" in by_chance.explanation
    assert supports.count_fits(16, 50, 20, 100, "b").verdict == "inconsistent"


def test_same_data_set():
    known = {"described": {"x": 5, "y": 6}, "other": {"x": 7, "y": 8}}
    assert supports.same_data_set({"x": 5, "y": 6}, known, "described").verdict == "consistent"
    failed = supports.same_data_set({"x": 7, "y": 8}, known, "described")
    assert failed.verdict == "inconsistent" and failed.implied == "other"
    assert supports.same_data_set({"x": 1, "y": 1}, known, "described").implied == "none of the known sets"


def test_class_ratio():
    assert supports.class_ratio([20, 10], [100, 50], "set").verdict == "consistent"
    assert supports.class_ratio([16, 14], [100, 50], "set").verdict == "inconsistent"


def test_majority_baseline():
    assert supports.majority_baseline(0.7, 60, 100, "a").verdict == "consistent"
    assert supports.majority_baseline(0.6, 60, 100, "a").verdict == "ambiguous"


def test_same_difficulty():
    assert supports.same_difficulty(0.2, 0.60, 0.61).verdict == "consistent"
    failed = supports.same_difficulty(0.2, 0.60, 0.70)
    assert failed.verdict == "ambiguous" and failed.implied == "50 % of the gain"


def test_images_of_subjects():
    assert supports.images_of_subjects(20, 2, 10, exact=True).verdict == "consistent"
    assert supports.images_of_subjects(19, 2, 10, exact=True).verdict == "inconsistent"
    assert supports.images_of_subjects(19, 2, 10, exact=False).verdict == "consistent"
    assert supports.images_of_subjects(21, 2, 10, exact=False).verdict == "inconsistent"


def test_units_fill_splits():
    assert supports.units_fill_splits(3, 3, "subjects").verdict == "consistent"
    failed = supports.units_fill_splits(2, 3, "subjects")
    assert failed.verdict == "ambiguous" and "some subject must" in failed.explanation


def test_balanced():
    assert supports.balanced({"a": 10, "b": 8}).verdict == "consistent"
    assert supports.balanced(CLASSES).verdict == "inconsistent"


def test_classes_assigned():
    assert supports.classes_assigned(["a", "b", "c"], list(CLASSES)).verdict == "consistent"
    assert supports.classes_assigned(["a", "b"], list(CLASSES)).verdict == "ambiguous"


def test_facts_against_the_real_data(real_data):
    """Class counts of HAM10000, DermaMNIST and both versions of DermaMNIST-C, counted."""
    import pandas as pd

    folder = real_data / "ham10000"
    images = pd.read_csv(folder / "HAM10000_metadata.csv")
    assert images["dx"].value_counts().to_dict() == facts.HAM10000
    split = pd.read_csv(real_data / "dermamnist" / "dermamnist_split.csv")
    images = images.merge(split, on="image_id")
    is_nv = images["dx"] == "nv"
    assert images["split"].value_counts().to_dict() == facts.DERMAMNIST
    assert images[is_nv]["split"].value_counts().to_dict() == facts.DERMAMNIST_NV
    # The rule: images of val and test whose lesion stands in another part go to train.
    lesion = images["lesion_id"]
    pairs = pd.read_csv(folder / "extra_duplicate_pairs.csv").filter(like="image_id")
    of_image = images.set_index("image_id")["lesion_id"]
    merged = lesion.replace({of_image[b]: of_image[a] for a, b in pairs.itertuples(index=False)})
    for version, group in (("version 1.0", lesion), ("version 1.1", merged)):
        alone = group.map(images.groupby(group)["split"].nunique()) == 1
        test = (images["split"] == "test") & alone
        assert test.sum() == facts.DERMAMNIST_C_TEST[version]
        assert (test & is_nv).sum() == facts.DERMAMNIST_C_TEST_NV[version]
