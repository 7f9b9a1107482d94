"""The grand table from made-up comparisons."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate, over_splits
from lib.published import headlines
from lib.published.values import published_papers
from lib.studies.one_protocol import figures

PLAN = Plan(400)
ROW = {"interval_of": "these networks", "estimate": None,
       "paper": "dhanalakshmi2025", "published_id": "table1.convnext_tiny.best_val_accuracy", "data": "d", "n": 660,
       "within_tolerance": "inside", "learned": True, "read_as_audited": True}  # fmt: skip


def drawn(value: float, sd: float, seed: int) -> Estimate:
    draws = np.random.default_rng(seed).normal(value, sd, (1, 400))
    return Estimate(PLAN, np.array([value]), lambda: draws)


def comparison(*rows):
    return pd.DataFrame([{**ROW, **row} for row in rows])


def test_headlines_are_published_values_of_every_paper():
    table = headlines.headlines()
    assert set(table["paper"]) == set(published_papers()) and not table.duplicated(["paper", "id"]).any()
    assert (table["tolerance_kind"] != "none").mean() > 0.9


def test_a_wrong_pattern_is_named(monkeypatch):
    monkeypatch.setattr(headlines, "load_paper", lambda paper: SimpleNamespace(headlines=["table9.*"]))
    monkeypatch.setattr(headlines, "published_papers", lambda: ["xia2025"])
    with pytest.raises(StudyError, match=r"^xia2025/published.yaml: headlines: no id matches 'table9\.\*'"):
        headlines.headlines()


def test_grand_table_takes_the_nearest_run():
    far = {"split": "paper", "ours": 80.0, "low": 78.0, "high": 82.0, "deviations": "a; b", "verdict": "not testable"}
    near = {**far, "ours": 85.0, "low": 81.0, "high": 87.0, "deviations": "a", "estimate": drawn(85.0, 1.5, 0)}
    grouped = {**near, "split": "grouped", "ours": 75.0, "estimate": drawn(75.0, 2.0, 1)}
    table = headlines.grand_table(comparison(far, near, grouped, {**far, "split": "grouped", "ours": 10.0}))
    row = table[table["ours"].notna()].iloc[0]
    assert len(table[table["ours"].notna()]) == 1
    assert (row["ours"], row["printed"], row["why"]) == (85.0, "91.67%", "a")
    assert row["difference"] == pytest.approx(85 - 91.67) and row["difference_high"] == pytest.approx(87 - 91.67)
    assert row["grouped"] == 75 and row["leakage"] == 10
    assert row["leakage_high"] == pytest.approx(10 + 1.96 * 2.5, abs=0.6)  # of two independent test sets
    one_sided = {**grouped, "estimate": over_splits({0: 75, 1: 75, 2: 75}, 0.1, PLAN)}
    row = (lone := headlines.grand_table(comparison(near, one_sided)))[lone["ours"].notna()].iloc[0]
    assert row["grouped"] == 75 and pd.isna(row["leakage"])
    assert set(table[table["ours"].isna()]["verdict"]) == {"not testable"}
    assert figures.grand_figure(table).axes
    shown = headlines.readable(table)
    assert len(shown) == len(table) and shown["ours"].notna().sum() == 1
    read = shown[shown["ours"].notna()].iloc[0]
    assert (read["ours"], read["difference"]) == ("85.0 [81.0, 87.0]", "-6.7")
    assert read["leakage"].startswith("+10.0 [+5.") and read["without leakage"].startswith("75.0 [71.")
    assert "grouped" not in shown


def test_a_verdict_goes_before_fewer_deviations():
    close = {"split": "paper", "ours": 91.0, "low": 90.0, "high": 92.0, "deviations": "", "verdict": "reproduced"}
    other = {**close, "deviations": "x", "verdict": "not testable", "ours": 1.0}
    table = headlines.grand_table(comparison(other, close))
    counts = headlines.verdict_counts(table).set_index("paper")
    assert counts.loc["dhanalakshmi2025", ["with_a_run", "inside_by_arithmetic", "reproduced"]].tolist() == [1, 1, 1]
    assert counts["headline_values"].sum() == len(table)


def test_fractions_are_shown_in_per_cent():
    row = {"paper": "xia2025", "published_id": "table1.base_cnn.accuracy", "split": "paper", "ours": 0.8, "low": 0.7,
           "high": 0.9, "deviations": "x", "verdict": "not testable"}  # fmt: skip
    table = headlines.grand_table(comparison(row)).set_index("where")
    found = table[table["ours"].notna()].iloc[0]
    assert found["ours"] == 80 and found["difference"] == pytest.approx(80 - 83.64)


def test_the_audits_reading_comes_first_and_a_collapsed_run_stands_for_nothing():
    run = {"split": "paper", "ours": 80.0, "low": 78.0, "high": 82.0, "deviations": "", "verdict": "reproduced"}
    other = {**run, "read_as_audited": False}
    audited = {**run, "ours": 70.0, "deviations": "a; b", "verdict": "not testable"}
    collapsed = {**run, "ours": 60.0, "learned": False, "verdict": "not testable"}
    assert headlines.nearest_run(comparison(collapsed, other, audited))["ours"] == 70
    assert headlines.nearest_run(comparison(collapsed, other))["ours"] == 80
    assert headlines.nearest_run(comparison(collapsed)) is None
