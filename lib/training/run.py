"""Execute a run: from its specification to its record. The same specification never trains twice."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from lib.core.environment import git_commit, versions
from lib.core.errors import StudyError
from lib.core.files import write_json
from lib.evaluation.metrics import probabilities, summarize
from lib.models.backbones import count_parameters, local_digest
from lib.plan.spec import RECIPE, RunSpec
from lib.records.runs import Record, as_stored, check_origin, has_record, read_record, write_record
from lib.training.device import device_name
from lib.training.fit import Fitted, fit
from lib.training.prepare import Folders, Prepared, prepare


def get_or_train(spec: RunSpec, folders: Folders) -> Record:
    """The record of ``spec``: read if it is there, else trained."""
    if has_record(folders.results, spec):
        record = read_record(folders.results, spec)
        check_origin(record, local_digest(spec.model, folders.weights_dir))
        return record
    lock = folders.lock(spec)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):  # another process may be training it
        if has_record(folders.results, spec):
            return read_record(folders.results, spec)
        return execute(spec, folders)


def execute(spec: RunSpec, folders: Folders) -> Record:
    """Train as ``spec`` says, resuming where a killed run left off, and write the record."""
    if spec.recipe != RECIPE:
        raise StudyError(
            f"{spec.run_id} is of recipe {spec.recipe}, which this code no longer trains (it has recipe {RECIPE}): "
            "restore its record, or plan the run anew."
        )
    started = time.perf_counter()
    ready = prepare(spec, folders)
    folder = folders.checkpoints(spec)
    _check_resumed(folder, ready)
    fitted = fit(ready, spec, folder, title=spec.run_id, devices=folders.devices)
    info = _describe(ready, fitted, folders.devices, time.perf_counter() - started)
    logits = {("best", name): values for name, values in fitted.best.items()}
    if spec.track_test:
        logits["final", "test"] = fitted.final["test"]
    record = write_record(folders.results, spec, info, fitted.history, _images(ready), logits)
    (folder / "last.ckpt").unlink(missing_ok=True)  # the selected weights stay
    return record


def _check_resumed(folder: Path, ready: Prepared) -> None:
    """A run goes on only with the weights, images and precision that it was begun with.

    Raises:
        StudyError: what the folder says of its beginning is not what is at hand now.
    """
    pixels = {name: data["pixels_sha256"] for name, data in ready.data.items()}
    now = {"precision": ready.precision, "weights": ready.weights.sha256, "pixels": pixels}
    file = folder / "begun.json"
    if not file.is_file() or not (folder / "last.ckpt").is_file():
        write_json(file, now)
        return
    begun = json.loads(file.read_text(encoding="utf-8"))
    if other := [name for name in now if begun.get(name) != now[name]]:
        raise StudyError(
            f"{folder.name} was begun with other {' and '.join(other)} than those at hand now "
            f"({begun.get(other[0])} then, {now[other[0]]} now): go on where it was begun, or delete {folder}."
        )


def _images(ready: Prepared) -> pd.DataFrame:
    """``lib.records.runs.IMAGE_COLUMNS`` of all images that are predicted."""
    trained = set(ready.frames["train"]["group"])
    parts = []
    for subset, frame in ready.frames.items():
        if subset != "train":
            part = frame[["image_id", "group", "target"]].assign(subset=subset)
            parts.append(part.assign(seen=part["group"].isin(trained).astype(int)))
    return pd.concat(parts, ignore_index=True)


def _describe(ready: Prepared, fitted: Fitted, devices: int, seconds: float) -> dict:
    def metrics(sets: dict[str, np.ndarray]) -> dict:
        scored = {
            name: (ready.frames[name], probabilities(as_stored(z))) for name, z in sets.items() if ":" not in name
        }
        return {name: summarize(frame["target"], p, frame["group"]) for name, (frame, p) in scored.items()}

    history = fitted.history
    steady = [row["images_per_second"] for row in history[1:]] or [history[0]["images_per_second"]]
    return {
        "classes": list(ready.classes),
        "n": {name: len(f) for name, f in ready.frames.items()},
        "best_epoch": fitted.best_epoch,
        "epochs_run": len(history),
        "parameters_trained": count_parameters(ready.net),
        "metrics": {"best": metrics(fitted.best), "final": metrics(fitted.final)},
        "timing": {
            "seconds_here": round(seconds, 1),
            "seconds_training": round(sum(row["seconds"] for row in history), 1),
            "images_per_second": float(np.median(steady)),
        },
        "environment": {
            "commit": git_commit(),
            "device": device_name(),
            "devices": devices,
            "precision": ready.precision,
            "versions": versions(),
        },
        "data": ready.data,
        "weights": ready.weights.as_dict(),
    }
