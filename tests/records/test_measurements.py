"""Stored measurements: whole or not at all, made once, and never another key's."""

import json

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.records.measurements import get_or_measure, has_measurement, measurement_folder, read_measurement

KEY = {"run": "r", "version": 1}


def outputs():
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[1, 2] = (10, 20, 30)
    return {"rows": pd.DataFrame({"image_id": ["007"], "energy": [0.25]}), "grid": picture}


def test_round_trip(tmp_path):
    made = get_or_measure(tmp_path, "gradcam", "r", KEY, outputs)
    read = read_measurement(tmp_path, "gradcam", "r", KEY)
    assert read.folder == made.folder == measurement_folder(tmp_path, "gradcam", "r", KEY)
    assert read.table("rows").to_dict("list") == {"image_id": ["007"], "energy": [0.25]}
    assert np.array_equal(read.picture("grid"), outputs()["grid"])
    assert read.info["key"] == KEY and read.info["environment"]["versions"]["torch"]
    with pytest.raises(StudyError, match="holds no curve.csv .there: .*rows.csv"):
        read.table("curve")


def test_made_once_a_key(tmp_path):
    calls = []

    def compute():
        calls.append(1)
        return outputs()

    for key in (KEY, KEY, KEY | {"version": 2}):
        get_or_measure(tmp_path, "gradcam", "r", key, compute)
    assert len(calls) == 2
    assert not has_measurement(tmp_path, "latency", "r", KEY)


def test_nothing_is_left_of_one_that_failed(tmp_path):
    def fails():
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        get_or_measure(tmp_path, "gradcam", "r", KEY, fails)
    with pytest.raises(StudyError, match="is no name of a table"):
        get_or_measure(tmp_path, "gradcam", "r", KEY, lambda: {"../rows": pd.DataFrame()})
    assert not [p for p in (tmp_path / "measurements").iterdir() if p.is_dir()]
    assert read_measurement(tmp_path, "gradcam", "r", KEY) is None


def test_foreign_key_is_refused(tmp_path):
    made = get_or_measure(tmp_path, "gradcam", "r", KEY, outputs)
    file = made.folder / "measurement.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"key": {"run": "other"}}))
    with pytest.raises(StudyError, match="holds another key"):
        read_measurement(tmp_path, "gradcam", "r", KEY)
