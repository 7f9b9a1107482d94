"""Execute a run: from its specification to its record. The same specification never trains twice."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import lightning as L
import numpy as np
import pandas as pd
import torch
from filelock import FileLock
from torch import nn

from lib.core.environment import git_commit, versions
from lib.core.errors import StudyError
from lib.core.files import write_json
from lib.data import load_index
from lib.data.cache import ImageCache, open_cache, resize_of
from lib.data.files.images import picture_size
from lib.data.splits import make_split
from lib.data.tasks import apply_task, left_out
from lib.evaluation.metrics import probabilities, summarize
from lib.models.backbones import WeightsInfo, build_backbone, check_backbone, count_parameters, local_digest
from lib.models.features import frozen_features
from lib.models.heads import build_head
from lib.models.iconvnext import assemble, has_parts
from lib.models.normalize import Normalize
from lib.plan.spec import RECIPE, RunSpec
from lib.records.runs import Record, as_stored, check_origin, has_record, read_record, write_record
from lib.training.augment import build_augmenter
from lib.training.device import check_gpu, device_name, resolve_precision
from lib.training.fit import Fitted, discard_resume_point, fit
from lib.training.loaders import FeatureDataset, ImageDataset
from lib.training.module import n_outputs
from lib.training.offline import offline_images


@dataclass(frozen=True)
class Folders:
    """Folders of data, local weights and results, and how many devices share a run."""

    data_root: Path
    weights_dir: Path
    results: Path
    devices: int = 1

    def checkpoints(self, spec: RunSpec) -> Path:
        return self.results / "checkpoints" / spec.run_id

    def lock(self, spec: RunSpec) -> Path:
        return self.results / "checkpoints" / f"{spec.run_id}.lock"


@dataclass(frozen=True)
class Prepared:
    """All that a training needs, checked: frames per subset with ``target``, the decoded images, the weights.

    ``caches`` hold images as networks see them outside training; ``frames`` hold no copies of the offline phase."""

    frames: dict[str, pd.DataFrame]
    caches: dict[str, ImageCache]
    classes: tuple[str, ...]
    net: nn.Module
    weights: WeightsInfo
    precision: str
    sets: dict
    data: dict


def get_or_train(spec: RunSpec, folders: Folders, *, train_missing: bool = True) -> Record:
    """The record of ``spec``: read if it is there, else trained (or a ``StudyError`` if that is not wanted)."""
    if has_record(folders.results, spec) or not train_missing:
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
    fitted = fit(
        ready.net,
        spec,
        ready.sets,
        len(ready.classes),
        folder,
        ready.precision,
        title=spec.run_id,
        devices=folders.devices,
    )
    info = _describe(ready, fitted, folders.devices, time.perf_counter() - started)
    logits = {("best", name): values for name, values in fitted.best.items()}
    if spec.track_test:
        logits["final", "test"] = fitted.final["test"]
    record = write_record(folders.results, spec, info, fitted.history, _images(ready), logits)
    discard_resume_point(folder)
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


def prepare(spec: RunSpec, folders: Folders) -> Prepared:
    """Check everything and build what training needs; every error comes before any long work."""
    check_gpu()
    precision = resolve_precision(spec.precision)
    check_backbone(spec.model.backbone, spec.model.weights, folders.weights_dir)
    indexes = {name: load_index(name, folders.data_root) for name in (spec.dataset, *spec.external)}
    for index in indexes.values():
        resize_of(index, spec.preprocessing.resize)
    frame = apply_task(indexes[spec.dataset], spec.task)
    classes = frame.attrs["target_classes"]
    split = make_split(spec.split.name, frame, fractions=spec.split.fractions, seed=spec.split.seed)
    frames = {part: _rows(frame, split == part) for part in ("train", "val", "test")}
    frames |= {name: apply_task(indexes[name], spec.task) for name in spec.external}
    for name in spec.external:
        if (others := frames[name].attrs["target_classes"]) != classes:
            raise StudyError(
                f"external set {name!r} has the classes {'/'.join(others)} under task {spec.task!r}, not "
                f"{'/'.join(classes)}: choose a task that gives both the same."
            )
    for part in ("train", "val"):
        if frames[part].empty:
            raise StudyError(f"split {spec.split.name!r} leaves no {part} images: choose other fractions.")
    frames = {name: f for name, f in frames.items() if not f.empty}
    sources = {name: name if name in spec.external else spec.dataset for name in frames}
    for name in spec.external:  # predicted, but in no metric
        other = {f"{name}:{dx}": f for dx, f in left_out(indexes[name], spec.task).items()}
        frames, sources = frames | other, sources | dict.fromkeys(other, name)
    L.seed_everything(spec.seed, verbose=False)
    # Built before images are decoded: a download that fails should cost no time.
    built = None if spec.model.train == "head" else build(spec, folders, len(classes))
    stores = {name: stored_images(index, spec) for name, index in indexes.items()}
    caches = {name: store.centred(spec.image_size) for name, store in stores.items()}
    copies = offline_images(stores[spec.dataset], frames["train"], spec.offline) if spec.offline else None
    if built:
        net, weights, sets = _trainable(spec, *built, frames, sources, caches, stores, copies)
    else:
        net, weights, sets = _frozen(spec, folders, precision, frames, sources, caches, copies, len(classes))
    data = {
        name: {
            "index_sha256": indexes[name].attrs["sha256"],
            "pixels_sha256": caches[name].sha256,
            "picture_px": picture_size(indexes[name]["path"]),
            "synthetic": bool(indexes[name].attrs["synthetic"]),
        }
        for name in indexes
    }
    if copies:
        made = np.bincount(copies.targets, minlength=len(classes)).tolist()
        data[spec.dataset]["offline"] = {"pixels_sha256": copies.sha256, "n": dict(zip(classes, made, strict=True))}
    return Prepared(frames, caches, classes, net, weights, precision, sets, data)


def stored_images(index: pd.DataFrame, spec: RunSpec) -> ImageCache:
    """The images of ``index`` as ``spec`` decodes them: larger than the input where training cuts at random."""
    size = spec.augmentation.random_crop or spec.image_size
    return open_cache(index, size, spec.preprocessing.resize, spec.preprocessing.detail_px)


def evaluation_cache(index: pd.DataFrame, spec: RunSpec) -> ImageCache:
    """The images of ``index`` as the network of ``spec`` sees them outside training."""
    return stored_images(index, spec).centred(spec.image_size)


def _rows(frame: pd.DataFrame, mask: pd.Series) -> pd.DataFrame:
    rows = frame[mask.to_numpy()].reset_index(drop=True)
    rows.attrs = frame.attrs
    return rows


def build(spec: RunSpec, folders: Folders, n_classes: int) -> tuple[nn.Module, WeightsInfo]:
    """The network of a run that trains all of it, for normalized images, and what is known of its weights."""
    outputs = n_outputs(spec.loss, n_classes)
    net, weights = build_backbone(
        spec.model.backbone,
        spec.model.weights,
        0 if has_parts(spec.model) else outputs,
        spec.image_size,
        drop_path=spec.model.drop_path,
        folder=folders.weights_dir,
    )
    return assemble(net, spec.model, outputs, spec.image_size) if has_parts(spec.model) else net, weights


def _trainable(spec, net, weights, frames, sources, caches, stores, copies):
    mean, std = _statistics(spec, weights, frames["train"], stores[spec.dataset])
    model = nn.Sequential(Normalize(mean, std), net.to(memory_format=torch.channels_last))
    augmenter = build_augmenter(spec.augmentation, spec.image_size)
    extra = (copies.images, copies.targets) if copies else None
    sets = {
        "train": ImageDataset(stores[spec.dataset], frames["train"], augmenter, spec.seed, extra),
        **{name: ImageDataset(caches[sources[name]], f) for name, f in frames.items() if name != "train"},
    }
    return model, weights, sets


def _frozen(spec, folders, precision, frames, sources, caches, copies, n_classes):
    def extract(cache: ImageCache):
        model, folder = spec.model, folders.weights_dir
        return frozen_features(cache, model.backbone, model.weights, precision, folder, model.feature_grid)

    features = {name: extract(c) for name, c in caches.items()}
    sets = {}
    for name, frame in frames.items():
        rows = [caches[sources[name]].rows[i] for i in frame["image_id"]]
        sets[name] = FeatureDataset(features[sources[name]][0][rows], frame["target"].to_numpy())
    if copies:
        real, further = sets["train"], extract(copies.cache())[0]
        joined = (
            np.concatenate([real.features.numpy(), further]),
            np.concatenate([real.targets.numpy(), copies.targets]),
        )
        sets["train"] = FeatureDataset(*joined)
    values, weights = features[spec.dataset]
    head = build_head(spec.model.head, values.shape[1:], n_outputs(spec.loss, n_classes))
    if spec.model.head == "linear" and spec.sampler == "shuffle" and spec.loss.class_weights == "none":
        # From the class prior: Adam's small steps would overfit the weights before the bias gets there.
        prior = np.bincount(sets["train"].targets, minlength=n_classes) / len(sets["train"])
        log_odds = np.log(prior[1:] / prior[0]) if spec.loss.name == "bce" else np.log(prior)
        head[-1].bias.data = torch.tensor(log_odds, dtype=torch.float32)
    return head, weights, sets


def _statistics(spec: RunSpec, weights: WeightsInfo, train: pd.DataFrame, cache: ImageCache):
    """Mean and std per channel (0..1 scale) that the specification's normalization asks for."""
    if spec.preprocessing.normalization == "model":
        return weights.mean, weights.std
    if spec.preprocessing.normalization == "half":
        return (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
    total, squares, n = np.zeros(3), np.zeros(3), 0
    for image_id in train["image_id"]:
        pixels = cache.images[cache.rows[image_id]].reshape(-1, 3) / 255
        total += pixels.sum(axis=0)
        squares += (pixels**2).sum(axis=0)
        n += len(pixels)
    mean = total / n
    return tuple(mean), tuple(np.sqrt(squares / n - mean**2))


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
