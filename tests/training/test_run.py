"""Executing runs: record, resume after a kill, no second training, clear errors before any work."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from lib.core.errors import StudyError
from lib.data import load_index
from lib.evaluation.metrics import summarize
from lib.models.backbones import local_digest
from lib.models.iconvnext import features_and_logits
from lib.plan.spec import RunSpec
from lib.records.runs import has_record
from lib.training.checkpoints import load_trained
from lib.training.prepare import Folders, prepare
from lib.training.run import get_or_train
from tests.fakes.specs import SMALL
from tests.fakes.weights import keep

REPO = Path(__file__).resolve().parents[2]
SPEC = SMALL | {
    "task": "mel-bcc-akiec-vs-rest",
    "split": {"name": "synthetic-lesion", "fractions": [0.5, 0.25, 0.25]},
    "augmentation": {"horizontal_flip": 0.5, "rotate": 15.0, "crop_scale": [0.8, 1.0], "brightness": 0.1},
    "model": {"backbone": "test_convnext", "weights": "none", "drop_path": 0.1},
    "loss": {"name": "bce"},
    "schedule": {"name": "cosine"},
    "epochs": 3,
    "track_test": True,
}
TRAIN = """
import json, sys
from pathlib import Path
from lib.data.catalogue import LOADERS
from lib.plan.spec import RunSpec
from lib.training.prepare import Folders
from lib.training.run import get_or_train
folder, LOADERS["synthetic"] = Path(sys.argv[1]), "tests.fakes.small_synthetic:load"
get_or_train(RunSpec.parse(json.loads(sys.argv[2])), Folders(folder, folder, folder))
"""


def folders(folder: Path) -> Folders:
    return Folders(folder, folder, folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, get_or_train(RunSpec.parse(SPEC), folders(folder))


def test_record_holds_what_the_metrics_come_from(whole):
    _, record = whole
    for checkpoint in ("best", "final"):
        for name, value in summarize(*record.arrays("test", checkpoint)).items():
            assert record.info["metrics"][checkpoint]["test"][name] == pytest.approx(value, abs=1e-12)
    assert list(record.history["epoch"]) == [1, 2, 3]
    assert record.info["best_epoch"] == 1 + int(np.argmin(record.history["val_loss"]))
    assert record.info["data"]["synthetic"]["synthetic"] is True
    assert record.info["environment"]["precision"] == "32"


def test_history_agrees_with_predictions(whole):
    _, record = whole
    final = record.info["metrics"]["final"]["test"]
    assert record.history["test_accuracy"].iloc[-1] == pytest.approx(final["accuracy"], abs=1e-5)
    assert record.history["test_loss"].iloc[-1] == pytest.approx(final["nll"], abs=1e-4)


@pytest.mark.parametrize("split", ["synthetic-lesion", "synthetic-image"])
def test_an_image_counts_as_seen_where_its_lesion_was_trained_on(tmp_path, split):
    spec = RunSpec.parse({**SPEC, "split": {**SPEC["split"], "name": split}, "epochs": 1})
    record = get_or_train(spec, folders(tmp_path))
    frame = load_index("synthetic", tmp_path)
    trained = frame["group"][~frame["image_id"].isin(record.images["image_id"])]
    assert (record.images["seen"] == record.images["group"].isin(trained)).all()
    assert record.images["seen"].any() == (split == "synthetic-image")


@pytest.mark.slow
def test_a_killed_run_continues_to_the_same_result(whole, tmp_path):
    _, reference = whole
    spec = RunSpec.parse(SPEC)
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    command = [sys.executable, "-c", TRAIN, str(tmp_path), json.dumps(SPEC)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "epoch 2/3" in line:  # the first epoch is saved, the second at most in part
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not has_record(tmp_path, spec)
    assert (folders(tmp_path).checkpoints(spec) / "last.ckpt").is_file()
    resumed = get_or_train(spec, folders(tmp_path))
    assert_equal(resumed, reference)
    assert not (folders(tmp_path).checkpoints(spec) / "last.ckpt").exists()


class Stopped(Exception):
    pass


def stop_in(epoch, spec, folder):
    """Begin the run of ``spec`` in ``folder`` and end it in ``epoch``, before that is saved."""

    def stop(self, row):
        if row["epoch"] == epoch:
            raise Stopped

    with pytest.MonkeyPatch.context() as patched, pytest.raises(Stopped):
        patched.setattr("lib.training.fit.EpochLine.__call__", stop)
        get_or_train(spec, folders(folder))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Folder and specification of a run that was stopped in its second epoch; no step changes a weight."""
    spec = RunSpec.parse({**SPEC, "optimizer": {"name": "sgd", "lr": 1.0e-12}})
    folder = tmp_path_factory.mktemp("stopped")
    stop_in(2, spec, folder)
    return folder, spec


@pytest.fixture
def half_done(stopped, tmp_path):
    """A copy of ``stopped`` to go on with."""
    folder, spec = stopped
    return shutil.copytree(folder, tmp_path / "before"), spec


def test_a_moved_run_remembers_its_best_epoch(half_done):
    folder, spec = half_done
    moved = folder.rename(folder.with_name("after"))
    record = get_or_train(spec, folders(moved))
    assert len(record.history) == 3 and record.history["val_loss"].nunique() == 1
    assert record.info["best_epoch"] == 1
    assert not folder.exists()


TWO_PHASES = {
    **SPEC,
    "task": "dx",
    "split": {"name": "synthetic-image", "fractions": [0.3, 0.35, 0.35]},
    "preprocessing": {"resize": "center_crop", "normalization": "train"},
    "augmentation": {"random_crop": 38},
    "loss": {"name": "cross_entropy", "label_smoothing": 0.1},
    "schedule": {"name": "onecycle", "warmup_epochs": 1.0, "start_lr": 1.0e-4},
    "offline": {"target": 40},
    "mixing": {"mixup": 0.5, "cutmix": 0.3},
}


def stopped_then_resumed(values, tmp_path):
    """(the run in one go, the run stopped in its third epoch and resumed)."""
    spec = RunSpec.parse(values)
    stop_in(3, spec, tmp_path / "stopped")
    return get_or_train(spec, folders(tmp_path / "whole")), get_or_train(spec, folders(tmp_path / "stopped"))


def assert_equal(resumed, whole):
    columns = [c for c in whole.history if c not in ("seconds", "images_per_second")]
    assert resumed.history[columns].equals(whole.history[columns])
    assert (resumed.folder / "logits.npz").read_bytes() == (whole.folder / "logits.npz").read_bytes()
    assert resumed.images.equals(whole.images)


@pytest.mark.slow
def test_a_schedule_that_waits_for_a_plateau_resumes_exactly(tmp_path):
    # At this learning rate nothing improves: it is halved after every second epoch.
    values = {**SPEC, "schedule": {"name": "plateau", "patience": 1, "factor": 0.5}, "epochs": 5}
    values["optimizer"] = {"name": "sgd", "lr": 1.0e-7}
    whole, resumed = stopped_then_resumed(values, tmp_path)
    assert whole.history["lr"].nunique() > 1
    assert_equal(resumed, whole)


@pytest.mark.slow
def test_a_run_with_both_phases_of_augmentation_resumes_exactly(tmp_path):
    whole, resumed = stopped_then_resumed(TWO_PHASES, tmp_path)
    assert_equal(resumed, whole)
    # Without mixing the run is another one: the phase does something.
    plain = get_or_train(RunSpec.parse({**TWO_PHASES, "mixing": {}}), folders(tmp_path / "plain"))
    assert not np.allclose(plain.history["train_loss"], whole.history["train_loss"], rtol=1e-3)


def test_the_offline_phase_touches_the_training_set_alone(tmp_path):
    with_copies = prepare(RunSpec.parse(TWO_PHASES), folders(tmp_path))
    without = prepare(RunSpec.parse({**TWO_PHASES, "offline": None}), folders(tmp_path))
    train, real = with_copies.sets["train"], without.sets["train"]
    counts = np.bincount(real.targets)
    assert np.bincount(train.targets).tolist() == np.maximum(counts, 40).tolist()
    assert with_copies.data["synthetic"]["offline"]["n"] == dict(
        zip(with_copies.classes, np.maximum(40 - counts, 0).tolist(), strict=True)
    )
    assert (train.targets[: len(real)] == real.targets).all()
    assert (train[0, 5][0] == real[0, 5][0]).all() and train[0, len(train) - 1][0].shape == (3, 32, 32)
    for part in ("val", "test"):
        assert len(with_copies.sets[part]) == len(without.sets[part]) == len(with_copies.frames[part])
        assert (with_copies.sets[part][0, 0][0] == without.sets[part][0, 0][0]).all()
    assert with_copies.frames["train"].equals(without.frames["train"])
    assert (with_copies.net[0].mean == without.net[0].mean).all()


def test_random_crops_are_for_training_and_the_centre_for_the_rest(tmp_path):
    ready = prepare(RunSpec.parse({**TWO_PHASES, "offline": None}), folders(tmp_path))
    train, val = ready.sets["train"], ready.sets["val"]
    stored = train.images[train.rows[3]].transpose(2, 0, 1)
    assert stored.shape == (3, 38, 38)
    crops = [train[epoch, 3][0].numpy() for epoch in range(12)]
    windows = {(y, x): stored[:, y : y + 32, x : x + 32] for y in range(7) for x in range(7)}
    found = {next(at for at, w in windows.items() if (w == crop).all()) for crop in crops}
    assert len(found) > 5
    whole = train.images[val.rows[0]].transpose(2, 0, 1)
    assert (val[0, 0][0].numpy() == whole[:, 3:35, 3:35]).all()
    assert ready.caches["synthetic"].images.shape[1:3] == (32, 32)


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt"])
def test_a_damaged_checkpoint_is_set_aside_and_the_run_starts_anew(half_done, name, capsys):
    folder, spec = half_done
    file = folders(folder).checkpoints(spec) / name
    file.write_bytes(file.read_bytes()[:1000])
    assert len(get_or_train(spec, folders(folder)).history) == 3
    printed = capsys.readouterr().out
    assert f"{name} is damaged" in printed and "epoch 1/3" in printed
    assert file.with_suffix(".damaged").stat().st_size == 1000


def test_a_disk_that_does_not_answer_costs_no_checkpoint(half_done, monkeypatch):
    from lib.training import fit

    def failing(*arguments, **options):
        raise OSError(5, "Input/output error")

    folder, spec = half_done
    kept = sorted(folders(folder).checkpoints(spec).iterdir())
    with monkeypatch.context() as patched, pytest.raises(OSError, match="Input/output"):
        patched.setattr(fit.torch, "load", failing)
        get_or_train(spec, folders(folder))
    assert sorted(folders(folder).checkpoints(spec).iterdir()) == kept
    assert len(get_or_train(spec, folders(folder)).history) == 3


def test_a_run_goes_on_only_at_the_precision_it_was_begun_with(half_done, monkeypatch):
    from lib.training import prepare as module

    folder, spec = half_done
    with monkeypatch.context() as patched, pytest.raises(StudyError, match="begun with other precision"):
        patched.setattr(module, "resolve_precision", lambda asked: "bf16")
        get_or_train(spec, folders(folder))
    assert len(get_or_train(spec, folders(folder)).history) == 3


def test_a_record_of_other_weights_than_those_at_hand_is_refused(tmp_path):
    import timm

    for seed in (0, 1):
        torch.manual_seed(seed)
        keep(tmp_path, "test_convnext", timm.create_model("test_convnext", num_classes=10).state_dict())
        local_digest.cache_clear()
        spec = RunSpec.parse({**SPEC, "epochs": 1, "model": {"backbone": "test_convnext", "weights": "local"}})
        if seed == 0:
            assert get_or_train(spec, folders(tmp_path)).info["weights"]["sha256"]
    with pytest.raises(StudyError, match="made from other weights"):
        get_or_train(spec, folders(tmp_path))


def test_each_run_has_its_own_lock():
    """Names such as dermamnist-c-v1.0 hold a dot."""
    specs = [
        RunSpec.parse({**SPEC, "dataset": "dermamnist", "split": {"name": f"dermamnist-c-v1.{n}"}, "seed": seed})
        for n in (0, 1)
        for seed in (0, 1)
    ]
    assert len({folders(Path()).lock(spec) for spec in specs}) == 4


def test_a_record_is_taken_as_it_is(whole, monkeypatch):
    folder, record = whole
    before = (record.folder / "record.json").stat().st_mtime_ns
    monkeypatch.setattr("lib.training.run.execute", lambda *a: pytest.fail("trained again"))
    again = get_or_train(RunSpec.parse(SPEC), folders(folder))
    assert (again.folder / "record.json").stat().st_mtime_ns == before


def test_weights_that_cannot_be_had_stop_the_run_before_training(tmp_path):
    local = {**SPEC, "model": {"backbone": "test_convnext", "weights": "local"}}
    with pytest.raises(StudyError, match="--weights-dir or DERM_WEIGHTS"):
        prepare(RunSpec.parse(local), folders(tmp_path))


def test_absent_data_stop_the_run_before_training(tmp_path):
    real = {**SPEC, "dataset": "ham10000", "task": "dx", "split": {"name": "ham10000-image"}}
    with pytest.raises(StudyError, match="data fetch ham10000"):
        prepare(RunSpec.parse(real), folders(tmp_path))


def test_a_failed_download_stops_the_run_before_images_are_decoded(tmp_path, monkeypatch):
    from lib.models import backbones
    from lib.training import prepare as module

    def offline(*arguments, **options):
        raise ConnectionError("no route")

    monkeypatch.setattr(backbones.timm, "create_model", offline)
    monkeypatch.setattr(module, "open_cache", lambda *a: pytest.fail("images were decoded"))
    spec = RunSpec.parse({**SPEC, "model": {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"}})
    with pytest.raises(StudyError, match="could not be downloaded"):
        prepare(spec, folders(tmp_path))


def test_an_external_set_of_other_classes_stops_the_run_before_training(real_data, tmp_path):
    spec = {**SPEC, "dataset": "malignant-vs-benign", "task": "dx", "split": {"name": "malignant-vs-benign"}}
    with pytest.raises(StudyError, match=r"'isic2018-test' has the classes akiec.*not benign/malignant"):
        prepare(RunSpec.parse({**spec, "external": ["isic2018-test"]}), Folders(real_data, tmp_path, tmp_path))


def test_early_stopping_stops(tmp_path):
    # Steps too small to change a weight: the validation loss stays where it is.
    still = {**SPEC, "epochs": 8, "early_stopping_patience": 2, "optimizer": {"name": "sgd", "lr": 1.0e-12}}
    assert len(get_or_train(RunSpec.parse(still), folders(tmp_path)).history) == 3


def test_a_diverged_training_says_so(tmp_path):
    wild = {**SPEC, "epochs": 2, "optimizer": {"name": "sgd", "lr": 1.0e9}}
    with pytest.raises(StudyError, match="lower optimizer.lr"):
        get_or_train(RunSpec.parse(wild), folders(tmp_path))


@pytest.mark.slow
def test_a_frozen_backbone_is_run_once_and_its_head_trains(tmp_path, monkeypatch):
    import timm

    from lib.models import features

    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "cache"))
    model = timm.create_model("test_convnext", num_classes=10)
    keep(tmp_path, "test_convnext", model.state_dict())
    extracted = []
    extract = features._extract
    monkeypatch.setattr(features, "_extract", lambda *a, **k: extracted.append(1) or extract(*a, **k))
    head = {"backbone": "test_convnext", "weights": "local", "train": "head"}
    frozen = {**SPEC, "augmentation": {}, "model": head, "epochs": 2}
    records = [get_or_train(RunSpec.parse({**frozen, "seed": seed}), folders(tmp_path)) for seed in (0, 1)]
    assert len(extracted) == 1
    copied = get_or_train(RunSpec.parse({**frozen, "offline": {"target": 80}}), folders(tmp_path))
    assert len(extracted) == 2 and sum(copied.info["data"]["synthetic"]["offline"]["n"].values()) > 0
    assert not np.array_equal(copied.arrays("test")[1], records[0].arrays("test")[1])
    assert records[0].info["weights"]["source"] == "made here"
    assert records[0].info["parameters_trained"] == model.num_features + 1
    assert not np.array_equal(records[0].arrays("test")[1], records[1].arrays("test")[1])


def test_external_sets_are_predicted(real_data, tmp_path):
    everything = {"task": "dx", "loss": {"name": "cross_entropy"}, "external": ["isic2018-test"], "epochs": 1}
    spec = RunSpec.parse({**SPEC, **everything})
    record = get_or_train(spec, Folders(real_data, tmp_path, tmp_path))
    outside = record.subset("isic2018-test")
    assert len(outside) == record.info["n"]["isic2018-test"] == 1512
    assert outside["image_id"].str.startswith("ISIC_").all() and not outside["seen"].any()
    assert record.info["data"]["isic2018-test"]["synthetic"] is False


def test_diagnoses_without_a_class_are_predicted_but_not_scored(tmp_path):
    everything = {"task": "dx", "loss": {"name": "cross_entropy"}, "external": ["synthetic-external"], "epochs": 1}
    record = get_or_train(RunSpec.parse({**SPEC, **everything}), folders(tmp_path))
    scc = record.subset("synthetic-external:scc")
    assert len(scc) == record.info["n"]["synthetic-external:scc"] > 0 and (scc["target"] == -1).all()
    assert scc[list(record.columns)].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(scc)), abs=1e-5)
    assert set(record.info["metrics"]["best"]) == {"val", "test", "synthetic-external"}
    kept = record.subset("synthetic-external")
    assert (
        len(kept) == record.info["n"]["synthetic-external"]
        and not set(kept["image_id"]) & set(scc["image_id"])
        and not kept["seen"].any()
    )


@pytest.mark.slow
def test_two_devices_train_what_one_does(tmp_path):
    """Each batch is shared and its gradients are averaged: no random numbers in the network, no image padded twice."""
    alone = RunSpec.parse(
        {**SPEC, "epochs": 2, "batch_size": 8, "model": {"backbone": "test_convnext", "weights": "none"}}
    )
    n = len(prepare(alone, folders(tmp_path)).sets["train"])
    values = {
        **alone.model_dump(mode="json", by_alias=True),
        "batch_size": 2 * max(d for d in range(1, 9) if n % (2 * d) == 0),
    }
    spec = RunSpec.parse(values)
    one = get_or_train(spec, folders(tmp_path / "one"))
    two = get_or_train(spec, Folders(tmp_path, tmp_path, tmp_path / "two", devices=2))
    assert (one.info["environment"]["devices"], two.info["environment"]["devices"]) == (1, 2)
    for column in ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "test_loss"):
        assert two.history[column].to_numpy() == pytest.approx(one.history[column].to_numpy(), abs=1e-4), column
    assert two.logits("test") == pytest.approx(one.logits("test"), abs=0.01)
    assert one.history["train_loss"].nunique() == 2


def test_a_batch_that_devices_cannot_share_is_refused(tmp_path):
    with pytest.raises(StudyError, match="batch size 32"):
        get_or_train(RunSpec.parse(SPEC), Folders(tmp_path, tmp_path, tmp_path, devices=3))


def test_training_statistics_normalize_to_zero_mean(tmp_path):
    spec = RunSpec.parse({**SPEC, "preprocessing": {"normalization": "train"}})
    ready = prepare(spec, folders(tmp_path))
    images = np.stack([ready.sets["train"].images[r] for r in ready.sets["train"].rows]).transpose(0, 3, 1, 2)
    normalized = ready.net[0](torch.from_numpy(images))
    assert normalized.mean(dim=(0, 2, 3)).abs().max() < 1e-3
    assert (normalized.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-3


@pytest.mark.slow
def test_parts_smoothing_and_selection_by_accuracy(tmp_path):
    parts = {"pooling": "dual", "attention": "sevector", "head": "mlp256"}
    model = {"backbone": "test_convnext", "weights": "none", **parts}
    values = {**SPEC, "model": model, "monitor": "val_accuracy", "epochs": 3, "task": "dx"}
    records = []
    for weight in (0.0, 10.0):
        loss = {"name": "cross_entropy", "feature_smoothing": weight}
        spec = RunSpec.parse({**values, "loss": loss})
        records.append(get_or_train(spec, folders(tmp_path)))
        history = records[-1].history
        assert records[-1].info["best_epoch"] == 1 + int(np.argmax(history["val_accuracy"]))  # the first of equals
        assert history["val_loss"].iloc[-1] == pytest.approx(records[-1].info["metrics"]["final"]["val"]["nll"], 1e-3)
    plain, smoothed = (r.history["train_loss"] for r in records)
    assert smoothed[0] > plain[0]  # the training loss holds the smoothing term, on the same first batches
    net = load_trained(spec, folders(tmp_path)).net
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    assert features_and_logits(net, images)[0].shape == (2, 256)


@pytest.mark.slow
def test_committed_records_are_of_their_splits(real_data):
    """The images of every committed record's test set are those that its split names today."""
    from lib.data.splits import make_split
    from lib.data.tasks import apply_task
    from lib.records.runs import all_records

    load, splits = functools.cache(load_index), {}
    records = all_records(REPO / "results")
    assert records
    for record in records:
        s = record.spec
        key = (s.dataset, s.task, s.split)
        if key not in splits:
            frame = apply_task(load(s.dataset, real_data), s.task)
            split = make_split(s.split.name, frame, fractions=s.split.fractions, seed=s.split.seed)
            splits[key] = {p: set(frame["image_id"][(split == p).to_numpy()]) for p in ("val", "test")}
        for part, ids in splits[key].items():
            assert set(record.rows(part)["image_id"]) == ids, record.folder.name
