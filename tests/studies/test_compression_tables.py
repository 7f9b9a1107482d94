"""Tables of compressed networks against hand-computed ones, and their figures."""

import numpy as np
import pandas as pd
import pytest

from lib.studies.compression import figures, findings
from lib.studies.compression.tables import accuracy_table, latency_table, pareto_front, size_table, trade_off


def stored():
    """Twelve images of two classes; the second variant is wrong in one more, the third right in two more."""
    targets = np.array([0, 1] * 6)
    wrong = {"base": [0, 1, 2], "smaller": [0, 1, 2, 3], "better": [0]}
    predictions = pd.DataFrame({"image_id": [f"i{n}" for n in range(12)], "group": [f"l{n // 2}" for n in range(12)]})
    predictions["target"] = targets
    for name, rows in wrong.items():
        predictions[name] = np.where(np.isin(np.arange(12), rows), 1 - targets, targets)
    variants = pd.DataFrame({"name": list(wrong), "origin": ["paper", "paper", "clinic"]})
    numbers = {"bytes": [4 * 2**20, 2**20, 2**21], "gzip_bytes": [2**20] * 3, "stored_weights": [100, 100, 50]}
    numbers |= {"zeros": [0, 30, 1], "float_parameters": [100, 20, 50], "seconds": 1.0}
    variants = variants.assign(label="the " + variants["name"])
    return variants.assign(**numbers, macro_auc_ovr=0.8, largest_change=0.0), predictions


def test_accuracy_and_mcnemar():
    variants, predictions = stored()
    table = accuracy_table(variants, predictions, 200).set_index("variant")
    assert table["accuracy"].tolist() == [9 / 12, 8 / 12, 11 / 12]
    smaller, better = table.loc["the smaller"], table.loc["the better"]
    assert smaller["difference"] == pytest.approx(-1 / 12)
    assert (smaller["only_base"], smaller["only_variant"], smaller["test"], smaller["p"]) == (1, 0, "exact", 1.0)
    assert (better["only_base"], better["only_variant"], better["p"]) == (0, 2, 0.5)
    assert better["p_holm"] == 1.0  # the smaller of two, twice
    assert better["difference_low"] <= 2 / 12 <= better["difference_high"]
    assert table["low"].le(table["accuracy"]).all() and table["high"].ge(table["accuracy"]).all()
    assert pd.isna(table.loc["the base", "p"])


def test_a_variant_that_predicts_the_same_has_no_interval_of_difference():
    variants, predictions = stored()
    predictions["smaller"] = predictions["base"]
    row = accuracy_table(variants, predictions, 50).iloc[1]
    assert (row["difference_low"], row["difference_high"], row["p"]) == (0, 0, 1)


def test_sizes():
    table = size_table(stored()[0])
    assert table["file_MiB"].tolist() == [4, 1, 2] and table["of_base"].tolist() == [1, 0.25, 0.5]
    assert table["not_zero"].tolist() == [100, 70, 49]


def test_pareto_front_is_hand_checked():
    costs = np.array([[-0.9, 10.0, 5], [-0.8, 2, 5], [-0.9, 10, 4], [-0.7, 3, 6], [-0.9, 10, 4]])
    # 0 is beaten by 2 (same accuracy and time, smaller); 3 by 1 in all; 2 and 4 are equal, so that neither beats
    assert pareto_front(costs).tolist() == [False, True, True, False, True]
    assert pareto_front(costs[:, :1]).tolist() == [True, False, True, False, True]


def test_trade_off_and_figures():
    variants, predictions = stored()
    rng = np.random.default_rng(0)
    rows = [(n, b, r, 0, rng.uniform(1, 2) * k) for k, n in ((4, "base"), (2, "smaller"), (1, "better"))
            for b in (1, 8) for r in range(3) for _ in range(2)]  # fmt: skip
    times = pd.DataFrame(rows, columns=["name", "batch", "round", "position", "ms"])
    latency = latency_table(variants, times, 50)
    accuracies, sizes = accuracy_table(variants, predictions, 50), size_table(variants)
    table = trade_off(accuracies, sizes, latency, batch=1, least=0.5)
    assert table["front"].tolist() == [False, False, True]  # "the smaller" does not beat 0.5
    table = trade_off(accuracies, sizes, latency, batch=1, least=0.0)
    assert table["front"].tolist() == [False, True, True]  # "the smaller" is the smallest
    assert (table["n"] == 12).all()
    for figure in (figures.trade_off(table, 1, "a machine"), figures.latencies(latency, times, variants, "a machine")):
        assert figure.get_label() and len(figure.axes) >= 1


def test_what_is_worth_it_is_fast_without_a_loss_beyond_the_bound():
    table = pd.DataFrame({"variant": ["base", "int8", "student", "fastest"], "median_ms": [10.0, 4.0, 2.0, 1.0]})
    table = table.assign(origin=["paper", "clinic", "control", "clinic"], learned=True, file_MiB=[8.0, 2.0, 1.0, 1.0],
                         accuracy=[0.8, 0.79, 0.8, 0.7], balanced_accuracy=[0.7, 0.69, 0.7, 0.3],
                         difference=[None, -0.01, 0.0, -0.1], difference_low=[None, -0.019, -0.01, -0.12],
                         difference_high=[None, 0.001, 0.01, -0.08])  # fmt: skip
    said = findings.worth_it(table)
    assert "beyond 2 points (1), int8 (4.0 ms, 2.5 times the base's speed, 25% of its file; 79.0 %, -1.0" in said
    assert (
        "The fastest of all that beat the constant answer is fastest (1.0 ms" in said
        and "30.0 %, the base's 70.0" in said
    )
    assert findings.finding(table).startswith("Worth its loss: int8, 2.5 times the base's speed, 25% of its file, -1.0")
    assert findings.worth_it(table.drop(1)).startswith("**Worth it**: No variant is sure to lose at most 2 points.")
