"""Methods under one protocol, from made-up records."""

import numpy as np
import pandas as pd
import pytest

from lib.plan.grid import grids, papers
from lib.records.seeds import by_seed, on_common_draws
from lib.studies.one_protocol import answers, figures, tables
from tests.fakes import records


def run(results, method, wrong, seed=0):
    optimizer = {"name": "adamw", "lr": {"a": 1e-3, "b": 1e-4, "c": 1e-5}[method]}
    planned, record = records.run(results, wrong, paper_model=method, optimizer=optimizer, seed=seed)
    record.info.update(epochs_run=3, timing={"seconds_training": 60.0})
    return planned, record


@pytest.fixture
def methods(tmp_path):
    runs = [run(tmp_path, "a", []), run(tmp_path, "a", [0], 1), run(tmp_path, "b", [0, 4]), run(tmp_path, "b", [4], 1),
            run(tmp_path, "c", [0, 1, 4, 5]), run(tmp_path, "a", [0, 1, 2], 2)]  # fmt: skip
    return by_seed(runs)


def test_the_common_grid_is_no_paper():
    assert tables.GRID in grids() and tables.GRID not in papers()


def test_methods_are_compared_on_common_draws(methods):
    kept = on_common_draws(methods)
    assert [[r.spec.seed for r in g.records] for g in kept] == [[0], [0], [0]]
    assert [[r.spec.seed for r in g.records] for g in on_common_draws(methods[:2])] == [[0, 1]] * 2
    assert on_common_draws([]) == []


def test_table_by_hand(methods):
    costs = pd.DataFrame({"backbone": ["convnext_tiny.fb_in1k"], "px": [224], "gmacs": [4.5]})
    table = tables.method_table(on_common_draws(methods[:2]), costs, 50, dx="malignant").set_index("method")
    assert table.loc["a", "accuracy"] == pytest.approx((1 + 7 / 8) / 2)
    assert table.loc["a", "accuracy_sd"] == pytest.approx(1 / 8 / np.sqrt(2))
    assert table.loc["b", "melanoma_sensitivity"] == 0.75 and table.loc["a", "melanoma_sensitivity"] == 1
    assert table.loc["b", "balanced_accuracy"] == pytest.approx((0.75 + 0.875) / 2)
    assert table.loc["b", ["training_minutes", "gmacs", "epochs_run"]].tolist() == [1.0, 4.5, 3.0]
    assert figures.trade_off(table.reset_index()).axes


def test_pairs_and_ranks(methods):
    kept = on_common_draws(methods)
    pairs = tables.pairwise(kept, 200, dx="malignant").set_index(["measure", "first", "second"])
    assert len(pairs) == 9
    row = pairs.loc[("accuracy", "a", "c")]
    assert row["difference"] == 0.5 and row["low"] <= 0.5 <= row["high"] and row["p"] <= row["p_holm"]
    ranks = tables.rank_table(kept, 200, dx="malignant").set_index(["measure", "method"])
    assert len(ranks) == 9
    assert ranks.loc["accuracy"]["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}
    first = ranks.loc["accuracy"]["first"]
    assert first["a"] == 1 > first["b"] >= first["c"]  # a is right everywhere, others where no error of theirs is drawn
    assert figures.rank_intervals(ranks.reset_index()).axes


def test_ideas_are_told_against_plain_fine_tuning():
    plain = answers.PLAIN
    rows = [(plain, "a", 0.05, 0.02, 0.08), ("b", plain, 0.01, -0.02, 0.04), ("a", "b", 0.5, 0.4, 0.6)]
    pairs = pd.DataFrame(rows, columns=["first", "second", "difference", "low", "high"])
    pairs = pairs.assign(measure="accuracy", p_holm=[0.04, 0.5, 0.01])
    told = answers.against_plain(pairs, "accuracy")
    assert "a **-5.0 points** [-8.0, -2.0]; b +1.0 points [-2.0, +4.0]." in told
    told = answers.against_plain(pairs[1:], "accuracy")
    assert "no idea is seen to differ" in told and "within -2.0 and +4.0 points" in told
    assert answers.finding(pairs).endswith("beyond chance, adjusted for all pairs: none; less: a")
    assert answers.finding(pairs.assign(p_holm=0.06)).startswith("No idea differs")


def test_the_clearest_claim_and_the_distance_to_headlines():
    rows = [("p", "One.", "reduced", 5.0, 1.0, 9.0), ("q", "Two.", "reduced", 4.0, 3.0, 5.0),
            ("r", "Three.", "arithmetic", 9.0, 8.9, 9.1)]  # fmt: skip
    claims = pd.DataFrame(rows, columns=["paper", "says", "evidence", "effect", "low", "high"])
    claims = claims.assign(verdict="supported", trained="ViT-Tiny, frozen")
    assert "(q): “Two”, **+4.0 points** [+3.0, +5.0] (ViT-Tiny, frozen)." in answers.largest(claims, "supported")
    assert answers.largest(claims, "contradicted") == ""
    grand = pd.DataFrame({"ours": [1.0, None], "unit": ["percent"] * 2, "difference": [-3.0, None],
                          "verdict": ["not testable"] * 2, "leakage": [2.0, None]})  # fmt: skip
    assert "1 headline proportions" in answers.distance(grand) and "-3.0 points" in answers.distance(grand)
    assert "+2.0 points" in answers.leakage(grand)
