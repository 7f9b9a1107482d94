"""Headline findings: each sentence says what its table says, in the direction that it has."""

import pandas as pd
import pytest

from lib import papers
from lib.core.errors import StudyError
from lib.report.site.findings import ACROSS, FRONT, findings
from tests.fakes.site import make_study

# Table -> (columns with their values, what the sentences must hold).
CASES = {
    "11_cross_paper_comparison/one_protocol_pairs": (
        {"measure": ["accuracy", "balanced_accuracy", "balanced_accuracy"], "p_holm": [0.01, 0.2, 0.04]},
        ["**1 of 2 pairs**"],
    ),
    "01_published_numbers_audit/verdict_counts": (
        {"published_values": [1000, 200], "checks": [30, 20], "consistent": [25, 20], "causes": [4, 0]}
        | {"severe": [3, 0]},
        ["50 checks on 1,200 printed values 45 hold; what is open has 4 root", "**3 severe findings** in 1 of 2"],
    ),
    "00_data_exploration/leakage_ham10000": (
        {"split": ["ham10000-image", "ham10000-lesion"], "share": [0.4, 0.0]},
        ["**40%** of HAM10000's", "by lesion, 0%"],
    ),
    "10_leakage_and_provenance/leak": (
        {"data": ["a", "a", "a", "b", "b"], "leak": [None, -0.2, 9.0, 1.4, 26.0],
         "model": ["constant answer", "linear head", "nearest neighbour", "linear head", "nearest neighbour"]},
        ["of 2 data sets", "**-0.2 to +1.4 points**", "**+9.0 to +26.0**"],
    ),
    "10_leakage_and_provenance/nearest_training_image": (
        {"data": ["mri", "mri", "other"], "kind": ["paper", "grouped", "paper"], "accuracy": [0.99, 0.5, 0.7],
         "majority": [0.4, 0.45, 0.6]},
        ["brackets): mri **99.0% → 50.0%** (45.0%)."],
    ),
    "07_kadric2025/two_factor": (
        {"backbone": ["a", "a", "b", "b", "a", "b", "a"], "axis": ["input size"] * 6 + ["detail"],
         "evaluated_on": ["own test images", "common test images"] * 2 + ["common test images"] * 3,
         "metric": ["accuracy"] * 7, "effect": ["cleaning"] * 4 + ["resolution"] * 3,
         "estimate": [0.08, 0.002, 0.06, -0.0, 0.04, 0.06, -0.01]},
        ["**+7.0 points** of accuracy", "+0.1 on images that both share", "adds **+5.0 points**", "alone -1.0."],
    ),
    "08_xia2025/subject_leak": (
        {"learned": [True, True, True, False, None],  # the fourth is collapsed, and no evidence
         "data": ["alzheimer", "alzheimer", "ham10000", "alzheimer", "alzheimer"], "lambda": [0.05] * 5,
         "model": [*["iconvnext_tiny"] * 4, "largest class"], "draws": [10, 2, 20, 20, 5], "backbone": ["p"] * 5,
         "weights": ["local"] * 5, "trained": ["all"] * 5, "px": [64] * 5,
         "accuracy_paper": [0.6, 0.7, 0.99, 0.1, 0.5], "accuracy_grouped": [0.4, 0.5, 0.99, 0.1, 0.48],
         "difference": [0.2, 0.2, 0, 0, 0.02], "difference_low": [0.1, -0.1, 0, 0, 0],
         "difference_high": [0.3, 0.4, 0, 0, 0.1]},
        ["scores **60%** when", "**40%** when they may not: **+20.0 points** [+10.0, +30.0], 10 draws", "scores 48%"],
    ),
    "08_xia2025/ablation": (
        {"part": ["none", "all (ICN-T)", "all (ICN-T)", "all (ICN-T)", "smoothing loss"], "backbone": ["p"] * 5,
         "weights": ["local"] * 5, "trained": ["all"] * 5, "px": [64] * 5, "split": ["paper"] * 5,
         "data": ["alzheimer", "alzheimer", "alzheimer", "ham10000", "alzheimer"], "gain_draws": [1, 10, 3, 20, 10],
         "lr": [1e-4] * 5, "batch": [16] * 5, "epochs": [10, 10, 20, 4, 10], "gain": [None, -0.065, 0.3, 0.4, 0.5],
         "gain_low": [None, -0.1, 0.2, 0.3, 0.4],
         "gain_high": [None, 0.01, 0.5, 0.5, 0.6], "smallest_seen": [None, 0.1, 0.1, 0.1, 0.1],
         "learned": [True, True, True, True, False]},
        ["(p, fine-tuned, 64 px, 10 epochs, 10 draws)", "(ICN-T) -6.5 points [-10.0, +1.0]", "[+40.0, +60.0] (did not",
         "table has +6.7", "10.0 points would", "20 epochs (3 draws) all parts give **+30.0 points**", "too few"],
    ),
    "03_abdulqader2026/phase_effects": (
        {"metric": ["accuracy", "recall", "accuracy"], "contrast": ["both phases"] * 3, "px": [64] * 3,
         "split": ["paper", "paper", "grouped"], "difference": [-1.6, 9.0, 0.5], "low": [-3.0, 8.0, -1.0],
         "high": [0.04, 9.5, 2.0], "published": [2.4, 1.0, 2.4], "backbone": ["vit"] * 3},
        ["**-1.6 points [-3.0, +0.0] (vit, 64 px, paper split); +0.5 points [-1.0, +2.0] (vit", "prints +2.4"],
    ),
    "06_saykat2025/external": (
        {"split": ["paper"] * 4 + ["grouped"], "model": ["a", "b", "a", "ensemble_mean", "a"],
         "set": ["test", "test", "isic2018-test", "test", "test"], "balanced_accuracy": [0.6, 0.8, 0.5, 1.0, 0.0],
         "ece": [0.1, 0.1, 0.3, 0.0, 0.0]},
        ["**70.0 %**", "(ECE 0.100)", "**50.0 %** on ISIC 2018 test (ECE 0.300)"],
    ),
    "06_saykat2025/gradcam_localization": (
        {"backbone": list("pqrs"),
         "score": ["energy_inside"] * 3 + ["iou"], "dx": ["all", "all", "mel", "all"], "gradcam": [0.3, 0.5, 1, 1],
         "gaussian": [0.4, 0.5, 0, 0], "minus_gaussian_low": [-0.2, -0.1, 1, 1],
         "minus_gaussian_high": [-0.1, 0.1, 1, 1]},
        ["**40%** lies inside the lesion, mean of 2 networks", "reaches 45%", "0 networks beat", "1 miss"],
    ),
    "02_dhanalakshmi2025/split_pairs": (
        {"data": ["skin", "mri"], "recipes": [2, 5], "difference": [-0.03, 0.01], "difference_low": [-0.04, -0.01],
         "difference_high": [-0.02, 0.03]},
        ["**-3.0 [-4.0, -2.0] points** on skin (2 recipes); **+1.0 [-1.0, +3.0] points** on mri (5 recipes)"],
    ),
    "02_dhanalakshmi2025/ensembles": (
        {"gain": [0.02, -0.01, 0.0], "gain_low": [0.01, -0.02, -0.1], "gain_high": [0.03, -0.005, 0.1]},
        ["**1 of 3** ensembles", "1 lose to it", "+0.0 points"],
    ),
    "09_ensembles/gains": (
        {"strategy": ["mean", "mean", "stacking", "mean"], "split": ["paper", "paper", "paper", "grouped"],
         "where": ["HAM10000, paper's split, over 3 draws", "DermaMNIST, paper's split, over lesions", "a", "b"],
         "gain": [1.8, 0.2, 9.0, 9.0],
         "gain_low": [0.5, -1.0, 8.0, 8.0], "gain_high": [3.1, 1.4, 10.0, 10.0], "smallest_seen": [1.9] * 4},
        ["HAM10000: **+1.8** [+0.5, +3.1]; DermaMNIST: +0.2 [-1.0, +1.4]. Effects of 1.9"],
    ),
    "04_compression/trade_off": (
        {"variant": ["base", "int8", "small", "lossy", "guess"], "median_ms": [20.0, 5.0, 9.0, 2.0, 1.0],
         "file_MiB": [100.0, 25.0, 10.0, 5.0, 1.0], "difference": [None, -0.01, 0.01, -0.1, -0.2],
         "difference_low": [None, -0.019, 0.0, -0.12, -0.3], "origin": ["paper"] + ["clinic"] * 4,
         "learned": [True, True, True, True, False]},
        ["Of 2 compressed", "int8", "**25% of the time**", "25% of the bytes", "-1.0 points"],
    ),
    "05_ablations/choices": (
        {"chosen": ["a", "b"], "best": ["a", "c"], "above": [1, 2], "below": [4, 0]},
        ["**1 of 2**", "3 alternatives beat it", "4 lose to it"],
    ),
    "10_leakage_and_provenance/site_left_out": (
        {"accuracy_difference": [-0.1, 0.0], "accuracy_low": [-0.2, -0.1], "accuracy_high": [-0.05, 0.1]},
        ["one of HAM10000's 2 sites", "**-5.0 points**", "falls at 1 and rises at 0"],
    ),
    "00_data_exploration/shared_images": (
        {"of": ["malignant-vs-benign", "ham10000"], "among": ["ham10000", "malignant-vs-benign"],
         "images": [3297, 10015], "shared": [2488, 2517], "share": [0.7546, 0.25]},
        ["**75%**", "(2,488 of 3,297 images)"],
    ),
}  # fmt: skip


def write(results, table, columns):
    file = results / "tables" / f"{table}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(file, index=False)


def test_every_finding_is_tested_here():
    assert CASES.keys() == ACROSS.keys() | papers.findings().keys() and FRONT.keys() <= CASES.keys()


@pytest.mark.parametrize("table", CASES)
def test_a_finding_says_what_its_table_says(tmp_path, table):
    columns, parts = CASES[table]
    write(tmp_path, table, columns)
    (found,) = findings(tmp_path)
    assert found.table == table and found.notebook == table.split("/")[0] and "\n" not in found.text
    assert [part for part in parts if part not in found.text] == [], found.text


def test_findings_without_their_table_are_left_out(tmp_path):
    results, _ = make_study(tmp_path)
    assert [f.table for f in findings(results)] == ["00_data_exploration/leakage_ham10000"]
    assert findings(tmp_path) == []


def test_a_table_that_lost_a_column_is_named(tmp_path):
    write(tmp_path, "00_data_exploration/leakage_ham10000", {"split": ["ham10000-image"]})
    with pytest.raises(StudyError, match="findings.leakage misses 'share' in leakage_ham10000.csv"):
        findings(tmp_path)
