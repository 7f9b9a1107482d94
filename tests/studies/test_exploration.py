"""Tables and figures of notebook 00, on hand-made indexes and, where present, on the real metadata."""

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.catalogue import LESION_CLASSES
from lib.figures.style import save_figure
from lib.studies.exploration import charts, duplicates, pictures, tables

COUNTS = {"akiec": 12, "bcc": 13, "bkl": 14, "df": 12, "mel": 20, "nv": 60, "vasc": 12}
N, GROUPS = 143, 133


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """143 smooth random pictures 24 x 32 with square masks; mel comes in pairs, of which the first are copies."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    rows = []
    for dx, count in COUNTS.items():
        for number in range(count):
            image_id = f"{dx}{number}"
            if image_id != "mel1":  # mel1 shows the picture of mel0 again
                picture = cv2.GaussianBlur(rng.integers(0, 256, (24, 32, 3)).astype(np.uint8), (0, 0), 1.5)
            mask = np.zeros((24, 32), np.uint8)
            mask[6:18, (0 if dx == "vasc" else 8) : 24] = 255
            cv2.imwrite(str(folder / f"{image_id}.png"), picture)
            cv2.imwrite(str(folder / f"{image_id}_mask.png"), mask)
            rows.append(
                {
                    "image_id": image_id,
                    "path": str(folder / f"{image_id}.png"),
                    "dx": dx,
                    "label": LESION_CLASSES.index(dx),
                    "group": f"mel-{number // 2}" if dx == "mel" else image_id,
                    "age": np.nan if image_id == "nv0" else 40.0 + 10 * (dx == "mel"),
                    "sex": "unknown" if image_id == "nv1" else "male",
                    "site": "one" if dx == "nv" else "two",
                    "mask_path": str(folder / f"{image_id}_mask.png"),
                }
            )
    frame = pd.DataFrame(rows)
    frame["lesion_id"] = frame["group"]
    frame.attrs = {
        "name": "synthetic", "classes": LESION_CLASSES, "sha256": "0" * 64, "synthetic": True, "groups_known": True,
        "licence": "LICENCE", "citation": "CITATION",
    }  # fmt: skip
    return frame


@pytest.fixture(scope="module")
def nearest(index, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return duplicates.nearest_images(index)


def test_overview_counts_images_groups_and_imbalance(index):
    row = tables.overview({"synthetic": index}).loc["synthetic"]
    assert (row["images"], row["groups"], row["classes"]) == (N, GROUPS, 7)
    assert row["share_in_repeated_groups"] == pytest.approx(20 / N)
    assert row["largest_class"] == "nv" and row["imbalance_ratio"] == 5
    assert row["synthetic"] and row["licence"] == "LICENCE"


def test_class_counts_in_label_order_with_total(index):
    table = tables.class_counts(index)
    assert list(table.index) == [*LESION_CLASSES, "total"]
    assert table.loc["mel", ["images", "groups"]].tolist() == [20, 10]
    assert table.loc["total", "images"] == N and table.loc["total", "share"] == 1
    assert table.loc["mel", "images_per_group"] == 2
    assert "published" not in table


def test_a_diagnosis_outside_the_classes_is_counted_too(index):
    extended = index.assign(dx=index["dx"].where(index["image_id"] != "nv5", "scc"))
    table = tables.class_counts(extended)
    assert table.loc["scc", "images"] == 1 and table.loc["total", "images"] == N


def test_missing_values_count_nan_and_unknown(index):
    table = tables.missing_values(index)
    assert table["images"].to_dict() == {"site": 0, "sex": 1, "age": 1}
    assert table.loc["sex", "share"] == pytest.approx(1 / N)


def test_categories_and_missing_column(index):
    table = tables.categories(index, "site")
    assert table.loc["one"].to_dict() == {dx: 60 * (dx == "nv") for dx in LESION_CLASSES}
    assert list(table.index) == ["two", "one"]
    with pytest.raises(StudyError, match="no 'colour'"):
        tables.categories(index, "colour")


def test_age_summary_is_per_group(index):
    table = tables.age_summary(index)
    assert table.loc["mel", "groups"] == 10 and table.loc["mel", "median"] == 50
    assert table.loc["nv", "groups"] == 59


def test_associations_of_a_telling_and_a_constant_column(index):
    table = tables.associations(index)
    assert table.loc["site", "cramers_v"] > 0.8
    assert table.loc["sex", "cramers_v"] < 0.2
    assert table.loc["site", "guess"] == pytest.approx((60 + 14) / GROUPS)
    assert table.loc["site", "guess_without"] == pytest.approx(60 / GROUPS)


def test_cramers_v_of_independent_and_identical_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dx": rng.choice(["a", "b"], 2000), "sex": rng.choice(["male", "female"], 2000)})
    frame["site"], frame["group"] = frame["dx"], np.arange(2000)
    table = tables.associations(frame)
    assert table.loc["site", "cramers_v"] == pytest.approx(1, abs=1e-3)
    assert table.loc["sex", "cramers_v"] < 0.05


def test_repeats(index):
    table = tables.repeats(index)
    assert table["total"].to_dict() == {1: 123, 2: 10} and table.loc[2, "mel"] == 10


def test_mask_areas_and_cut_lesions(index):
    areas = tables.mask_areas(index)
    assert len(areas) == N
    assert areas.loc[areas["dx"] == "nv", "area"].unique() == pytest.approx([12 * 16 / (24 * 32)])
    summary = tables.mask_summary(areas)
    assert summary.loc["vasc", "share_cut"] == 1 and summary.loc["nv", "share_cut"] == 0
    assert len(tables.mask_areas(index, limit=10)) == 10


def test_nearest_finds_the_copy_in_the_same_group(nearest):
    copy = nearest.set_index("image_id").loc["mel0"]
    assert copy["nearest_id"] == "mel1" and copy["same_group"] and copy["correlation"] > 0.999
    assert (nearest["image_id"] != nearest["nearest_id"]).all()
    table = duplicates.nearest_summary(nearest, thresholds=(0.0, 0.99))
    assert table.loc[0.0, "images"] == N
    assert table.loc[0.99].to_dict() == {
        "images": 2, "share_of_images": 2 / N, "same_group": 2, "other_group": 0, "other_group_and_dx": 0,
    }  # fmt: skip


def test_suspect_pairs_cross_groups_and_are_listed_once(index, nearest):
    assert duplicates.suspect_pairs(nearest, 0.99).empty
    apart = nearest.assign(same_group=False)
    pairs = duplicates.suspect_pairs(apart, 0.99)
    assert pairs[["image_id", "nearest_id"]].to_numpy().tolist() == [["mel0", "mel1"]]


def test_copies_in_training_asks_the_pixels(index, nearest):
    table = duplicates.copies_in_training(nearest, index, seeds=range(10)).set_index("split")
    assert table.loc["synthetic-lesion", "n_copied"] == 0
    assert 0 < table.loc["synthetic-image", "n_copied"] <= 1  # mel0 and mel1 are the only copies
    unknown = index.assign(group=index["image_id"])
    assert duplicates.copies_in_training(nearest, unknown, seeds=range(10))["n_copied"].min() > 0


def test_shared_images_between_data_sets(index, tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path))
    some, rest = index[index["dx"] == "mel"], index[index["dx"] != "mel"]
    both = pd.concat([some.head(3), rest.head(10)], ignore_index=True)
    both.attrs = {**index.attrs, "name": "both"}
    some = some.reset_index(drop=True)
    table = duplicates.shared_images({"some": some, "both": both}, 0.99).set_index(["of", "among"])
    assert table.loc[("some", "both"), ["images", "shared"]].tolist() == [20, 3]
    assert table.loc[("both", "some"), "shared"] == 3
    assert (table["best_other"] < 0.99).all()


def test_copies_are_told_where_there_are_some(tmp_path):
    shared = pd.DataFrame({"of": ["malignant-vs-benign", "ham10000"], "among": ["ham10000", "malignant-vs-benign"],
                           "share": [0.75, 0.25]})  # fmt: skip
    copied = pd.DataFrame({"data": "malignant-vs-benign", "share": [0.02, 0.008],
                           "split": ["malignant-vs-benign", "malignant-vs-benign-lesion"]})  # fmt: skip
    said = duplicates.told(shared, {"ham10000": 0, "malignant-vs-benign": 23}, copied)
    assert "**75%** of malignant vs benign are images of HAM10000; 23 near-identical pairs of malignant vs" in said
    assert "split by lesion, 0.8% of the test images of malignant" in said and "2.0%" not in said
    assert "none between" in duplicates.told(shared.head(0), {}, copied.head(1))
    assert tables.at_hand(str(tmp_path), ()) == {}


def test_leakage_of_an_image_and_a_lesion_split(index):
    table = tables.leakage(index, seeds=range(10)).set_index(["split", "dx"])
    assert set(table.index.get_level_values("split")) == {"synthetic-image", "synthetic-lesion"}
    assert table.loc[("synthetic-lesion", "total"), "share"] == 0
    assert table.loc[("synthetic-image", "nv"), "share"] == 0
    assert table.loc[("synthetic-image", "mel"), "share"] > 0.4
    assert (table["seeds"] == 10).all()


@pytest.mark.slow
def test_every_figure_is_drawn_in_the_study_style_and_leaves_no_trace(index, nearest, tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path))
    style, open_figures = dict(plt.rcParams), plt.get_fignums()
    leak = tables.leakage(index, seeds=[0])
    pairs = duplicates.suspect_pairs(nearest.assign(same_group=False), 0.9)
    figures = {
        "classes": charts.plot_class_counts(index),
        "ages": charts.plot_ages(index),
        "site": charts.plot_categories(index, "site"),
        "repeats": charts.plot_repeats(index),
        "masks": charts.plot_mask_area(tables.mask_areas(index)),
        "nearest": charts.plot_nearest(nearest),
        "leakage": charts.plot_leakage(leak, "title"),
        "samples": pictures.sample_grid(index),
        "repeated": pictures.repeat_grid(index),
        "pairs": pictures.pair_grid(pairs),
        "means": pictures.mean_images(index),
        "site means": pictures.mean_images(index, by="site"),
    }
    assert plt.get_fignums() == open_figures and dict(plt.rcParams) == style
    for name, figure in figures.items():
        assert isinstance(figure, Figure), name
        drawn = [ax for ax in figure.axes if ax.axison]
        assert all(ax.get_xlabel() or ax.get_ylabel() for ax in drawn), name
        assert save_figure(figure, tmp_path, name).stat().st_size > 5000, name


def test_picture_grids_name_every_image_and_carry_the_attribution(index):
    figure = pictures.sample_grid(index)
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.images]
    assert len(titles) == 28 and set(titles) <= set(index["image_id"])
    assert "LICENCE" in figure.get_supxlabel() and "CITATION" in figure.get_supxlabel()
    repeated = pictures.repeat_grid(index)
    titles = [ax.get_title(loc="left") for ax in repeated.axes if ax.images]
    assert len(titles) == 10 and all(title.startswith("mel") for title in titles)


def test_grids_refuse_what_cannot_be_shown(index, nearest):
    with pytest.raises(StudyError, match="no lesion with two images"):
        pictures.repeat_grid(index[index["dx"] == "nv"])
    with pytest.raises(StudyError, match="no pair"):
        pictures.pair_grid(duplicates.suspect_pairs(nearest, 0.99))


def test_real_metadata(real_data):
    index = load_index("ham10000", real_data)
    counts = tables.class_counts(index)
    assert (counts["images"] == counts["published"]).all() and counts.loc["total", "images"] == 10015
    assert tables.repeats(index)["total"].sum() == 7470 - 18
    assert tables.categories(index, "site").sum(axis=1)["vidir_molemax"] == 3954
    leak = tables.leakage(index, seeds=range(3)).set_index(["split", "dx"])
    assert 0.36 < leak.loc[("ham10000-image", "total"), "share"] < 0.42
    assert tables.associations(index).loc["site", "cramers_v"] > 0.2
