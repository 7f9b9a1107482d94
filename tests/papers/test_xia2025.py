"""xia2025's tables from hand-made records: twelve slices of six subjects, errors known."""

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.splits import make_split
from lib.papers import compare_all
from lib.papers.xia2025 import figures, findings, leak, scores, tables, tightness
from lib.plan.grid import PlannedRun, reference
from lib.plan.spec import RunSpec, SplitSpec
from lib.published.tables import printed_table
from lib.records.seeds import by_seed
from lib.studies.explain import features
from lib.training.prepare import Folders
from lib.training.run import get_or_train
from tests.fakes.records import write_sets
from tests.fakes.specs import small

CLASSES = ("MildDemented", "ModerateDemented", "NonDemented", "VeryMildDemented")
TARGETS = np.array([0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
SUBJECTS = [f"s{i // 2}" for i in range(12)]
CN_T = {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"}
SUBJECT = {"split": {"name": "alzheimer779-subject"}}


def probabilities(wrong):
    """Every image 0.7 for its class; those in ``wrong`` for the next class."""
    called = np.where(np.isin(np.arange(12), wrong), (TARGETS + 1) % 4, TARGETS)
    return 0.1 + 0.6 * np.eye(4)[called]


def run(results, paper_model="convnext_tiny", wrong=(), val=(0.4, 0.6, 0.5), **changes):
    theirs = reference("xia2025", model=paper_model)
    model = {**CN_T, **theirs.get("model", {}), **changes.pop("model", {})}
    own = {"dataset": "alzheimer", "split": {"name": "alzheimer779-image"}, **theirs, **changes, "model": model}
    spec = RunSpec.parse(own)
    rows = pd.DataFrame({"image_id": [f"i{i:02d}" for i in range(12)], "group": SUBJECTS, "target": TARGETS})
    sets = dict.fromkeys(("val", "test"), (rows.assign(seen=[1, 0] * 6), probabilities(wrong)))
    history = [{"epoch": e + 1, "train_loss": 1.0 / (e + 1), "train_accuracy": a, "val_loss": 1.5 - a,
                "val_accuracy": a} for e, a in enumerate(val)]  # fmt: skip
    info = {"n": {"train": 40, "val": 12, "test": 12}, "parameters_trained": 100 + len(paper_model)}
    info |= {"timing": {"images_per_second": 50.0, "seconds_training": 60.0}, "environment": {"device": "CPU"}}
    record = write_sets(results, spec, CLASSES, sets, history, **info)
    return PlannedRun("xia2025", "group", paper_model, spec), record


def test_classes_and_weighted_averages_by_hand(tmp_path):
    # One mild and two normal slices wrong: the mild one is called moderate, the normal ones very mild.
    groups = by_seed([run(tmp_path, wrong=(0, 4, 5))])
    found = tables.class_table(groups)
    assert found["recall"].tolist() == [1 / 2, 1, 2 / 4, 1]
    assert found["precision"].tolist() == pytest.approx([1, 2 / 3, 1, 4 / 6])
    assert found["f1"].tolist() == pytest.approx([2 / 3, 4 / 5, 2 / 3, 4 / 5])
    constant, row = tables.table_1(groups, 20).to_dict("records")
    assert constant["model"] == "always NonDemented" and constant["accuracy"] == pytest.approx(4 / 12)
    assert row["precision"] == pytest.approx((2 + 2 * 2 / 3 + 4 + 4 * 4 / 6) / 12)
    assert row["recall"] == row["accuracy"] == pytest.approx(9 / 12)


def test_what_the_text_says_of_its_model_is_measured(tmp_path):
    runs = [run(tmp_path, "iconvnext_tiny", wrong=(0,), val=(0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.8)), run(tmp_path)]
    runs.append(run(tmp_path, "base_cnn", epochs=10, val=(0.5, 0.7), model={"backbone": "base_cnn"}))
    found = compare_all({"xia2025": runs}, repeats=30).set_index("published_id")
    assert found.loc["table1.iconvnext_tiny.accuracy", "ours"] == pytest.approx(11 / 12)
    assert found.loc["confusion.f1.lowest", "ours"] == pytest.approx(2 / 3)
    assert found.loc["confusion.moderate.f1", "ours"] == pytest.approx(4 / 5)
    assert found.loc["roc.iconvnext_tiny.non", "ours"] == 1
    assert found.loc["overall.val_accuracy", ["ours", "n"]].tolist() == [pytest.approx(80), 12]
    assert found.loc["curves.iconvnext_tiny.val_loss.sixth", "ours"] == pytest.approx(0.6)
    assert found.loc["curves.convnext_tiny.val_loss.last", "ours"] == pytest.approx(1.0)
    assert found.loc["curves.base_cnn.val_loss.last", "ours"] == pytest.approx(0.8)
    own = found["model"] == "base_cnn"
    assert set(found.loc[~own, "deviations"]) == {""} and "reproduced" in set(found.loc[~own, "verdict"])
    assert found.loc[own, "deviations"].str.contains("the paper gives none").all()
    assert set(found.loc[own, "verdict"]) == {"not testable"}
    other = run(tmp_path, "iconvnext_tiny", loss={"name": "cross_entropy", "feature_smoothing": 0.5})
    skin = run(tmp_path, dataset="ham10000", split={"name": "ham10000-image"})
    assert scores.of_paper(by_seed([other, skin])) == []


def test_the_rate_of_the_highest_validation_accuracy_is_shown(tmp_path):
    slow = run(tmp_path, val=(0.4, 0.9), optimizer={"name": "adam", "lr": 5e-6})
    fast = run(tmp_path, val=(0.8, 0.3), optimizer={"name": "adam", "lr": 5e-3})
    assert [g.spec for g in scores.chosen(by_seed([fast, slow]))] == [slow[0].spec]


def test_parts_are_compared_with_the_plain_network_of_their_recipe(tmp_path):
    runs = [run(tmp_path, wrong=(0, 4, 8), epochs=10, seed=s) for s in (0, 1)]
    dual = {**CN_T, "pooling": "dual"}
    runs += [run(tmp_path, "dual_pooling", wrong=(4, 8), model=dual, epochs=10, optimizer={"name": "adam", "lr": 5e-3})]
    runs += [run(tmp_path, "iconvnext_tiny", wrong=range(6), seed=s) for s in (0, 1)]
    runs += [run(tmp_path, "sevector", model={**CN_T, "attention": "sevector"}, image_size=64)]  # no plain one beside
    table = tables.ablation(by_seed(runs), repeats=50).set_index("part")
    assert table.index.tolist() == ["none", "dual pooling", "all (ICN-T)"]
    assert table.loc["dual pooling", "gain"] == pytest.approx(1 / 12)
    assert table.loc["dual pooling", "gain_draws"] == 1  # the plain network has another seed besides
    assert table.loc["dual pooling", "gain_low"] >= 0 and np.isnan(table.loc["none", "gain"])
    assert table.loc["all (ICN-T)", ["gain", "draws"]].tolist() == pytest.approx([-3 / 12, 2])
    table = table.reset_index()
    alone = table[table["part"] == "all (ICN-T)"].assign(px=64)
    figure = figures.part_gains(pd.concat([table, alone]))
    labels = [[t.get_text() for t in ax.texts] for ax in figure.axes]
    assert labels[0] == ["dual pooling", "all (ICN-T)"] and [t.split(", ")[-3] for t in labels[1]] == ["64 px"]


def test_all_parts_are_told_after_more_epochs_too(tmp_path):
    short, long = {"epochs": 10}, {"epochs": 20}
    runs = [run(tmp_path, wrong=(0,), seed=s, **short) for s in (0, 1)] + [run(tmp_path, wrong=(0,), **long)]
    runs += [run(tmp_path, "iconvnext_tiny", wrong=(0, 4, 8), seed=s, **short) for s in (0, 1)]
    runs += [run(tmp_path, "iconvnext_tiny", **long)]
    table = tables.ablation(by_seed(runs), repeats=50)
    assert tables.shown_parts(table)["epochs"].tolist() == [10, 20]
    told = findings.gains(table)
    assert "all (ICN-T) -16.7 points" in told.replace("**", "") and "10 epochs may be too few for them." in told
    change = tables.more_epochs(by_seed(runs), 50)
    assert change["difference"].tolist() == pytest.approx([0, 3 / 12]) and change["draws"].tolist() == [1, 1]
    assert "ICN-T, by slice, 20 minus 10: " in findings.epochs(change)
    assert "no run of them" in findings.gains(table[table["part"] == "none"])
    assert findings.on_lesions(table) == ""
    told = findings.on_lesions(table.assign(data="ham10000"))
    assert told.startswith("On skin lesions") and "all (ICN-T) -16.7 points" in told.replace("**", "")


def test_a_part_that_failed_on_one_draw_did_not_learn(tmp_path):
    split = {"name": "alzheimer779-image"}
    runs = [run(tmp_path, seed=s, split={**split, "seed": s}) for s in (0, 1)]
    runs += [run(tmp_path, "iconvnext_tiny", seed=s, split={**split, "seed": s}, wrong=range(12 * s)) for s in (0, 1)]
    assert tables.ablation(by_seed(runs), repeats=20)["learned"].tolist() == [True, False]


def test_weights_of_the_smoothing_loss_in_order(tmp_path):
    losses = [{"name": "cross_entropy", "feature_smoothing": w} for w in (0.5, 0.0, 0.05)]
    groups = by_seed([run(tmp_path, "iconvnext_tiny", wrong=(1,), loss=loss) for loss in losses])
    table = tables.lambda_table(groups, repeats=20)
    assert table["lambda"].tolist() == [0.0, 0.05, 0.5]
    assert len(figures.lambda_curve(table).axes) == 1
    assert tables.lambda_table(groups[:1], repeats=20).empty
    alone = run(tmp_path, "iconvnext_tiny", loss=losses[1], seed=1, split={"name": "alzheimer779-image", "seed": 1})
    pd.testing.assert_frame_equal(tables.lambda_table([*groups, *by_seed([alone])], repeats=20), table)  # 0.05 lacks it


def test_the_leak_is_told_of_the_papers_network_on_its_data():
    rows = [("mlp_classifier", "alzheimer", 0, 10), ("iconvnext_tiny", "alzheimer", 0.05, 3),
            ("iconvnext_tiny", "alzheimer", 0, 10), ("iconvnext_tiny", "ham10000", 0.05, 10)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["model", "data", "lambda", "draws"])
    table = table.assign(learned=True, accuracy_paper=[0.9, 0.6, 0.8, 0.7], accuracy_grouped=0.5)
    assert findings.finding(table) == "60 % by slice, 50 % by subject"


def test_leak_pairs_recipes_and_adds_what_needs_no_training(tmp_path):
    runs = [run(tmp_path, wrong=(0,)), run(tmp_path, wrong=range(6), **SUBJECT), run(tmp_path, wrong=(1,), **SUBJECT,
                                                                                 image_size=64)]  # fmt: skip
    rows = {"seed": 0, "group": SUBJECTS, "target": TARGETS}
    rows |= {"same_group": 1}
    found = [
        pd.DataFrame({**rows, "split": f"alzheimer779-{kind}", "predicted": (TARGETS + shift) % 4})
        for kind, shift in (("image", 0), ("subject", [1, 0] * 6))
    ]
    table = leak.leak_table(by_seed(runs), pd.concat(found), repeats=50).set_index("model")
    assert table.index.tolist() == ["largest class", "nearest neighbour", "convnext_tiny"]
    assert table.loc["convnext_tiny", "difference"] == pytest.approx(5 / 12)
    assert table.loc["nearest neighbour", ["accuracy_paper", "accuracy_grouped"]].tolist() == [1, 0.5]
    assert table.loc["largest class", "accuracy_paper"] == pytest.approx(4 / 12)
    assert table.loc["convnext_tiny", "grouped_minus_constant"] == pytest.approx((6 - 4) / 12)
    assert leak.shown(table.reset_index())["learned_grouped"].tolist()[2] in ("yes", "no")
    assert (table["difference_low"] <= table["difference_high"]).all()
    assert len(figures.leak_chart(table.reset_index()).axes) == 2


@pytest.mark.slow
def test_nearest_neighbour_finds_the_subject_by_slice_and_not_by_subject(real_data):
    splits = [SplitSpec(name=f"alzheimer779-{kind}") for kind in ("image", "subject")]
    found = leak.nearest_neighbours(splits, real_data)["predictions"]
    same = found.groupby("split")["same_group"].mean()
    assert same["alzheimer779-subject"] == 0 < same["alzheimer779-image"]
    index = load_index("alzheimer", real_data)
    row = leak.leak_table([], found, repeats=50).set_index("model").loc["nearest neighbour"]
    assert row["n_paper"] == (make_split("alzheimer779-image", index) == "test").sum() and row["draws"] == 5
    assert row["accuracy_paper"] > row["accuracy_grouped"] and row["difference_low"] < row["difference"]


def test_scatter_by_hand():
    values, targets = np.array([[0.0, 1], [2, 1], [10, 1], [12, 1]]), np.array([0, 0, 1, 1])
    found = tightness.scatter(values, targets, [*"abcd"], 50)
    assert found.value == pytest.approx(np.log(4 / 100))  # between: four times the square of 5
    assert tightness.scatter(values / 7, targets, None, 5).value == pytest.approx(found.value)


def test_tighter_with_the_loss_is_below_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tightness, "learned", lambda record: True)
    losses = [{"name": "cross_entropy", "feature_smoothing": w} for w in (0.05, 0.0)]
    pairs = zip(losses, ((), (0, 4, 8)), strict=True)
    runs = [run(tmp_path, "iconvnext_tiny", wrong=wrong, loss=loss) for loss, wrong in pairs]
    (row,) = tightness.tightness(by_seed(runs), [], 50).to_dict("records")
    assert (row["measured_in"], row["differs_in"], row["draws"]) == ("logits", "the loss alone", 1)
    assert row["scatter_ratio"] == pytest.approx(0, abs=1e-6)  # without errors nothing lies within a class


def test_features_of_a_trained_network(tmp_path):
    split = {"name": "synthetic-lesion", "fractions": [0.2, 0.1, 0.7]}
    spec = small(split=split, model={"backbone": "base_cnn", "weights": "none", "head": "mlp256"})
    folders = Folders(tmp_path, tmp_path, tmp_path)
    record = get_or_train(spec, folders)
    found = features.measure_features(spec, folders)
    summary = found["summary"].iloc[0]
    assert (summary["n"], summary["width"]) == (record.info["n"]["test"], 256)
    assert summary["accuracy"] == pytest.approx(record.info["metrics"]["best"]["test"]["accuracy"], abs=0.01)
    assert found["points"][["pc1", "pc2", "pc3"]].var().is_monotonic_decreasing
    assert 0 < summary["within_share"] < 1 and summary["variance_1"] >= summary["variance_2"]
    (folders.checkpoints(spec) / "best.ckpt").unlink()
    with pytest.raises(StudyError, match="not on this machine"):
        features.measure_features(spec, folders)


def test_published_table_and_settings():
    assert printed_table(scores.PAPER, "table1").set_index("row").loc["ICN-T", "Accuracy"] == "0.8909"
    rates = tables.stated_settings().query("quantity == 'learning_rate'")["value"].dropna()
    assert set(rates) == {1e-3, 5e-3, 5e-6}
    assert not {"learning_rate", "epochs"} & set(tables.tolerances()["quantity"])  # nothing to reproduce


def test_supports_sizes_and_class_table(tmp_path):
    groups = by_seed([run(tmp_path), run(tmp_path, "iconvnext_tiny")])
    rows = tables.supports(groups).set_index("dx")
    assert rows["test"].tolist() == [2, 2, 4, 4] and rows["subset"].tolist() == [182, 64, 182, 351]
    assert rows["seen_share"].tolist() == [0.5] * 4 and rows.loc["MildDemented", "test_groups"] == 1
    assert tables.sizes(groups)["parameters"].tolist() == [113, 114]
    assert tables.class_table(groups)["f1"].tolist() == [1.0] * 8
    assert tables.table_1(groups, 20)["published"].tolist()[1:] == [0.8242, 0.8909]  # below the constant answer
