"""The constant answer beside networks."""

import numpy as np
import pandas as pd
import pytest

from lib.records.baseline import constants, with_constant
from lib.records.draws import metric_table
from lib.records.seeds import by_seed
from tests.fakes.records import fake_record, make_spec, planned, two_class_probs

TARGETS = np.array([0, 0, 0, 1, 1, 1, 1, 1])
VAL = (np.array([0, 1, 1, 1]), two_class_probs([0, 1, 1, 1], []))


@pytest.fixture
def recipes(tmp_path):
    """Two recipes on one set of test images, one on another."""
    tests = {
        make_spec(): TARGETS,
        make_spec(image_size=64): TARGETS,
        make_spec(split={"name": "ham10000-lesion"}): TARGETS[::-1],
    }
    records = {s: fake_record(tmp_path, s, test=(t, two_class_probs(t, [0])), val=VAL) for s, t in tests.items()}
    return by_seed([(planned(spec), record) for spec, record in records.items()])


def test_always_the_commonest_class(recipes):
    found = constants(recipes)
    assert [c.labels()["model"] for c in found] == ["always malignant"] * 2
    assert [c.labels()["split"] for c in found] == ["paper", "grouped"]
    assert all((c.arrays("test")[1].argmax(axis=2) == 1).all() for c in found)


def test_the_constant_answer_stands_above_the_networks(recipes):
    networks = metric_table(recipes, ("accuracy", "macro_auc_ovr", "ece"), repeats=200)
    table = with_constant(networks, recipes, repeats=200)
    assert list(table) == list(networks) and len(table) == 5
    row = table.iloc[0]
    assert (row["accuracy"], row["macro_auc_ovr"]) == (5 / 8, 0.5) and pd.isna(row["learned"])
    assert row["low"] < 5 / 8 < row["high"] and row[["px", "ece"]].isna().all()
    assert table["px"].iloc[2:].tolist() == networks["px"].tolist()
    assert (with_constant(networks, recipes, 200, scale=100)["accuracy"].iloc[:2] == 62.5).all()
