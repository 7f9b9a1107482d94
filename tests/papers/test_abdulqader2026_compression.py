"""Tables 10 and 11 beside ours, from stored measurements."""

import numpy as np
import pandas as pd
import pytest

from lib.papers import compare_all
from lib.papers.abdulqader2026 import compression as paper
from lib.plan.grid import planned_runs
from lib.published.compare import answers, compare
from lib.published.values import load_published
from lib.records.measurements import get_or_measure
from lib.records.seeds import Recipe
from lib.studies.compression.settings import load_settings
from lib.studies.compression.study import Timed, candidates, compression_key, latency_key
from lib.studies.compression.tables import accuracy_table, latency_table, size_table
from tests.fakes.records import fake_record

MIB = 2**20
SIZES = pd.DataFrame(
    {
        "form": ["base", "quantized", "pruned", "pruned and quantized"],
        "float_parameters": [27_825_511, 1_908_480, 27_825_511, 1_908_480],
        "stored_weights": 27_825_511,
        "zeros": [0, 0, 8_000_000, 8_000_000],
        "bytes": [106 * MIB, 32 * MIB, 106 * MIB, 32 * MIB],
    }
)
RUN = candidates(planned_runs("abdulqader2026", "cpu"))[0]
SETTINGS = load_settings("cpu")


@pytest.fixture(scope="module")
def stored():
    """Four variants on 100 images: right 80, 78, 82 and 80 times; pruned as fast as base, quantized half as fast."""
    names = ["base", "quantized", "pruned", "pruned_quantized"]
    variants = pd.DataFrame({"name": names, "label": [f"the {n}" for n in names], "origin": "paper", "seconds": 1.0})
    variants = variants.assign(bytes=MIB, gzip_bytes=MIB, stored_weights=10, zeros=3, float_parameters=10)
    variants = variants.assign(macro_auc_ovr=0.9, ece=0.1, largest_change=0.0)
    predictions = pd.DataFrame({"image_id": range(100), "group": range(100), "target": [n % 2 for n in range(100)]})
    for name, right in zip(names, (80, 78, 82, 80), strict=True):
        predictions[name] = np.where(np.arange(100) < right, predictions["target"], 1 - predictions["target"])
    ms = {"base": 640.0, "quantized": 1280.0, "pruned": 640.0, "pruned_quantized": 1280.0}
    rows = [(n, 64, r, 0, ms[n] + r) for n in names for r in range(5)]
    times = pd.DataFrame(rows, columns=["name", "batch", "round", "position", "ms"])
    conditions = {"device": "Some CPU", "threads": 2, "others": 0.0, "load_average": 0.5, "px": 64}
    return variants, predictions, Timed(times, pd.Series(conditions))


def judged(rows):
    return compare(paper.PAPER, answers(paper.PAPER, rows)).set_index("published_id")


def test_sizes_are_judged_since_training_does_not_matter():
    found = judged(paper.architecture_rows(SIZES))
    assert found.loc["table11.base.model_size", "verdict"] == "reproduced"
    assert found.loc["table11.pruned.parameters", "verdict"] == "reproduced"
    for name in ("table11.quantized.model_size", "table11.quantized.parameters", "optimized.quantized.size_reduction"):
        assert found.loc[name, "verdict"] == "not reproduced"
    assert found.loc["optimized.quantized.size_reduction", "ours"] == pytest.approx(100 * (1 - 32 / 106))


def test_accuracy_and_time_of_a_reduced_run_are_not_judged(stored):
    found = judged(paper.run_rows(RUN, *stored, repeats=100))
    assert (found["verdict"] == "not testable").all() and (found["n"] == 100).all()
    assert found.loc["table11.quantized.accuracy", "ours"] == 0.78
    drop, gain = found.loc["optimized.quantized.accuracy_drop"], found.loc["optimized.pruned.accuracy_gain"]
    assert drop["ours"] == pytest.approx(0.02) and gain["ours"] == pytest.approx(0.02)
    assert drop["low"] <= 0.02 <= drop["high"] and gain["low"] <= 0.02 <= gain["high"]
    speedup = found.loc["optimized.pruned.speedup"]
    assert speedup["ours"] == 1 and speedup["within_tolerance"] == "outside" and "Some CPU" in speedup["deviations"]
    assert found.loc["table10.per_image.value", "ours"] == pytest.approx(
        found.loc["table10.per_batch.value", "ours"] / 64
    )


def test_every_number_of_the_tables_is_answered(stored):
    rows = paper.architecture_rows(SIZES) + paper.run_rows(RUN, *stored, repeats=20)
    known = load_published(paper.PAPER)
    asked = set(known[known["table"].isin(["10", "11"])]["id"])
    assert asked <= {r["published_id"] for r in rows} <= set(known["id"])


def test_table_11_has_the_combination_too(stored):
    variants, predictions, timed = stored
    parts = (accuracy_table(variants, predictions, 20), size_table(variants), latency_table(variants, timed.times, 20))
    table = paper.table_11(*parts, variants).set_index("variant")
    assert table.loc["the base", ["printed_accuracy", "accuracy", "n", "not_zero"]].tolist() == ["0.9521", 0.8, 100, 7]
    assert table.loc["the quantized", ["printed_ms", "median_ms"]].tolist() == ["22382.76", 1282.0]
    assert pd.isna(table.loc["the pruned_quantized", "printed_MB"])


def test_sentences(stored):
    variants, _, timed = stored
    text = paper.speedup_sentence(latency_table(variants, timed.times, 50), variants, timed)
    assert "1.00 times the base's speed [1.00, 1.00]" in text and "the paper prints 1.53" in text
    assert "shared" not in paper.conditions_sentence(timed)
    busy = Timed(timed.times, pd.Series({**timed.conditions, "others": 1.5}))
    assert "The machine was shared" in paper.conditions_sentence(busy)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")  # made-up records lack classes
def test_stored_rows_reach_the_comparison(stored, tmp_path):
    variants, predictions, timed = stored
    group = Recipe(RUN, (fake_record(tmp_path, RUN.spec),))
    assert paper.stored_rows([group], 20) == []
    name, making = RUN.spec.run_id, SETTINGS.making
    outputs = {"variants": variants, "predictions": predictions, "skipped": pd.DataFrame(columns=["label", "reason"])}
    get_or_measure(tmp_path, "compression", name, compression_key(RUN.spec, making), lambda: outputs)
    assert len(paper.stored_rows([group], 20)) == 5  # three accuracies, two differences; no times yet
    key = latency_key(RUN.spec, making, SETTINGS.timing, "cpu")
    outputs = {"times": timed.times, "conditions": pd.DataFrame([timed.conditions])}
    get_or_measure(tmp_path, "latency", name, key, lambda: outputs)
    get_or_measure(tmp_path, "compression", paper.ARCHITECTURE, paper.ARCHITECTURE_KEY, lambda: {"sizes": SIZES})
    found = judged(paper.stored_rows([group], 20))
    assert {"optimized.pruned.speedup", "table11.quantized.model_size", "table11.base.accuracy"} <= set(found.index)
    everything = compare_all({paper.PAPER: [(RUN, *group.records)]}, repeats=20)
    assert set(found.index) <= set(everything["published_id"])
