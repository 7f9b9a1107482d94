"""Class counts of splits, on made-up data sets."""

from lib.audit import facts
from lib.audit.checks import supports
from tests.fakes.outcomes import verdicts

CLASSES = {"a": 100, "b": 50, "c": 11}
KNOWN = {"described": {"x": 5, "y": 6}, "other": {"x": 7, "y": 8}}

test_verdicts = verdicts(
    (supports.class_counts, (dict(CLASSES), CLASSES), "consistent"),
    (supports.class_counts, (CLASSES | {"c": 12}, CLASSES), "inconsistent", "c 11"),
    (supports.fraction_of_classes, ({"a": 20, "b": 10, "c": 3}, CLASSES, 0.2), "consistent"),  # one image of rounding
    (supports.fraction_of_classes, ({"a": 20, "b": 12, "c": 2}, CLASSES, 0.2), "inconsistent"),
    (supports.evaluation_size, (33, 161, 0.2, 3), "consistent"),
    (supports.evaluation_size, (40, 161, 0.2, 3), "inconsistent"),
    (supports.count_fits, (11, 50, 20, 100, "b"), "consistent"),
    (supports.count_fits, (12, 50, 20, 100, "b"), "ambiguous", "probability 0.23"),  # no stratification is stated
    (supports.count_fits, (16, 50, 20, 100, "b"), "inconsistent"),
    (supports.same_data_set, ({"x": 5, "y": 6}, KNOWN, "described"), "consistent"),
    (supports.same_data_set, ({"x": 7, "y": 8}, KNOWN, "described"), "inconsistent", "Equal: other."),
    (supports.same_data_set, ({"x": 1, "y": 1}, KNOWN, "described"), "inconsistent", "none of the known sets"),
    (supports.class_ratio, ([20, 10], [100, 50], "set"), "consistent"),
    (supports.class_ratio, ([16, 14], [100, 50], "set"), "inconsistent"),
    (supports.majority_baseline, (0.7, 60, 100, "a"), "consistent"),
    (supports.majority_baseline, (0.6, 60, 100, "a"), "ambiguous"),
    (supports.same_difficulty, (0.2, 0.60, 0.61), "consistent"),
    (supports.same_difficulty, (0.2, 0.60, 0.70), "ambiguous", "50 % of the gain"),
    (supports.images_of_subjects, (20, 2, 10, True), "consistent"),
    (supports.images_of_subjects, (19, 2, 10, True), "inconsistent"),
    (supports.images_of_subjects, (19, 2, 10, False), "consistent"),
    (supports.images_of_subjects, (21, 2, 10, False), "inconsistent"),
    (supports.units_fill_splits, (3, 3, "subjects"), "consistent"),
    (supports.units_fill_splits, (2, 3, "subjects"), "ambiguous", "some subject must"),
    (supports.balanced, ({"a": 10, "b": 8},), "consistent"),
    (supports.balanced, (CLASSES,), "inconsistent"),
    (supports.classes_assigned, (["a", "b", "c"], list(CLASSES)), "consistent"),
    (supports.classes_assigned, (["a", "b"], list(CLASSES)), "ambiguous"),
)


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
