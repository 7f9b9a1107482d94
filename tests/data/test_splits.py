"""Splits on the real metadata: published counts, whole groups, leakage, and the command."""

import pandas as pd
import pytest

from lib.commands import main
from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.sets.alzheimer import SUBJECTS
from lib.data.splits import PARTS, SPLITS, leakage_report, make_split
from lib.data.splits.stratified import fill_by_group
from lib.data.synthetic import load_synthetic_index
from lib.published.values import published_values


def real(name):
    """Fixture: the index of a real data set."""

    @pytest.fixture(scope="module")
    def index(real_data):
        return load_index(name, real_data)

    return index


ham10000, dermamnist, alzheimer = real("ham10000"), real("dermamnist"), real("alzheimer")
malignant_vs_benign = real("malignant-vs-benign")


def tiny(groups: dict[str, list[int]]) -> pd.DataFrame:
    """Index with the given sizes of groups for each class."""
    rows = [
        {"image_id": f"{dx}{g}-{i}", "dx": dx, "group": f"{dx}{g}"}
        for dx, sizes in groups.items()
        for g, size in enumerate(sizes)
        for i in range(size)
    ]
    index = pd.DataFrame(rows)
    index.attrs["groups_known"] = True
    return index


def counts(split: pd.Series) -> tuple[int, ...]:
    return tuple(int((split == part).sum()) for part in PARTS)


def class_counts(index: pd.DataFrame, split: pd.Series) -> pd.DataFrame:
    return pd.crosstab(index["dx"], split).reindex(columns=PARTS, fill_value=0)


def crossing_groups(index: pd.DataFrame, split: pd.Series) -> int:
    return int((split.groupby(index["group"]).nunique() > 1).sum())


@pytest.mark.parametrize("seed", [0, 1, 42])
@pytest.mark.parametrize(
    ("fractions", "paper", "name"),
    [((0.8, 0.1, 0.1), "abdulqader2026", "table2"), ((0.7, 0.15, 0.15), "saykat2025", "split")],
)
def test_image_split_has_the_published_class_counts(ham10000, fractions, paper, name, seed):
    split = make_split("ham10000-image", ham10000, fractions=fractions, seed=seed)
    table, published = class_counts(ham10000, split).rename(columns={"val": "validation"}), published_values(paper)
    assert table.sum(axis=None) == 10015
    for dx, row in table.iterrows():
        assert row.to_dict() == {part: published[f"{name}.{dx}.{part}"] for part in row.index}


def test_image_split_leaks_what_the_literature_reports(ham10000):
    shares = []  # over 30 seeds: 38.8 ± 1.0 % by lesion_id, 39.0 ± 0.9 % with the extra pairs merged
    for seed in range(5):
        split = make_split("ham10000-image", ham10000, fractions=(0.8, 0, 0.2), seed=seed)
        assert counts(split) == (8012, 0, 2003)
        shares.append(leakage_report(ham10000, split).loc["total", "share"])
    assert 0.377 < sum(shares) / len(shares) < 0.397
    assert all(0.36 < share < 0.42 for share in shares)
    assert len(set(shares)) > 1


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.7, 0.15, 0.15), (0.8, 0, 0.2)])
@pytest.mark.parametrize("seed", [0, 1])
def test_lesion_split_keeps_lesions_whole_and_class_counts(ham10000, fractions, seed):
    split = make_split("ham10000-lesion", ham10000, fractions=fractions, seed=seed)
    assert crossing_groups(ham10000, split) == 0
    assert leakage_report(ham10000, split, against=("train", "val")).loc["total", "n_shared"] == 0
    by_image = make_split("ham10000-image", ham10000, fractions=fractions, seed=seed)
    pd.testing.assert_frame_equal(class_counts(ham10000, split), class_counts(ham10000, by_image))


def test_lesion_split_has_the_same_repeats_per_lesion_in_test_as_in_train(ham10000):
    split = make_split("ham10000-lesion", ham10000)
    repeats = ham10000.groupby([split, "group"]).size().groupby(level=0).mean()
    assert repeats["test"] == pytest.approx(repeats["train"], rel=0.05)


@pytest.mark.parametrize("name", ["ham10000-image", "ham10000-lesion"])
def test_assignment_depends_on_the_seed_and_not_on_the_order_of_rows(ham10000, name):
    split = make_split(name, ham10000, seed=3)
    shuffled = ham10000.sample(frac=1, random_state=0)
    again = make_split(name, shuffled, seed=3)
    assert list(again.index) == list(shuffled.index)
    pd.testing.assert_series_equal(again.sort_index(), split)
    assert (make_split(name, ham10000, seed=4) != split).any()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dermamnist", (7007, 1003, 2005)),
        ("dermamnist-c-v1.0", (8208, 575, 1232)),
        ("dermamnist-c-v1.1", (8215, 573, 1227)),
    ],
)
def test_dermamnist_counts(dermamnist, name, expected):
    split = make_split(name, dermamnist)
    assert counts(split) == expected
    shared = leakage_report(dermamnist, split).loc["total", "n_shared"]
    assert (shared == 0) == (name == "dermamnist-c-v1.1")


def test_dermamnist_c_v1_1_wants_merged_lesions(dermamnist):
    with pytest.raises(StudyError, match="18 extra duplicate pairs"):
        make_split("dermamnist-c-v1.1", dermamnist.assign(group=dermamnist["lesion_id"]))


def test_dermamnist_c_itself_keeps_the_split_of_its_version(dermamnist):
    corrected = dermamnist.assign(split=make_split("dermamnist-c-v1.1", dermamnist))
    corrected.attrs["version"] = "1.1"
    assert (make_split("dermamnist-c-v1.1", corrected) == corrected["split"]).all()
    with pytest.raises(StudyError, match=r"this is DermaMNIST-C 1\.1"):
        make_split("dermamnist-c-v1.0", corrected)


def test_malignant_vs_benign_keeps_the_official_test_folder(malignant_vs_benign):
    index = malignant_vs_benign
    split = make_split("malignant-vs-benign", index)
    assert (split[index["split"] == "test"] == "test").all()
    table = class_counts(index, split)
    assert tuple(table.loc["benign"]) == (1296, 144, 360)
    assert tuple(table.loc["malignant"]) == (1077, 120, 300)
    assert counts(make_split("malignant-vs-benign", index, fractions=(1, 0, 0))) == (2637, 0, 660)
    assert leakage_report(index, split).loc["total", "share"] > 0.1


def test_malignant_vs_benign_by_lesion(malignant_vs_benign):
    split = make_split("malignant-vs-benign-lesion", malignant_vs_benign)
    assert crossing_groups(malignant_vs_benign, split) == 0
    table = class_counts(malignant_vs_benign, split)
    assert tuple(table["test"]) == (360, 300)
    assert tuple(table["val"]) == (144, 120)


def test_alzheimer_by_slice_and_by_subject(alzheimer):
    by_image = make_split("alzheimer-image", alzheimer)
    assert counts(by_image) == (4480, 640, 1280)
    assert leakage_report(alzheimer, by_image).loc["total", "share"] == 1
    by_subject = make_split("alzheimer-subject", alzheimer)
    assert crossing_groups(alzheimer, by_subject) == 0
    subjects = class_counts(alzheimer, by_subject) // 32
    assert tuple(subjects.loc["NonDemented"]) == (70, 10, 20)
    assert tuple(subjects.loc["VeryMildDemented"]) == (49, 7, 14)
    assert tuple(subjects.loc["MildDemented"]) == (19, 3, 6)
    assert tuple(subjects.loc["ModerateDemented"]) == (1, 0, 1)


SUBSET = {"MildDemented": 182, "ModerateDemented": 64, "NonDemented": 182, "VeryMildDemented": 351}


def test_subset_of_xia2025_has_its_images_and_subjects(alzheimer):
    split = make_split("alzheimer779-image", alzheimer)
    used = alzheimer[split != "unused"]
    assert used["dx"].value_counts().to_dict() == SUBSET
    assert used.groupby("dx")["group"].nunique().to_dict() == SUBJECTS
    per_subject = used.groupby(["dx", "group"]).size().groupby("dx")
    assert (per_subject.max() - per_subject.min()).max() <= 1  # evenly drawn
    assert counts(split) == (545, 78, 156)
    shuffled = make_split("alzheimer779-image", alzheimer.sample(frac=1, random_state=1))
    pd.testing.assert_series_equal(shuffled.sort_index(), split)
    assert (make_split("alzheimer779-image", alzheimer, seed=1) != split).any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_subset_by_subject_is_of_the_same_images_and_test_mix(alzheimer, seed):
    by_image = make_split("alzheimer779-image", alzheimer, seed=seed)
    split = make_split("alzheimer779-subject", alzheimer, seed=seed)
    assert set(split.index[split != "unused"]) <= set(by_image.index[by_image != "unused"])
    kept = split != "unused"
    assert crossing_groups(alzheimer[kept], split[kept]) == 0
    tables = [class_counts(alzheimer, s)["test"] for s in (split, by_image)]
    assert ((tables[1] - tables[0]).between(0, 3)).all()  # never more, and at most half a subject's slices fewer
    assert class_counts(alzheimer, split).loc["ModerateDemented"].tolist() == [32, 0, 12]
    assert SPLITS["alzheimer779-subject"].grouped and not SPLITS["dermamnist-c-v1.0"].grouped


def test_subset_wants_enough_images(alzheimer):
    with pytest.raises(StudyError, match="needs 182 images of MildDemented"):
        make_split("alzheimer779-image", alzheimer[alzheimer["slice"] < 6])


def test_synthetic_splits(tmp_path):
    index = load_synthetic_index(tmp_path / "synthetic", n_lesions=300, size=(16, 16))
    by_image, by_lesion = make_split("synthetic-image", index), make_split("synthetic-lesion", index)
    assert leakage_report(index, by_image).loc["total", "share"] > 0.2
    assert crossing_groups(index, by_lesion) == 0
    difference = class_counts(index, by_lesion) - class_counts(index, by_image)
    assert difference.abs().to_numpy().max() <= 2
    assert (class_counts(index, by_lesion) > 0).all(axis=None)


@pytest.mark.parametrize(
    ("sizes", "aim", "expected"),
    [
        ([3, 3, 3, 3], {"test": 3, "val": 3}, (6, 3, 3)),
        ([4, 4, 4, 4, 4], {"test": 5, "val": 0}, (16, 0, 4)),
        ([4, 4, 4, 4, 4], {"test": 7, "val": 0}, (12, 0, 8)),
        ([32, 32], {"test": 13, "val": 6}, (32, 0, 32)),
        ([32, 32, 32], {"test": 19, "val": 10}, (32, 32, 32)),
        ([1, 30], {"test": 20, "val": 0}, None),
        ([5], {"test": 1, "val": 1}, (5, 0, 0)),
    ],
)
def test_filling_by_group_comes_nearest_and_leaves_no_part_empty(sizes, aim, expected):
    index = tiny({"a": sizes})
    for seed in range(5):
        split = fill_by_group(index, pd.DataFrame(aim, index=["a"]), seed)
        assert crossing_groups(index, split) == 0
        if expected:
            assert counts(split) == expected
        else:
            assert min(counts(split)[0], counts(split)[2]) > 0


def test_leakage_report_by_hand():
    index = tiny({"b": [3, 1], "a": [2]})
    index.attrs["classes"] = ("b", "a")
    split = pd.Series(["train", "test", "test", "test", "val", "test"])
    report = leakage_report(index, split)
    assert list(report.index) == ["b", "a", "total"]
    assert list(report["n_test"]) == [3, 1, 4]
    assert list(report["n_shared"]) == [2, 0, 2]
    assert list(report["share"]) == pytest.approx([2 / 3, 0, 0.5])
    assert list(leakage_report(index, split, against=("train", "val"))["n_shared"]) == [2, 1, 3]


def test_bad_input_is_named(ham10000):
    with pytest.raises(StudyError, match="did you mean 'ham10000-lesion'"):
        make_split("ham10000-lesions", ham10000)
    for fractions in [(0.8, 0.1, 0.2), (1.1, -0.1, 0), (0, 0.5, 0.5), (0.8, 0.2), "abc", ("a", "b", "c")]:
        with pytest.raises(StudyError, match="fractions"):
            make_split("ham10000-image", ham10000, fractions=fractions)
    with pytest.raises(StudyError, match="fixed split"):
        make_split("dermamnist", ham10000, fractions=(0.8, 0.1, 0.1))
    with pytest.raises(StudyError, match=r"\(train, val, 0\)"):
        make_split("malignant-vs-benign", ham10000, fractions=(0.8, 0.1, 0.1))
    with pytest.raises(StudyError, match="no 'split'"):
        make_split("dermamnist", ham10000)
    with pytest.raises(StudyError, match="occurs twice"):
        make_split("ham10000-image", pd.concat([ham10000, ham10000]))
    with pytest.raises(StudyError, match="cannot hold out"):
        make_split("synthetic-image", tiny({"a": [1], "b": [1] * 30}))
    unknown = tiny({"a": [2] * 20})
    unknown.attrs |= {"groups_known": False, "name": "malignant-vs-benign"}
    with pytest.raises(StudyError, match="not known here"):
        make_split("malignant-vs-benign-lesion", unknown)
    with pytest.raises(StudyError, match="another index"):
        leakage_report(ham10000, make_split("ham10000-image", ham10000).iloc[:5])


def test_command_writes_the_split_and_prints_its_leakage(real_data, tmp_path, capsys):
    out = tmp_path / "new" / "split.csv"
    arguments = ["--data-root", str(real_data), "--out", str(out), "--seed", "2", "--fractions", "0.7", "0.1", "0.2"]
    assert main(["split", "ham10000-lesion", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "train 7010, val 1001, test 2004" in printed
    assert "share a lesion with train: 0 of 2004 (0.0%)" in printed
    table = pd.read_csv(out)
    assert list(table.columns) == ["image_id", "lesion_id", "dx", "split"]
    index = load_index("ham10000", real_data)
    split = make_split("ham10000-lesion", index, fractions=(0.7, 0.1, 0.2), seed=2)
    assert list(table["split"]) == list(split)
    assert list(table["image_id"]) == list(index["image_id"])
    assert [p.name for p in out.parent.iterdir()] == ["split.csv"]


def test_command_lists_and_refuses(capsys):
    assert main(["split", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(SPLITS)
    for arguments, message in [([], "--list"), (["ham1000-image"], "did you mean 'ham10000-image'")]:
        assert main(["split", *arguments]) == 2
        assert message in capsys.readouterr().err
