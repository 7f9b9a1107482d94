"""All that a training needs, checked and built before any long work: images, subsets, network, weights, precision."""

from dataclasses import dataclass
from pathlib import Path

import lightning as L
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import Dataset

from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.cache import ImageCache, open_cache, resize_of
from lib.data.files.images import picture_size
from lib.data.splits import make_split
from lib.data.tasks import apply_task, left_out
from lib.models.backbones import WeightsInfo, build_backbone, check_backbone
from lib.models.features import frozen_features
from lib.models.forward import Normalize
from lib.models.heads import build_head
from lib.models.iconvnext import assemble, has_parts
from lib.plan.spec import RunSpec
from lib.training.augment import build_augmenter
from lib.training.device import check_gpu, resolve_precision
from lib.training.loaders import FeatureDataset, ImageDataset
from lib.training.module import n_outputs
from lib.training.offline import OfflineImages, offline_images


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
    sets: dict[str, Dataset]
    data: dict[str, dict]


@dataclass(frozen=True)
class _Images:
    """``frames`` by subset; ``sources``: the data set that each is of; by data set, ``stores`` as decoded and
    ``caches`` as networks see them outside training; ``copies`` of the offline phase."""

    frames: dict[str, pd.DataFrame]
    sources: dict[str, str]
    stores: dict[str, ImageCache]
    caches: dict[str, ImageCache]
    copies: OfflineImages | None


def prepare(spec: RunSpec, folders: Folders) -> Prepared:
    """Check everything and build what training needs; every error comes before any long work."""
    check_gpu()
    precision = resolve_precision(spec.precision)
    check_backbone(spec.model.backbone, spec.model.weights, folders.weights_dir)
    indexes = {name: load_index(name, folders.data_root) for name in (spec.dataset, *spec.external)}
    for index in indexes.values():
        resize_of(index, spec.preprocessing.resize)
    frames, sources, classes = _subsets(spec, indexes)
    L.seed_everything(spec.seed, verbose=False)
    # Built before images are decoded: a download that fails should cost no time.
    built = None if spec.model.train == "head" else build(spec, folders, len(classes))
    stores = {name: stored_images(index, spec) for name, index in indexes.items()}
    caches = {name: store.centred(spec.image_size) for name, store in stores.items()}
    copies = offline_images(stores[spec.dataset], frames["train"], spec.offline) if spec.offline else None
    images = _Images(frames, sources, stores, caches, copies)
    net, weights, sets = (
        _trainable(spec, images, *built) if built else _frozen(spec, images, folders, precision, len(classes))
    )
    data = {name: _described(index, caches[name]) for name, index in indexes.items()}
    if copies:
        made = np.bincount(copies.targets, minlength=len(classes)).tolist()
        data[spec.dataset]["offline"] = {"pixels_sha256": copies.sha256, "n": dict(zip(classes, made, strict=True))}
    return Prepared(frames, caches, classes, net, weights, precision, sets, data)


def _subsets(
    spec: RunSpec, indexes: dict[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], dict[str, str], tuple[str, ...]]:
    """(frames by subset, the data set of each, the classes)."""
    frame = apply_task(indexes[spec.dataset], spec.task)
    classes = frame.attrs["target_classes"]
    split = make_split(spec.split.name, frame, fractions=spec.split.fractions, seed=spec.split.seed)
    frames = {part: frame[(split == part).to_numpy()].reset_index(drop=True) for part in ("train", "val", "test")}
    for part in ("train", "val"):
        if frames[part].empty:
            raise StudyError(f"split {spec.split.name!r} leaves no {part} images: choose other fractions.")
    for name in spec.external:
        frames[name] = apply_task(indexes[name], spec.task)
        if (others := frames[name].attrs["target_classes"]) != classes:
            raise StudyError(
                f"external set {name!r} has the classes {'/'.join(others)} under task {spec.task!r}, not "
                f"{'/'.join(classes)}: choose a task that gives both the same."
            )
    frames = {name: f for name, f in frames.items() if not f.empty}
    sources = {name: name if name in spec.external else spec.dataset for name in frames}
    for name in spec.external:  # predicted, but in no metric
        other = {f"{name}:{dx}": f for dx, f in left_out(indexes[name], spec.task).items()}
        frames, sources = frames | other, sources | dict.fromkeys(other, name)
    return frames, sources, classes


def _described(index: pd.DataFrame, cache: ImageCache) -> dict:
    return {
        "index_sha256": index.attrs["sha256"],
        "pixels_sha256": cache.sha256,
        "picture_px": picture_size(index["path"]),
        "synthetic": bool(index.attrs["synthetic"]),
    }


def stored_images(index: pd.DataFrame, spec: RunSpec) -> ImageCache:
    """The images of ``index`` as ``spec`` decodes them: larger than the input where training cuts at random."""
    size = spec.augmentation.random_crop or spec.image_size
    return open_cache(index, size, spec.preprocessing.resize, spec.preprocessing.detail_px)


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


def _trainable(
    spec: RunSpec, images: _Images, net: nn.Module, weights: WeightsInfo
) -> tuple[nn.Module, WeightsInfo, dict[str, Dataset]]:
    store, train = images.stores[spec.dataset], images.frames["train"]
    mean, std = _statistics(spec, weights, train, store)
    model = nn.Sequential(Normalize(mean, std), net.to(memory_format=torch.channels_last))
    extra = (images.copies.images, images.copies.targets) if images.copies else None
    sets = {name: ImageDataset(images.caches[images.sources[name]], f) for name, f in images.frames.items()}
    sets["train"] = ImageDataset(store, train, build_augmenter(spec.augmentation, spec.image_size), spec.seed, extra)
    return model, weights, sets


def _frozen(
    spec: RunSpec, images: _Images, folders: Folders, precision: str, n_classes: int
) -> tuple[nn.Module, WeightsInfo, dict[str, Dataset]]:
    def extract(cache: ImageCache) -> tuple[np.ndarray, WeightsInfo]:
        return frozen_features(cache, spec.model, precision, folders.weights_dir)

    features = {name: extract(c) for name, c in images.caches.items()}
    sets = {}
    for name, frame in images.frames.items():
        source = images.sources[name]
        inputs = features[source][0][images.caches[source].at(frame["image_id"])]
        targets = frame["target"].to_numpy()
        if name == "train" and images.copies:
            inputs = np.concatenate([inputs, extract(images.copies.cache())[0]])
            targets = np.concatenate([targets, images.copies.targets])
        sets[name] = FeatureDataset(inputs, targets)
    values, weights = features[spec.dataset]
    head = build_head(spec.model.head, values.shape[1:], n_outputs(spec.loss, n_classes))
    if spec.model.head == "linear" and spec.sampler == "shuffle" and spec.loss.class_weights == "none":
        # From the class prior: Adam's small steps would overfit the weights before the bias gets there.
        prior = np.bincount(sets["train"].targets, minlength=n_classes) / len(sets["train"])
        log_odds = np.log(prior[1:] / prior[0]) if spec.loss.name == "bce" else np.log(prior)
        head[-1].bias.data = torch.tensor(log_odds, dtype=torch.float32)
    return head, weights, sets


def _statistics(
    spec: RunSpec, weights: WeightsInfo, train: pd.DataFrame, cache: ImageCache
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std per channel (0..1 scale) that the specification's normalization asks for."""
    if spec.preprocessing.normalization == "model":
        return weights.mean, weights.std
    if spec.preprocessing.normalization == "half":
        return (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
    total, squares, n = np.zeros(3), np.zeros(3), 0
    for row in cache.at(train["image_id"]):
        pixels = cache.images[row].reshape(-1, 3) / 255
        total += pixels.sum(axis=0)
        squares += (pixels**2).sum(axis=0)
        n += len(pixels)
    mean = total / n
    return tuple(mean), tuple(np.sqrt(squares / n - mean**2))
