"""Whether planned runs could start, and what memory they would take: without a GPU, weights or data."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lib.core.errors import StudyError
from lib.data.catalogue import LESION_CLASSES, SOURCES
from lib.data.tasks import TASKS
from lib.models.backbones import build_backbone, check_backbone, count_parameters
from lib.models.features import as_features
from lib.models.forward import Normalize
from lib.models.heads import build_head
from lib.models.iconvnext import features_and_logits
from lib.plan.spec import RunSpec
from lib.training.augment import build_augmenter
from lib.training.loaders import EpochSampler
from lib.training.module import Classifier, n_outputs
from lib.training.prepare import Folders, build

IMAGES = 2  # of the tiny batch; memory is counted for the run's own batch
STATES = {"adam": 2, "adamw": 2, "nadam": 2, "sgd": 1}  # numbers that the optimizer keeps for each weight


@dataclass(frozen=True)
class Demand:
    """``parameters``: trained numbers; ``gigabytes``: weights, gradients, optimizer and activations of a batch."""

    parameters: int
    gigabytes: float


def check(spec: RunSpec, weights_dir: Path, mixed: bool) -> Demand:
    """Build all of a run but its data and take one step on a tiny batch; shapes only, on torch's meta device.

    Args:
        weights_dir: local weights are looked for there if it exists.
        mixed: whether activations are in half precision.

    Raises:
        StudyError: the run could not start; its id is named.
    """
    try:
        if spec.model.weights == "imagenet" or (spec.model.weights == "local" and weights_dir.is_dir()):
            check_backbone(spec.model.backbone, spec.model.weights, weights_dir)
        return _step(spec, weights_dir, mixed)
    except Exception as error:  # whatever it is, this run could not start
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StudyError(f"{spec.run_id} could not start: {reason}") from error


def _step(spec: RunSpec, weights_dir: Path, mixed: bool) -> Demand:
    classes = TASKS[spec.task].classes or (SOURCES[spec.dataset].classes if spec.dataset in SOURCES else LESION_CLASSES)
    targets = torch.arange(IMAGES) % len(classes)
    counts = np.ones(len(classes))
    sampler = EpochSampler(targets.numpy(), spec.sampler, spec.seed)
    _update(Classifier(nn.Linear(1, 1), spec, counts, sampler, steps_per_epoch=2))
    size = spec.image_size
    stored = spec.augmentation.random_crop or size
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, stored, stored, 3), dtype=np.uint8)
    if augmenter := build_augmenter(spec.augmentation, size):
        images = np.stack([augmenter(image, seed) for seed, image in enumerate(images)])
    batch = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    random = spec.model_copy(update={"model": spec.model.model_copy(update={"weights": "none"})})
    with torch.device("meta"):
        if spec.model.train == "head":
            frozen, _ = build_backbone(spec.model.backbone, "none", 0, size)
            features = as_features(frozen, spec.model).eval()(torch.empty(batch.shape)).detach()
            net, batch = build_head(spec.model.head, features.shape[1:], n_outputs(spec.loss, len(classes))), features
        else:
            inner, weights = build(random, Folders(weights_dir, weights_dir, weights_dir), len(classes))
            net = nn.Sequential(Normalize(weights.mean, weights.std), inner)
    module = Classifier(net, spec, counts, sampler, steps_per_epoch=2)
    if module.mixer:
        batch, targets = module.mixer(batch, targets, 0, 0)
    saved = _backward(module.to("meta").train(), batch.to("meta"), targets.to("meta"))
    parameters = count_parameters(net)
    activations = saved / IMAGES * spec.batch_size / (2 if mixed else 1)
    return Demand(parameters, (4 * parameters * (2 + STATES[spec.optimizer.name]) + activations) / 1e9)


def _update(module: Classifier) -> None:
    """One step of the run's optimizer and schedule, on a single weight."""
    made = module.configure_optimizers()
    optimizer = made["optimizer"] if isinstance(made, dict) else made
    module(torch.ones(1, 1)).sum().backward()
    optimizer.step()
    if isinstance(made, dict):
        made["lr_scheduler"]["scheduler"].step()


def _backward(module: Classifier, images: torch.Tensor, targets: torch.Tensor) -> int:
    """Bytes that one forward pass keeps for its backward pass, which is taken too."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if not isinstance(tensor, nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage._cdata] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        if module.spec.loss.feature_smoothing:  # counts the classes of a batch, for which shapes are not enough
            features, logits = features_and_logits(module.net, images)
            loss = module.loss(logits, targets) + features.square().mean()
        else:
            loss = module.training_step((images, targets, None), 0)
    loss.backward()
    return sum(kept.values())
