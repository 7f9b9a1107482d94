"""Tables of dhanalakshmi2025 from hand-made records: eight test images in four lesions, errors known."""

import numpy as np
import pandas as pd
import pytest

from lib.evaluation import ensembles
from lib.papers import compare_all
from lib.papers import dhanalakshmi2025 as paper
from lib.papers.dhanalakshmi2025 import findings
from lib.records.seeds import by_seed
from tests.fakes.records import TARGETS, fake_record, make_spec, planned, two_class_probs

LESION = {"split": {"name": "ham10000-lesion"}}


def run(
    results,
    paper_model="convnext_tiny",
    wrong=(0, 5),
    confidence=0.9,
    curve=(0.5, 0.75, 0.625),
    seen=None,
    val_wrong=None,
    **changes,
):
    model = {"backbone": f"{paper_model}.fb_in1k", "weights": "imagenet"}
    spec = make_spec(**{"model": model, **changes})
    probs = two_class_probs(TARGETS, wrong, confidence)
    val = two_class_probs(TARGETS, wrong if val_wrong is None else val_wrong, confidence)
    record = fake_record(results, spec, test=(TARGETS, probs), val=(TARGETS, val), test_accuracy=curve, seen=seen)
    return planned(spec, paper_model), record


def test_table_1_reports_three_ways(tmp_path):
    runs = [
        run(tmp_path, val_wrong=()),
        run(tmp_path, seed=1, wrong=(0, 1, 4, 5), curve=(0.875, 0.5)),
        run(tmp_path, "resnet50"),
    ]
    table = paper.table_1(by_seed(runs), 400).set_index("model")
    assert table.index[0] == "always benign" and table["accuracy"].iloc[0] == 50
    row = table.loc["convnext_tiny"]
    assert (row["printed"], row["train_loss_printed"]) == (91.67, 0.0046) and np.isnan(table.loc["resnet50", "printed"])
    assert (row["n"], row["draws"]) == (8, 2)
    assert row["best_epoch_on_test"] == pytest.approx(100 * (0.75 + 0.875) / 2)
    assert row["final_epoch"] == pytest.approx(100 * (0.625 + 0.5) / 2)
    assert row["accuracy"] == pytest.approx(100 * (6 / 8 + 4 / 8) / 2)
    assert row["epochs_run"] == 2.5
    assert row["train_loss"] == pytest.approx((0.5 / 3 + 0.5 / 2) / 2, abs=1e-5)
    assert row["test_loss"] == pytest.approx((2.6 + 1.6) / 2) and row["least_test_loss"] <= row["test_loss"]
    assert row["interval_of"] == "these networks" and row["low"] < row["accuracy"] < row["high"]
    assert "8 test images" in findings.levels(table.reset_index()) and "always benign" in findings.levels(
        table.reset_index()
    )


def test_table_3_per_class(tmp_path):
    # One benign and two malignant images wrong: 3 and 2 hits, 5 and 3 called.
    comparison = compare_all({paper.PAPER: [run(tmp_path, wrong=(0, 5, 6))]}, repeats=20)
    table = paper.table_3(comparison).set_index("dx")
    assert table.loc["benign", ["precision", "recall", "f1"]].tolist() == pytest.approx([3 / 5, 3 / 4, 2 / 3])
    assert table.loc["malignant", ["precision", "recall", "f1"]].tolist() == pytest.approx([2 / 3, 2 / 4, 4 / 7])
    printed = table[["precision_printed", "recall_printed", "f1_printed"]]
    assert printed.loc["malignant"].tolist() == pytest.approx([0.90, 0.91, 0.91])
    assert paper.beside_printed(table.reset_index())["recall"].tolist() == ["0.75 (0.92)", "0.50 (0.91)"]


@pytest.fixture
def three_models(tmp_path):
    """Each errs once, on another image, so that all three outvote every error; Base errs least surely."""
    return [
        run(tmp_path, "convnext_tiny", wrong=(0, 3), val_wrong=()),
        run(tmp_path, "convnext_small", wrong=(1,)),
        run(tmp_path, "convnext_base", wrong=(5, 6), confidence=0.8),
    ]


def test_ensembles_need_all_members_of_one_setting(tmp_path, three_models):
    assert [name for name, _ in paper.member_sets(by_seed(three_models))] == ["ensemble_tiny_small_base"]
    assert paper.member_sets(by_seed(three_models[:2])) == []
    elsewhere = run(tmp_path, "convnext_base", **LESION)
    assert paper.member_sets(by_seed([*three_models[:2], elsewhere])) == []


def test_losses_have_the_printed_ones_and_the_means(three_models):
    recipes = by_seed(three_models)
    table = paper.losses(recipes, paper.table_1(recipes, 20)).set_index("model")
    assert list(table.index[-1:]) == ["ensemble_tiny_small_base"] == [m.name for m in paper.means(recipes)]
    assert table.loc["convnext_small", "test_loss_printed"] == 0.2917
    assert table.loc["ensemble_tiny_small_base", "test_loss"] > 0
    rows = table.reset_index().assign(test_loss=[0.5, 0.4, 0.4, 0.4], least_test_loss=[0.4, 0.4, 0.4, np.nan])
    assert findings.loss_rise(rows).endswith(" rose: it ends at most 0.100 nats above its least.")
    assert "ConvNeXt-Small and ConvNeXt-Base never rose" in findings.loss_rise(rows.assign(test_loss=0.4))


def test_what_was_run_is_told(tmp_path):
    recipes = by_seed([run(tmp_path)])
    assert findings.data_sets(recipes, "cpu") == "Planned, but without a stored run: malignant vs benign."
    assert "fine-tuned: up to 10 epochs, batches of 32, with augmentation" in findings.settings(recipes)
    claims = pd.DataFrame({"evidence": ["reduced", "reduced", "arithmetic"],
                           "runs_made": ["before the rule", "after the rule", "before the rule"]})  # fmt: skip
    assert findings.predating(claims).startswith("1 of 2 verdicts")
    step = pd.DataFrame({"model": ["convnext_tiny"], "million_parameters": [28.0], "cpu_seconds": [6.0], "batch": [2],
                         "peak_GiB": [1.5]})  # fmt: skip
    recipes[0].records[0].info["n"] |= {"train": 20, "val": 5}
    timed = findings.with_hours(step, recipes)
    assert timed["cpu_hours"].tolist() == pytest.approx([10 * 13 * 6 / 3600])
    assert "batches of 32, the paper's, were not measured" in findings.steps(timed)


def test_ensemble_table(three_models):
    found = paper.ensemble_table(by_seed(three_models), repeats=50)
    table = found.set_index("strategy")
    assert set(table["ensemble"]) == {"Tiny + Small + Base"} and len(table) == len(ensembles.STRATEGIES)
    row = table.loc["majority vote"]
    assert row["best_member"] == "ConvNeXt-Tiny"  # chosen on validation
    assert (row["accuracy"], row["gain"]) == (1.0, pytest.approx(2 / 8))
    assert 0 <= row["gain_low"] <= row["gain"] <= row["gain_high"] and row["n"] == 8
    (shown,) = paper.gains(found).to_dict("records")
    assert shown["ensemble"] == "Tiny + Small + Base, fine-tuned" and shown["majority vote"].startswith("+25.0 [")
    assert "no difference seen in 1 of 1 (+25.0" in findings.averaging(found)
    sure = found.assign(gain_low=0.1)
    assert "Tiny + Small + Base (fine-tuned) **+25.0" in findings.averaging(sure)
    tasks = [found.assign(data=f"synthetic, {task}") for task in ("dx", "mel")]
    assert paper.gains(pd.concat(tasks))["ensemble"].str.startswith(("synthetic, dx: ", "synthetic, mel: ")).all()


def test_members_are_averaged_draw_by_draw(tmp_path):
    """Two draws of a split: validation images of one never stand beside those of the other."""
    runs = []
    for draw, wrong in enumerate(([0], [0, 5])):
        for model in ("convnext_tiny", "convnext_small", "convnext_base"):
            runs.append(run(tmp_path, model, wrong=wrong, seed=draw, split={"name": "ham10000-image", "seed": draw}))
    assert len(paper.member_sets(by_seed(runs))) == 2
    table = paper.ensemble_table(by_seed(runs), repeats=20).set_index("strategy")
    assert table.loc["mean", ["draws", "accuracy", "gain"]].tolist() == [2, pytest.approx(13 / 16), 0]


def test_measured_values_meet_the_published_ones(three_models, monkeypatch):
    monkeypatch.setattr("lib.records.seeds.learned", lambda record: True)  # the fakes validate on too few images
    measured = paper.measured(by_seed(three_models), repeats=20)
    assert measured["published_id"].is_unique and len(measured) == 4 * (1 + 2 * 3)
    ours = measured.set_index("published_id")["estimate"].map(lambda e: e.value)
    assert ours["table1.convnext_tiny.best_val_accuracy"] == 0.75  # the best epoch of the curve
    assert ours["table3.convnext_tiny.benign.recall"] == pytest.approx(2 / 4)
    assert ours["table1.ensemble_tiny_small_base.best_val_accuracy"] == 1.0
    assert set(measured["deviations"]) == {""}

    found = compare_all({paper.PAPER: three_models}, repeats=20).set_index("published_id")
    assert (found["low"] <= found["high"]).all() and set(found["interval_of"]) == {"these networks"}
    tiny = found.loc["table1.convnext_tiny.best_val_accuracy"]
    assert tiny["ours"] == 75 and tiny["difference"] == pytest.approx(75 - 91.67)
    assert set(found["verdict"]) <= {"reproduced", "not reproduced", "undecided"}  # nothing deviates


def test_models_outside_the_table_are_left_out_and_deviations_are_said(tmp_path):
    runs = [run(tmp_path, "resnet50"), run(tmp_path, image_size=64)]
    measured = paper.measured(by_seed(runs), repeats=20)
    assert measured["published_id"].str.contains("convnext_tiny").all()
    assert set(measured["deviations"]) == {"64 px, not 224"}
    assert set(compare_all({paper.PAPER: runs}, repeats=20)["verdict"]) == {"not testable"}
