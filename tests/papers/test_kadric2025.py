"""kadric2025 from hand-made records: three classes, every image a lesion of its own, errors known."""

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.papers import compare_all, kadric2025
from lib.papers.kadric2025 import PAPER, _answers, _data, _deviations, curves, factors, findings, heads
from lib.papers.kadric2025.contrasts import common, contrasts, on
from lib.papers.kadric2025.settings import setting
from lib.plan.grid import PlannedRun, merge, planned_runs, reference
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.records.seeds import by_seed
from tests.fakes.records import write_sets

CLASSES = ("bkl", "mel", "nv")
OWN = {f"i{n}": n % 3 for n in range(12)}  # test images of DermaMNIST: four a class
CLEAN = {i: t for i, t in OWN.items() if i in ("i0", "i1", "i2", "i3", "i4", "i5")}  # DermaMNIST-C's: the first six
EFFNET = {"backbone": "tf_efficientnetv2_l.in1k", "weights": "imagenet", "feature_grid": None}


def probabilities(truth, wrong):
    """Confidence 0.8 in the class, or, for the images ``wrong``, in the next one."""
    target = np.array(list(truth.values()))
    called = np.where(np.isin(list(truth), wrong), (target + 1) % 3, target)
    return np.where(np.eye(3)[called] == 1, 0.8, 0.1)


def run(results, wrong=(), *, clean=False, network="efficientnetv2_l", elsewhere=None, **changes):
    data = {"dataset": "dermamnist", "split": {"name": "dermamnist-c-v1.1" if clean else "dermamnist"}}
    backbone = EFFNET if network == "efficientnetv2_l" else {**EFFNET, "backbone": f"{network}.tv_in1k"}
    spec = RunSpec.parse(merge({**merge(reference(PAPER), {"model": backbone}), **data}, changes))
    truth = elsewhere or (CLEAN if clean else OWN)
    sets = {"val": {f"v{n}": n % 3 for n in range(6)}, "test": truth}
    for name, images in sets.items():
        rows = pd.DataFrame({"image_id": list(images), "group": list(images), "target": list(images.values())})
        sets[name] = rows.assign(seen=0), probabilities(images, wrong)
    history = [{"epoch": e, "train_accuracy": 0.5 + 0.2 * e, "val_accuracy": 0.5 + 0.1 * e} for e in (1, 2)]
    record = write_sets(results, spec, CLASSES, sets, history, parameters_trained=7)
    return PlannedRun(PAPER, "group", network, spec), record


@pytest.fixture
def corners(tmp_path):
    """Accuracy D28 6/12, D224 9/12, C28 3/6, C224 5/6."""
    wrong = {
        (False, 28): ["i0", "i1", "i2", "i6", "i7", "i8"],
        (False, 224): ["i0", "i6", "i7"],
        (True, 28): ["i0", "i1", "i2"],
        (True, 224): ["i1"],
    }
    return by_seed([run(tmp_path, w, clean=c, image_size=px) for (c, px), w in wrong.items()])


def test_two_factors_by_hand(corners):
    table = factors.two_factor(corners, repeats=50)
    assert set(table["axis"]) == {"input size"}
    found = table[table["metric"] == "accuracy"].set_index(["evaluated_on", "effect"])
    own, shared = found.loc["own test images", "estimate"], found.loc["common test images", "estimate"]
    assert own["resolution"] == pytest.approx(((9 - 6) / 12 + (5 - 3) / 6) / 2)
    assert own["cleaning"] == pytest.approx(((3 / 6 - 6 / 12) + (5 / 6 - 9 / 12)) / 2)
    assert own["interaction"] == pytest.approx((5 - 3) / 6 - (9 - 6) / 12)
    told = findings.finding(table, factors.cell_table(corners, repeats=20))
    assert told.startswith("Cleaning adds 4.2 points when the test set changes with it (the constant answer: +0.0)")
    # On the six images that both have: D28 3, D224 5, C28 3, C224 5 right.
    assert shared.to_dict() == pytest.approx({"resolution": 2 / 6, "cleaning": 0, "interaction": 0})
    assert found.loc["own test images", "n"].iloc[0] == "12/6" and found.loc["common test images", "n"].iloc[0] == "6"
    assert (table["low"] <= table["estimate"]).all() and (table["estimate"] <= table["high"]).all()
    # Melanomas are i1, i4, i7, i10: found by D28 2 of 4, by D224 3, of the common two by C28 1 and by C224 1.
    mel = table[table["metric"] == "melanoma_sensitivity"].set_index(["evaluated_on", "effect"])["estimate"]
    assert mel["own test images", "resolution"] == pytest.approx(((3 - 2) / 4 + 0) / 2)


def test_what_no_model_changes_has_no_interval(corners):
    """On the common images both C models and D models agree on cleaning at 28 px: paired, every resample gives 0."""
    steps = factors.cleaning_steps(corners, repeats=50)
    row = steps[(steps["pixels"] == 28) & (steps["metric"] == "accuracy")].set_index("effect")
    assert row.loc["training images", ["estimate", "low", "high"]].tolist() == [0, 0, 0]


def test_steps_of_cleaning_add_up(corners):
    steps = factors.cleaning_steps(corners, repeats=20).pivot_table(
        index=["pixels", "metric"], columns="effect", values="estimate"
    )
    parts = steps["test images"] + steps["training images"] + steps["rest"]
    assert parts.tolist() == pytest.approx(steps["total"].tolist())
    assert (steps["rest"] == 0).all()  # the clean test set is a part of the other
    at_224 = steps.loc[(224, "accuracy")]
    assert at_224["test images"] == pytest.approx(5 / 6 - 9 / 12) and at_224["training images"] == 0


def test_detail_and_input_size_are_two_axes(tmp_path):
    runs = [run(tmp_path), run(tmp_path, image_size=28), run(tmp_path, ["i0"], preprocessing={"detail_px": 28})]
    runs += [run(tmp_path, network="resnet50"), run(tmp_path, clean=True, loss={"class_weights": "balanced"})]
    groups = by_seed(runs)
    sizes = {
        a: [(g.spec.image_size, g.spec.preprocessing.detail_px) for g in factors.of_axis(groups, a)]
        for a in factors.AXES
    }
    assert sizes == {"input size": [(224, None), (28, None)], "detail": [(224, None), (224, 28)]}
    table = factors.cell_table(groups, repeats=20)
    assert table["pixels"].tolist() == [224, 28, 224, 28]
    assert table["accuracy"].tolist() == pytest.approx([1, 1, 1, 11 / 12])
    assert table["majority"].tolist() == pytest.approx([1 / 3] * 4)
    assert table["gap"].tolist() == pytest.approx([0.9 - 0.7] * 4)


def test_test_sets_and_their_common_images(corners, tmp_path):
    table = factors.test_sets(corners).set_index("test_set")
    assert table.loc["DermaMNIST-C 1.1", ["n", "in_the_first", "bkl", "mel", "nv"]].tolist() == [6, 6, 2, 2, 2]
    assert findings.crossing(factors.test_sets(corners)).endswith("DermaMNIST none, DermaMNIST-C 1.1 none.")
    shared = common(*corners)
    assert shared == set(CLEAN) and [len(on(g, shared).arrays("test")[0]) for g in corners] == [6] * 4
    with pytest.raises(StudyError, match="no image in common"):
        common(corners[0], by_seed([run(tmp_path, elsewhere={"x": 0})])[0])


class Fake:
    """Seeds that are ``right`` [N] on images of one class, each a lesion of its own."""

    def __init__(self, right, seeds=(0,)):
        truth = dict.fromkeys((f"i{k}" for k in range(len(right))), 2)
        probs = probabilities(truth, [f"i{k}" for k in range(len(right)) if not right[k]])
        self.seeds, self.classes, self.stack = tuple(seeds), CLASSES, np.stack([probs] * len(seeds))
        self.lesions = np.array(list(truth))

    def arrays(self, subset, checkpoint):
        return np.full(len(self.lesions), 2), self.stack, self.lesions


def test_a_network_on_both_axes_counts_once():
    rows = [("a", "input size", 28, 0.5), ("a", "input size", 64, 0.0), ("a", "input size", 224, 0.8),
            ("a", "detail", 224, 0.8), ("a", "detail", 28, 0.6), ("b", "input size", 28, 0.7),
            ("b", "input size", 224, 0.9), ("b", "detail", 224, 0.9), ("b", "detail", 28, 0.7)]  # fmt: skip
    cells = pd.DataFrame(rows, columns=["data", "axis", "pixels", "accuracy"]).assign(backbone="r", majority=0.5)
    left = factors.once(cells)
    assert left.index.tolist() == [0, 1, 2, 4, 5, 6, 8] and (left["pixels"] == 224).sum() == 2


def test_contrasts_pair_what_is_shared():
    """Two models that differ on one image of forty: the paired interval knows, two separate ones would not."""
    first, second = Fake([True] * 20 + [False] * 20), Fake([True] * 19 + [False] * 21)
    effects = {"": {"a": 1.0, "b": -1.0}}
    paired = contrasts({"a": first, "b": second}, effects, 400)[0]
    assert paired["estimate"] == pytest.approx(1 / 40) and paired["low"] >= 0 and paired["high"] <= 5 / 40
    alone = contrasts({"a": first}, {"": {"a": 1.0}}, 400)[0]
    assert alone["high"] - alone["low"] > 0.2


def test_contrasts_are_over_the_seeds_that_all_cells_have():
    five, three = Fake([True] * 20, range(5)), Fake([True] * 10 + [False] * 10, (0, 1, 2))
    five.stack[3:] = 1 / 3  # the two seeds that the other lacks: every image is called bkl
    row = contrasts({"a": five, "b": three}, {"": {"a": 1.0, "b": -1.0}}, 50)[0]
    assert (row["estimate"], row["seeds"], row["interval_of"]) == (0.5, 3, "the recipe")


def test_claims_compare_like_with_like(tmp_path):
    runs = [
        run(tmp_path, ["i0"], clean=True),
        run(tmp_path, ["i0", "i1", "i2"], clean=True, loss={"class_weights": "balanced"}),
        run(tmp_path, ["i0", "i1"], clean=True, model={**EFFNET, "feature_grid": 7, "head": "effv1"}),
        run(tmp_path, [], clean=True, model={**EFFNET, "feature_grid": 7}),
        run(tmp_path, ["i0", "i1", "i2"], preprocessing={"detail_px": 28}),
        run(tmp_path, ["i0"], network="resnet50", preprocessing={"detail_px": 28}),
    ]
    table = heads.claims(by_seed(runs), repeats=50).set_index("claim")
    assert table["published"].tolist() == pytest.approx([0.0243, 0.0219, 0.0354, 0.1473])
    assert table["ours"].tolist() == pytest.approx([2 / 6, 2 / 6, -2 / 12, 5 / 6 - 9 / 12])
    assert table["features"].tolist() == ["pooled", "map 7x7", "pooled", "pooled"]
    assert set(table["agrees"]) <= {"yes", "no", "open"}
    assert "EfficientNetV2-L above ResNet-50 at 28 px" in table.index
    small = run(tmp_path, network="efficientnetv2_l", image_size=28, model={"backbone": "tf_efficientnet_lite0.in1k"})
    large = run(tmp_path, network="resnet50", image_size=28)
    (row,) = heads.claims(by_seed([small, large]), repeats=20).to_dict("records")
    assert (row["claim"], row["agrees"]) == ("EfficientNet-Lite0 above ResNet-50 at 28 px", heads.UNTESTED)
    assert findings.claims(pd.DataFrame([row])).startswith("No pair of heads")  # a smaller network says nothing of it
    shown = heads.head_table(by_seed(runs), repeats=20).set_index(["features", "head"])
    assert shown.loc[("pooled", "effv4"), "published"] == 0.8247 and len(shown) == 4
    assert heads.architecture_table(by_seed(runs), repeats=20)["model"].tolist() == ["efficientnetv2_l"]


def test_settings_are_named_as_in_the_paper():
    names = {setting(r.spec) for r in planned_runs(PAPER, "cpu")}
    assert names == {"linear", "effv1", "effv2", "effv3", "effv4"}


# Positives at scores 0.9, 0.6, 0.3; negatives at 0.8, 0.2.
POSITIVE, SCORES = np.array([1, 0, 1, 1, 0], bool), np.array([0.9, 0.8, 0.6, 0.3, 0.2])


def test_the_curve_takes_the_recall_that_can_be_reached():
    stack = np.stack([1 - SCORES, SCORES], axis=1)[None]
    line = pd.Series(curves.curve(POSITIVE.astype(int), stack, 1), index=curves.RECALL.round(2))
    assert line[0.33] == pytest.approx(1) and line[0.34] == pytest.approx(2 / 3) and line[1.0] == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("recall", "expected"), [(0.3, 0.9), (1 / 3, 0.9), (0.5, 0.6), (0.9, 0.3), (1.0, 0.3), (0, 0.9)]
)
def test_threshold_finds_at_least_what_is_asked(recall, expected):
    found = curves.threshold(POSITIVE, SCORES, recall)
    assert found == expected and (SCORES[POSITIVE] >= found).mean() >= recall


def test_operating_points(tmp_path):
    # Melanomas i1 and i4. Effv3 takes i1 for nv, i0 (bkl) for mel; Effv4 takes i0 and i3 for mel, and finds both.
    runs = [run(tmp_path, ["i0", "i1"], clean=True)]
    runs += [run(tmp_path, ["i0", "i3"], clean=True, loss={"class_weights": "balanced"})]
    points = curves.precision_table(by_seed(runs), repeats=30).set_index(["variant", "dx"])
    plain, weighted = points.loc[("effv3, pooled", "mel")], points.loc[("effv4, pooled", "mel")]
    assert plain[["support", "recall", "precision", "flagged"]].tolist() == pytest.approx([2, 1 / 2, 1 / 2, 2 / 6])
    assert weighted[["recall", "precision", "flagged"]].tolist() == pytest.approx([1, 2 / 4, 4 / 6])
    rules = curves.melanoma_points(by_seed(runs)).set_index(["variant", "rule"])
    # All validation melanomas have 0.8: that threshold finds on test what the argmax does.
    assert rules.loc[("effv3, pooled", "recall 0.9 on validation"), "recall"] == 0.5
    moved = curves.weighting_table(by_seed(runs), repeats=30).set_index("dx").loc["mel"]
    assert moved[["recall_effv3", "recall_effv4"]].tolist() == [0.5, 1.0]
    # Effv3 must go down to 0.1 to find both, and calls all six images then.
    assert moved["precision_effv3_moved"] == pytest.approx(2 / 6)
    assert moved["ap_difference"] == pytest.approx(weighted["average_precision"] - plain["average_precision"])


def test_measured_values_meet_the_published_ones(tmp_path):
    runs = [run(tmp_path, ["i0"], clean=True), run(tmp_path, clean=True, image_size=64)]
    runs += [run(tmp_path, image_size=28), run(tmp_path, clean=True, model={**EFFNET, "head": "linear"})]
    found = compare_all({PAPER: runs}, repeats=20).set_index("published_id")
    assert set(found.index) == {
        "architecture.effv3.accuracy",
        "architecture.low.efficientnetv2_l.accuracy",
        "results.low.val_accuracy",
    }
    row = found.loc["architecture.effv3.accuracy"]
    assert row["ours"] == pytest.approx(5 / 6) and row["n"] == 6 and row["data"] == "dermamnist-c-v1.1"
    assert row["deviations"] == "head on pooled features; other preprocessing" and row["verdict"] == "not testable"
    assert found.loc["results.low.val_accuracy", ["ours", "n"]].tolist() == [100, 6]


def test_every_published_accuracy_has_a_run_that_deviates_in_nothing():
    """In the profile of the paper's own settings; and everywhere else something is said."""
    found = {}
    for profile in ("gpu", "cpu", "smoke"):
        for planned in (r for r in planned_runs(PAPER, profile) if r.spec.seed == 0):
            for ident, subset in _answers(planned.spec, planned.paper_model):
                text = _deviations(planned.spec, ident)
                found.setdefault((profile, ident, subset), set()).add(text)
    published = set(kadric2025.printed_accuracies()["id"])
    for profile in ("gpu", "cpu", "smoke"):
        assert {ident for p, ident, _ in found if p == profile} == published
    for (profile, _, subset), texts in found.items():
        assert ("" in texts) == (profile == "gpu"), (profile, texts)
        assert subset in ("val", "test")


def test_another_network_than_the_published_rows_is_a_deviation(tmp_path):
    """The text's 60 % are given as EfficientNetV2-L's; a ResNet-50 stands beside them too."""
    runs = [run(tmp_path, network=n, preprocessing={"detail_px": 28}, model={"feature_grid": 7}) for n in
            ("efficientnetv2_l", "resnet50")]  # fmt: skip
    found = compare_all({PAPER: runs}, repeats=20)
    texts = found[found["published_id"] == "results.low.val_accuracy"]["deviations"].tolist()
    assert texts == ["", "resnet50 in place of tf_efficientnetv2_l"]
    own = found[found["published_id"].str.startswith("architecture.low.")]
    assert set(own["deviations"]) == {""}


def test_runs_beside_one_published_value_are_told_apart():
    """Where two runs of one network stand beside one value, their data have different names."""
    for profile in ("gpu", "cpu", "smoke"):
        planned = [p for p in planned_runs(PAPER, profile) if p.spec.seed == 0]
        answers = [(i, p.spec.model.backbone, p.spec) for p in planned for i, _ in _answers(p.spec, p.paper_model)]
        names = [(ident, backbone, _data(spec)) for ident, backbone, spec in answers]
        assert len(names) == len(set(names)) > 0
        if profile == "cpu":
            assert {"dermamnist, 28 px input", "dermamnist, 28 px enlarged"} <= {data for _, _, data in names}


def test_deviations_of_a_row_with_settings_of_its_own():
    planned = next(r for r in planned_runs(PAPER, "cpu") if r.batch == "weights-cpu")
    row = {"loss": {"class_weights": "balanced"}}
    text = deviations(PAPER, planned.paper_model, planned.spec, row)
    assert (
        text
        == "tf_efficientnet_lite0 in place of tf_efficientnetv2_l; other pretrained weights; head on pooled features"
    )
    assert deviations(PAPER, planned.paper_model, planned.spec) == text + "; other loss"
