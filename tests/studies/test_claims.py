"""Evidence on claims: which stored runs are compared, and what verdict follows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.data.catalogue import LESION_CLASSES
from lib.plan.grid import PlannedRun, merge, planned_runs, reference
from lib.plan.spec import RunSpec
from lib.published.claims import Not, load_claims
from lib.records.measurements import get_or_measure
from lib.studies.claims import board
from lib.studies.claims import table as tables
from lib.studies.claims.evidence import collect, gather
from lib.studies.claims.recipes import by_recipe, grouped_partner
from lib.studies.claims.rows import apart, said
from lib.studies.claims.table import all_claims
from tests.fakes.records import in_memory

PAPER, K = "abdulqader2026", len(LESION_CLASSES)
TARGETS = np.repeat(np.arange(K), 20)
NONE = {"offline": None, "mixing": {"mixup": 0.0, "cutmix": 0.0}}
OFFLINE = {"mixing": {"mixup": 0.0, "cutmix": 0.0}}
TINY = {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"}
AUDIT = pd.DataFrame(columns=["paper", "item", "check", "verdict"])


def run(change, right, draw=0, split="ham10000-image", model=TINY, paper=PAPER, paper_model="convnext_tiny", **more):
    """A run that calls the first ``right`` images of every class as they are, and the others the next class."""
    values = {"dataset": "ham10000", "split": {"name": split, "seed": draw}, "seed": draw, "model": model}
    spec = RunSpec.parse(merge(merge(merge(reference(paper), values), change), more))
    called = np.where(np.tile(np.arange(20), K) < right, TARGETS, (TARGETS + 1) % K)
    probs = np.eye(K)[called] * 0.65 + 0.05
    sets = {name: (TARGETS, probs) for name in ("val", "test", *spec.external)}
    info = {
        "classes": list(LESION_CLASSES),
        "n": {"train": 8000, "val": len(TARGETS), "test": len(TARGETS)},
        "images": str(draw),
    }
    record = in_memory(spec, info, sets, images=f"{split}{draw}-")
    return PlannedRun(paper, "batch", paper_model, spec), record


def claim(name, paper=PAPER):
    return next(c for c in load_claims(paper) if c.id == name)


def evidence_on(name, runs, paper=PAPER):
    return gather(claim(name, paper), paper, by_recipe(runs))


def claims_table(runs, paper=PAPER, audit=AUDIT):
    claims = all_claims([paper])
    return tables.claims_table(claims, collect(by_recipe(runs), claims), audit).set_index("id")


def evidence_table(runs, paper=PAPER):
    claims = all_claims([paper])
    return tables.evidence_table(claims, collect(by_recipe(runs), claims))


def members(vit, resnet50, cnn, **changes):
    """saykat2025's three kinds of networks, each with so many images right."""
    networks = {"vit": ("vit_tiny_patch16_224", vit), "resnet50": ("resnet50", resnet50), "cnn": ("plain_cnn", cnn)}
    return [
        run({}, n, paper="saykat2025", paper_model=name, model={"backbone": b, "weights": "none"}, **changes)
        for name, (b, n) in networks.items()
    ]


def test_pairs_differ_in_what_the_claim_names_and_nothing_else():
    runs = [run(NONE, 10), run(OFFLINE, 18), run(OFFLINE, 19, batch_size=32), run({}, 20)]
    found = evidence_on("offline_helps", runs)
    assert len(found) == 1
    assert found[0].estimate.value == pytest.approx(100 * 8 / 20) and found[0].kind == "direct"
    assert found[0].estimate.speaks_of == "these networks"


def test_the_strongest_rival_counts():
    runs = [run({}, 15), run(NONE, 10), run(OFFLINE, 17), run({"offline": None}, 12)]
    assert evidence_on("both_best", runs)[0].estimate.value == pytest.approx(-10)
    table = claims_table(runs)
    assert table.loc["both_best", "verdict"] in ("contradicted", "undecided")
    assert table.loc["batch_best", "verdict"] == "not run" and "GPU hours" in table.loc["batch_best", "needs"]


def test_three_draws_against_one_rival_do_not_outweigh_one_draw_against_two():
    own = {"model": {"backbone": "vit_tiny_patch16_224", "weights": "local"}}
    runs = [run(change, right, **own) for change, right in (({}, 15), (NONE, 10), (OFFLINE, 17))]
    runs += [run(c, right, draw, **own, batch_size=32) for draw in range(3) for c, right in (({}, 15), (NONE, 10))]
    found = evidence_on("both_best", runs)
    assert [(e.rivals, e.runs, e.estimate.value) for e in found] == [(2, 1, -10), (1, 3, 25)]


def test_draws_enter_the_interval_and_the_grouped_split_has_a_verdict_of_its_own():
    runs = []
    for draw in range(4):
        runs += [run(NONE, 10, draw), run(OFFLINE, 18 - draw % 2, draw)]
        runs += [run(NONE, 10, draw, "ham10000-lesion"), run(OFFLINE, 10, draw, "ham10000-lesion")]
    found = evidence_on("offline_helps", runs)
    assert found[0].runs == 4 and "splits" in found[0].estimate.levels
    row = claims_table(runs).loc["offline_helps"]
    assert row["verdict"] == "supported" and row["effect"] == pytest.approx(37.5)
    assert row["without_leakage"] == "no effect of that size" and row["without_leakage_effect"] == 0
    both = evidence_table(runs)
    assert set(both.loc[both["id"] == "offline_helps", "split"]) == {"ham10000-image", "ham10000-lesion"}


def test_other_networks_are_reduced_evidence_and_decide_no_level():
    other = {"backbone": "vit_tiny_patch16_224", "weights": "local"}
    runs = [run(NONE, 10, model=other), run({}, 20, model=other)]
    assert evidence_on("both_help", runs)[0].kind == "reduced"
    table = claims_table(runs)
    assert table.loc["above_level", "verdict"] == "not run" and table.loc["both_help", "verdict"] == "supported"


def test_a_network_that_learned_nothing_stands_for_nothing():
    planned, record = run(NONE, 0)
    same = {k: np.zeros_like(v) for k, v in record._arrays.items()}
    nothing = replace(record, held=(record.images, same))
    assert claims_table([(planned, nothing), run(OFFLINE, 18)]).loc["offline_helps", "verdict"] == "not run"


def test_the_papers_own_numbers_can_contradict_a_claim():
    checks = claim("surpasses_others").contrast.audit
    rows = [{"paper": PAPER, "item": c.item, "check": c.check, "verdict": "inconsistent"} for c in checks]
    row = claims_table([], audit=pd.DataFrame(rows)).loc["surpasses_others"]
    assert row["verdict"] == "contradicted" and row["evidence"] == "arithmetic"


def test_an_ensemble_is_compared_with_its_best_member_on_validation():
    runs = members(14, 12, 11)
    (found,) = evidence_on("ensemble_best", runs, "saykat2025")
    assert found.estimate.value == pytest.approx(100 * (12 - 14) / 20)  # two of three outvote one
    outside = evidence_on("external_robust", runs, "saykat2025")
    assert {e.subset for e in outside} == {"isic2018-test"} and {round(e.estimate.value) for e in outside} == {0}


def test_the_ensemble_with_most_of_the_papers_members_speaks_first():
    runs = [*members(14, 12, 11, batch_size=32), *members(14, 12, 11, batch_size=64)[:2]]
    found = evidence_on("ensemble_best", runs, "saykat2025")
    assert [e.members for e in found] == [3, 2] and found[0].estimate.se >= found[1].estimate.se
    row = claims_table(runs, "saykat2025").loc["ensemble_best"]
    assert (row["rows"], row["trained"]) == (2, found[0].trained) and row["rows_agree"] == 1


def test_several_families_are_compared_with_one_in_pools_of_its_size():
    paper, runs = "dhanalakshmi2025", []
    for name, right in (("resnet50", 16), ("resnet18", 14), ("vit_tiny_patch16_224", 12)):
        model = {"backbone": name, "weights": "local"}
        runs.append(run({}, right, paper=paper, paper_model=name, model=model, task="dx"))
    (found,) = evidence_on("mixing_worse", runs, paper)
    assert "mean of 2 of several families among" in found.trained and found.compared == "mean of ResNet-50, ResNet-18"


def test_another_split_is_judged_on_the_images_that_both_share():
    own = {"dataset": "dermamnist", "external": [], "model": {"backbone": "resnet50", "weights": "local"}}
    runs = [
        run({}, n, split=name, paper="kadric2025", **own) for name, n in (("dermamnist", 10), ("dermamnist-c-v1.1", 15))
    ]
    for _, record in runs:  # 70 of the images are the same
        record.images["image_id"] = [f"{n % 210}" for n in range(len(record.images))]
    runs[1][1].images.loc[lambda f: f.index % 140 >= 70, "image_id"] += "new"
    found = {e.subset: e for e in evidence_on("cleaning_helps", runs, "kadric2025")}
    assert found["test"].estimate.value == pytest.approx(25) and "both have" in found["common"].trained
    # Shared are three whole classes and ten images of the fourth: 55 right of 70 against 40.
    assert found["common"].estimate.value == pytest.approx(100 * 15 / 70)


def test_a_rule_that_changed_after_results_says_so():
    table = claims_table([run(NONE, 10), run({}, 18), run(OFFLINE, 15)])
    assert claim("minority_gains").changed and not claim("both_help").changed
    assert table.loc[["minority_gains", "both_help"], "runs_made"].tolist() == ["before the rule", "after the rule"]


def test_a_rise_of_the_loss_is_of_the_last_epoch_over_the_selected_one():
    paper, runs = "dhanalakshmi2025", []
    # At the last epoch sure of the wrong class, but for one.
    for name, sure in (("convnext_tiny", 0.8), ("convnext_base", 0.9), ("convnext_small", None)):
        values = reference(paper) | {"dataset": "malignant-vs-benign", "task": "dx", "track_test": True}
        values |= {"split": {"name": "malignant-vs-benign"}, "model": {"backbone": name, "weights": "none"}}
        spec, targets = RunSpec.parse(values), np.repeat([0, 1], 20)
        info = {"classes": ["benign", "malignant"], "n": {"train": 80, "val": 40, "test": 40}, "images": "0"}
        record = in_memory(spec, info, {"test": (targets, np.eye(2)[targets] * 0.6 + 0.2)})
        if sure:
            record.held[1]["final/test"] = np.log(np.eye(2)[1 - targets] * (2 * sure - 1) + (1 - sure))
        runs.append((PlannedRun(paper, "batch", name, spec), record))
    given = collect(by_recipe(runs), {paper: load_claims(paper)})[paper, "accuracy_holds", False]
    names = {e.trained.split(",")[0] for e in given}  # where the loss does not rise nothing is said of it
    assert names == {"ConvNeXt-Tiny", "ConvNeXt-Base"} and {e.estimate.value for e in given} == {-100}
    (found,) = evidence_on("overfitting_grows", runs, paper)
    assert found.estimate.value == pytest.approx(100 * np.log(0.2 / 0.1)) and found.kind == "reduced"
    assert found.precision == "32"
    runs[0][1].info["environment"]["precision"] = "bf16"
    assert evidence_table(runs, paper).set_index("id").loc["overfitting_grows", "precision"] == "32, bf16"


def test_the_published_order_is_compared_with_three_networks_or_more():
    runs = members(16, 12, 14)
    (same,) = evidence_on("model_order", runs, "saykat2025")
    assert same.estimate.value == 100 and "ViT-Tiny, plain CNN, ResNet-50" in same.trained
    assert evidence_on("model_order", runs[:2], "saykat2025") == []


def test_a_temperature_fitted_on_validation_repairs_what_is_sure_of_too_little():
    found = evidence_on("temperature_repairs", [run({}, 20, paper="saykat2025")], "saykat2025")
    # all right with probability 0.7: 30 points of calibration error before, none after
    assert {e.subset for e in found} == {"test", "isic2018-test"}
    assert all(e.estimate.value == pytest.approx(-30, abs=0.5) for e in found)


def test_maps_and_compressed_variants_are_read_from_what_was_measured(tmp_path):
    planned, record = run({}, 15)
    record = replace(record, folder=tmp_path / "runs" / planned.spec.run_id)
    runs = [(planned, record), run({}, 15, draw=1)]  # of the second draw nothing was measured
    assert evidence_on("gradcam_lesion", runs) == []
    lesions = [f"lesion{i}" for i in range(40)]
    images = pd.DataFrame({"group": lesions, "energy_inside": 0.5, "energy_inside_gaussian": 0.6, "area": 0.3})
    predicted = pd.DataFrame({"image_id": lesions, "group": lesions, "target": [0, 1] * 20})
    predicted = predicted.assign(base=predicted["target"], quantized=[0, 1] * 19 + [0, 0], pruned_quantized=0)
    rows = [(name, batch, n, ms * (1 + n % 2)) for name, ms in (("base", 10.0), ("pruned", 9.9)) for batch in (1, 64)
            for n in range(10)]  # fmt: skip
    times = pd.DataFrame(rows, columns=["name", "batch", "round", "ms"])
    outputs = {
        "gradcam": {"images": images.assign(energy_inside_random=0.2)},
        "compression": {"predictions": predicted},
        "latency": {"times": times},
    }
    for kind, tables_of in outputs.items():
        key = {"version": 1, "device": "cpu"}
        get_or_measure(tmp_path, kind, planned.spec.run_id, key, lambda tables_of=tables_of: tables_of)
    gradcam = evidence_on("gradcam_lesion", runs)[0]
    assert gradcam.estimate.value == pytest.approx(-10) and "Gaussian" in gradcam.compared and gradcam.runs == 1
    assert evidence_on("quantization_keeps_accuracy", runs)[0].estimate.value == pytest.approx(-2.5)
    assert evidence_on("compression_keeps_accuracy", runs)[0].estimate.value == pytest.approx(-50)
    (speeds,) = evidence_on("pruning_speeds", runs)  # rounds are shared: one network, one machine
    assert [speeds.estimate.value, *speeds.estimate.interval()] == pytest.approx([-1, -1, -1])
    assert speeds.trained.endswith("(timed on CPU)")


def test_partners_without_shared_lesions():
    assert grouped_partner("ham10000-image") == "ham10000-lesion" and grouped_partner("ham10000-lesion") is None
    assert grouped_partner("alzheimer779-image") == "alzheimer779-subject"
    assert grouped_partner("dermamnist") == "dermamnist-c-v1.1"


def test_the_board_tells_a_claim_in_a_line_and_puts_the_papers_own_numbers_first():
    checks = claim("ensemble_best", "saykat2025").contrast.audit
    audit = pd.DataFrame([{"paper": "saykat2025", "item": checks[0].item, "check": checks[0].check,
                           "verdict": "inconsistent"}])  # fmt: skip
    claims = all_claims(["saykat2025"])
    table = tables.claims_table(claims, collect([], claims), audit)
    first = board.told(table, claims, {("saykat2025", "ensemble_best"): "ViT 0.96 against 0.95."}).iloc[0]
    assert first[["id", "verdict", "mark", "own_runs"]].tolist() == ["ensemble_best", "contradicted", "✗", ""]
    assert first["found"] == "ViT 0.96 against 0.95."
    measured = table.assign(effect=3.5, low=2.3, high=4.7)
    first = board.told(measured, claims).iloc[0]
    assert first["own_runs"] == "supported"
    assert first["found"] == "The paper's own numbers say otherwise. In our runs: +3.5 points [+2.3, +4.7]."
    assert board.told(table, claims).iloc[-1]["found"].startswith("Needs ")
    by_runs = measured.assign(evidence="reduced", verdict="supported", rows=5)
    for agree, told in {2: "; 2 of 5 rows of evidence agree.", 3: "outside the interval."}.items():
        assert board.told(by_runs.assign(rows_agree=agree), claims).iloc[0]["found"].endswith(told)


def test_sides_are_told_in_words():
    assert said({"offline": None, "mixing.mixup": 0.0, "epochs": 10}) == "no offline copies, no MixUp, 10 epochs"
    assert said({"offline": Not(**{"not": None}), "members": ["cnn"]}) == "offline copies"
    assert said({"paper_model": "convnext_tiny", "constant": 0.0}) == "as the paper's ConvNeXt-Tiny, constant 0.0"
    assert said({"map": "model", "model.pooling": "model"}) == "Grad-CAM, pooling the backbone's"


def test_settings_that_set_runs_of_one_network_apart():
    sampled = [p for p in planned_runs("saykat2025", "campaign") if p.batch == "frozen-unbalanced"]
    own = next(p for p in planned_runs("saykat2025", "cpu") if p.spec.model == sampled[0].spec.model)
    other = next(p for p in planned_runs("saykat2025", "cpu") if p.spec.model.backbone == "densenet169")
    assert apart([own, sampled[0], other]) == ["balanced batches", "shuffled batches", ""]


def test_what_no_run_can_decide_rests_on_arithmetic_alone():
    claims = {paper: all_claims([paper])[paper] for paper in ("kadric2025", "xia2025")}
    checks = [(p, c.item, c.check) for p, own in claims.items() for one in own for c in one.contrast.audit]
    audit = pd.DataFrame(checks, columns=["paper", "item", "check"]).assign(verdict="ambiguous")
    table = tables.claims_table(claims, collect([], claims), audit).set_index("id")
    assert table.loc[["larger_network", "auc_best"], "verdict"].tolist() == ["not run", "undecided"]
    assert "auc best" in board.changes(claims)["claim"].tolist()
