"""Run records: whole or not at all, and never another run's."""

import json
import os
import time

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.evaluation.metrics import probabilities
from lib.records import runs
from lib.records.runs import all_records, as_stored, has_record, load_record, read_record, record_folder, write_record
from tests.fakes.records import fake_record, make_spec


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_round_trip(tmp_path):
    spec = make_spec()
    assert not has_record(tmp_path, spec)
    targets = np.array([1, 0, 1])
    probs = np.array([[1 / 3, 2 / 3], [0.25, 0.75], [0.0, 1.0]])
    written = fake_record(tmp_path, spec, test=(targets, probs), seen=[True, False, True])
    record = read_record(tmp_path, spec)
    assert record.folder == written.folder == record_folder(tmp_path, spec) and record.spec == spec
    assert record.info == written.info and record.classes == ("benign", "malignant")
    assert record.history["test_accuracy"].tolist() == [0.5, 0.75, 0.625]
    t, p, groups = record.arrays("test", "final")
    assert t.tolist() == [1, 0, 1] and t.dtype == np.int64
    assert p == pytest.approx(probs, abs=1e-3) and p[2, 1] == pytest.approx(1)
    assert groups.tolist() == ["test-lesion0", "test-lesion0", "test-lesion1"]
    assert record.subset("test")["seen"].tolist() == [1, 0, 1]


def test_subsets_come_in_the_order_of_image_ids_and_ids_stay_text(tmp_path):
    images = pd.DataFrame({"subset": "val", "image_id": ["010", "002", "001"], "group": "007"})
    images = images.assign(target=[0, 1, 0], seen=0)
    logits = {("best", "val"): np.array([[3.0, 0.0], [2.0, 0.0], [1.0, 0.0]])}
    record = write_record(tmp_path, make_spec(), {"classes": ["a", "b"]}, [{"epoch": 0}], images, logits)
    rows = record.subset("val")
    assert rows["image_id"].tolist() == ["001", "002", "010"] and rows["group"].tolist() == ["007"] * 3
    assert record.logits("val")[:, 0].tolist() == [1, 2, 3] and record.arrays("val")[0].tolist() == [0, 1, 0]
    assert record.arrays("val")[1][:, 1] == pytest.approx(1 / (1 + np.exp([1, 2, 3])))


def test_runs_on_one_split_share_the_list_of_its_images(tmp_path):
    sizes = [fake_record(tmp_path, make_spec(seed=seed)).info["images"] for seed in range(3)]
    assert len(set(sizes)) == 1 and len(list((tmp_path / "images").iterdir())) == 1
    assert sum(f.stat().st_size for f in (tmp_path / "runs").rglob("logits.npz")) < 3000


def test_what_float16_cannot_hold_is_cut():
    stored = as_stored(np.array([[1e6, -1e6], [0.1, 2049.0]]))
    assert stored.dtype == np.float16 and np.isfinite(stored).all()
    assert probabilities(stored)[0].tolist() == [1, 0]


def test_absent_subset_is_named(tmp_path):
    record = fake_record(tmp_path, make_spec())
    with pytest.raises(StudyError, match="no best predictions of 'isic2018-test'"):
        record.subset("isic2018-test")


def test_same_content_gives_the_same_bytes(tmp_path, monkeypatch):
    first = contents(fake_record(tmp_path / "a", make_spec()).folder)
    later = time.time() + 1000
    monkeypatch.setattr(time, "time", lambda: later)  # zip and gzip could store it
    assert contents(fake_record(tmp_path / "b", make_spec()).folder) == first
    assert set(first) == {"record.json", "history.csv", "logits.npz"}


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    spec, images = make_spec(), pd.DataFrame([["val", "a", "l", 0, 0]], columns=runs.IMAGE_COLUMNS)
    with pytest.raises(ValueError, match="JSON"):
        write_record(tmp_path, spec, {"accuracy": float("nan")}, [{"epoch": 0}], images, {})
    assert list((tmp_path / "runs").iterdir()) == []

    rename = os.replace

    def killed(source, target):
        if source.is_file():  # the list of images, written before
            return rename(source, target)
        assert {p.name for p in source.iterdir()} == {"record.json", "history.csv", "logits.npz"}
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        fake_record(tmp_path, spec)
    assert list((tmp_path / "runs").iterdir()) == [] and not has_record(tmp_path, spec)


def test_what_a_killed_run_left_is_replaced(tmp_path):
    spec = make_spec()
    left = record_folder(tmp_path, spec)
    left.mkdir(parents=True)
    (left / "half.csv").write_text("x")
    assert not has_record(tmp_path, spec)
    assert set(contents(fake_record(tmp_path, spec).folder)) == {"record.json", "history.csv", "logits.npz"}


def test_missing_record_says_what_to_do(tmp_path):
    with pytest.raises(StudyError, match=r"no record ham10000-image-convnext_tiny.*python -m lib run"):
        read_record(tmp_path, make_spec())


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (lambda info: info["spec"].update(epochs=20), "holds the specification of"),
        (lambda info: info["spec"].update(seed=1), "holds the specification of"),
        (lambda info: info["spec"].update(epochs="many"), "no valid specification.*epochs"),
        (lambda info: info.pop("spec"), "no valid specification"),
    ],
)
def test_tampered_specification_is_detected(tmp_path, tamper, message):
    spec = make_spec()
    file = fake_record(tmp_path, spec).folder / "record.json"
    info = json.loads(file.read_text())
    tamper(info)
    file.write_text(json.dumps(info))
    with pytest.raises(StudyError, match=message):
        read_record(tmp_path, spec)


def test_cut_record_says_what_to_do(tmp_path):
    folder = fake_record(tmp_path, make_spec()).folder
    file = folder / "record.json"
    file.write_text(file.read_text()[:100])
    with pytest.raises(StudyError, match="delete the folder and run again"):
        load_record(folder)


def test_all_records_leaves_out_those_being_written(tmp_path):
    specs = [make_spec(seed=s) for s in (0, 1)]
    for spec in specs:
        folder = fake_record(tmp_path, spec).folder
    folder.with_name(".partial-abc").mkdir()
    (folder.with_name(".partial-abc") / "record.json").write_bytes((folder / "record.json").read_bytes())
    assert {r.spec for r in all_records(tmp_path)} == set(specs)
    assert all_records(tmp_path / "nowhere") == []
