"""Published beside measured values: what sets a run apart, and when a verdict is due."""

import pandas as pd
import pytest

from lib.plan.grid import planned_runs, reference
from lib.plan.spec import RunSpec
from lib.published.compare import COLUMNS, compare, deviations

PAPER = "dhanalakshmi2025"
CHOSEN = "an architecture of this study's, since the paper gives none"
TINY = {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, ""),
        ({"image_size": 64}, "64 px, not 224"),
        ({"epochs": 3}, "3 epochs, not 10"),
        ({"batch_size": 64}, "64 images per batch, not 32"),
        ({"optimizer": {"name": "adamw", "lr": 1e-4, "weight_decay": 0.01}}, "learning rate 0.0001, not 0.001"),
        ({"optimizer": {"name": "sgd", "lr": 1e-3}}, "other optimizer settings"),
        ({"augmentation": {}, "schedule": {}}, "other augmentation; other schedule"),
        ({"model": {"backbone": "convnext_tiny", "weights": "none"}}, "no pretrained weights"),
        ({"model": {"backbone": "resnet50", "weights": "local"}, "image_size": 128},
         "resnet50 in place of convnext_tiny; other pretrained weights; 128 px, not 224"),
        ({"model": {**TINY, "train": "head"}, "augmentation": {}},
         "only a linear head trained; other augmentation"),
        ({"dataset": "synthetic", "split": {"name": "synthetic-image"}}, "synthetic images"),
    ],
)  # fmt: skip
def test_deviations(changes, text):
    own = {"dataset": "ham10000", "split": {"name": "ham10000-image"}, "model": TINY, **reference(PAPER)}
    assert deviations(PAPER, "convnext_tiny", RunSpec.parse({**own, **changes})) == text


@pytest.mark.parametrize("paper", [PAPER, "saykat2025"])
def test_the_papers_own_runs_deviate_in_nothing(paper):
    runs = {r.paper_model: r.spec for r in planned_runs(paper, "gpu") if r.batch == "paper"}
    found = {name: deviations(paper, name, spec) for name, spec in runs.items()}
    chosen = found.pop("cnn", "")  # saykat2025 gives no architecture of it
    assert set(found.values()) == {""} and ("a choice of this study's" in chosen) == (paper == "saykat2025")
    reduced = {r.batch: r for p in ("smoke", "cpu") for r in planned_runs(paper, p)}
    assert all(deviations(paper, r.paper_model, r.spec) for r in reduced.values())


def test_what_a_row_has_of_its_own_is_no_deviation():
    own = {r.paper_model: r.spec for r in planned_runs("saykat2025", "gpu")}
    assert own["efficientnet_b3"].image_size == 300 and own["cnn"].model.weights == "none"
    at_224 = own["efficientnet_b3"].model_copy(update={"image_size": 224})
    assert deviations("saykat2025", "efficientnet_b3", at_224) == "224 px, not 300"
    text = deviations("saykat2025", "vit", own["cnn"])
    assert text.startswith("plain_cnn in place of vit_base_patch16_224; no pretrained weights; learning rate")


@pytest.mark.parametrize(
    ("paper_model", "changes", "text"),
    [
        ("iconvnext_tiny", {}, ""),
        ("iconvnext_tiny", {"epochs": 20, "optimizer": {"name": "adam", "lr": 5e-6}}, ""),  # stated elsewhere
        ("iconvnext_tiny", {"epochs": 15}, "15 epochs, not 10"),
        ("iconvnext_tiny", {"loss": {"name": "cross_entropy"}}, "other loss"),
        ("iconvnext_tiny", {"monitor": "val_loss"}, "other monitor"),
        ("iconvnext_tiny", {"model": {**TINY, "pooling": "dual", "attention": "sevector"}},
         "head linear"),
        ("convnext_tiny", {"model": {**TINY, "pooling": "dual"}}, "pooling dual, not model"),
        ("base_cnn", {"model": {"backbone": "base_cnn", "weights": "none"}, "epochs": 40}, CHOSEN),
        ("base_cnn", {"model": {"backbone": "base_cnn", "weights": "none"}, "image_size": 64},
         f"64 px, not 224; {CHOSEN}"),
    ],
)  # fmt: skip
def test_rows_of_a_paper_with_settings_of_their_own(paper_model, changes, text):
    theirs = reference("xia2025", model=paper_model)
    own = {"dataset": "alzheimer", "split": {"name": "alzheimer779-image"}, **theirs}
    own["model"] = {**TINY, **theirs.get("model", {})}
    assert deviations("xia2025", paper_model, RunSpec.parse({**own, **changes})) == text


def row(**changes):
    """Table 1's Tiny, 91.67 %, measured as 0.92; its tolerance is 2.375 points."""
    base = {"published_id": "table1.convnext_tiny.best_val_accuracy", "data": "ham10000", "split": "paper", "n": 660}
    return base | {"ours": 0.92, "low": 0.90, "high": 0.94, "deviations": ""} | changes


@pytest.mark.parametrize(
    ("changes", "within", "verdict"),
    [
        ({}, "inside", "reproduced"),
        ({"ours": 0.80, "low": 0.77, "high": 0.83}, "outside", "not reproduced"),
        ({"ours": 0.88, "low": 0.85, "high": 0.91}, "interval reaches it", "undecided"),
        ({"published_id": "table1.convnext_tiny.final_train_loss"}, "no tolerance", "not testable"),
        ({"deviations": "64 px, not 224"}, "inside", "not testable"),
        ({"learned": False}, "inside", "not testable"),
        ({"split": "grouped"}, "inside", "not testable"),
        ({"split": "grouped", "ours": 0.80, "low": 0.77, "high": 0.83}, "outside", "not testable"),
    ],
)
def test_verdict_only_where_the_protocol_is_followed(changes, within, verdict):
    found = compare(PAPER, pd.DataFrame([row(**changes)])).iloc[0]
    assert (found["within_tolerance"], found["verdict"]) == (within, verdict)


def test_units_and_columns():
    table3 = row(published_id="table3.convnext_tiny.benign.recall", ours=0.9, low=0.88, high=0.92)
    found = compare(PAPER, pd.DataFrame([row(), table3]))
    assert tuple(found.columns) == COLUMNS
    accuracy, recall = found.to_dict("records")
    assert (accuracy["ours"], accuracy["low"], accuracy["high"]) == pytest.approx((92, 90, 94))
    assert accuracy["difference"] == pytest.approx(92 - 91.67) and accuracy["printed"] == "91.67%"
    assert recall["difference"] == pytest.approx(0.9 - 0.92) and recall["unit"] == "fraction"
    assert (recall["dx"], recall["model"], recall["n"]) == ("benign", "convnext_tiny", 660)
