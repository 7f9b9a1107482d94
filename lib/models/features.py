"""Features of a frozen backbone, pooled or as a map, computed once per image and kept."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lib.core.errors import StudyError
from lib.core.paths import cache_dir
from lib.data.cache import ImageCache, stored_array
from lib.models.backbones import WeightsInfo, backbone_digest, build_backbone
from lib.models.forward import Normalize, forward, image_batches
from lib.plan.spec import Model

BATCH = 64


class FeatureMap(nn.Module):
    """Last feature map of a timm model, averaged to ``grid`` x ``grid`` positions: images to float [B, C, grid, grid].

    At the map's own size (7 for stride 32 at 224 px) it is the map itself. A transformer's map is its patch tokens.
    """

    def __init__(self, net: nn.Module, grid: int):
        super().__init__()
        self.net, self.grid = net, grid

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.net.forward_features(images)
        if features.ndim == 3:
            tokens = features[:, self.net.num_prefix_tokens :]
            features = tokens.transpose(1, 2).unflatten(2, self.net.patch_embed.grid_size)
        if min(features.shape[2:]) < self.grid:
            raise StudyError(
                f"the feature map has {features.shape[2]}x{features.shape[3]} positions: "
                f"model.feature_grid {self.grid} is larger."
            )
        return F.adaptive_avg_pool2d(features, self.grid)


def frozen_backbone(model: Model, size: int, folder: Path | None = None) -> tuple[nn.Module, WeightsInfo, str]:
    """(normalized uint8 images [B, 3, size, size] to features, description of the weights, their digest).

    Pooled features [B, D] (before the classifier), or with ``feature_grid`` a :class:`FeatureMap`. Weights ``none``
    (trials on synthetic images) are drawn from a fixed seed, so that they are the same whenever they are built.
    """
    with torch.random.fork_rng(devices=[], enabled=model.weights == "none"):
        if model.weights == "none":
            torch.manual_seed(0)
        net, info = build_backbone(model.backbone, model.weights, 0, size, folder=folder)
    digest = info.sha256 or backbone_digest(net)
    return nn.Sequential(Normalize(info.mean, info.std), as_features(net, model)), info, digest


def as_features(net: nn.Module, model: Model) -> nn.Module:
    """``net`` without classifier, to pooled features or to the map that ``model`` asks for."""
    return FeatureMap(net, model.feature_grid) if model.feature_grid else net


def frozen_features(
    cache: ImageCache, model: Model, precision: str, folder: Path | None = None
) -> tuple[np.ndarray, WeightsInfo]:
    """Features float16 [N, D] (or [N, C, grid, grid]) of all images of ``cache``, in its order, and the weights.

    Computed without augmentation at the cache's size and kept under ``<cache>/features``, keyed by pixels, weights,
    normalization (of the input and BatchNorm's epsilon) and precision. ``folder`` is the folder of local weights.
    """
    size = cache.images.shape[1]
    net, info, digest = frozen_backbone(model, size, folder)
    name = f"{model.backbone}-{model.weights}"
    key = f"{name}-{digest[:8]}-{normalization_digest(net)}-{cache.sha256[:12]}-{precision}"
    key += f"-grid{model.feature_grid}" if model.feature_grid else ""
    path = cache_dir() / "features" / f"{key}.npy"
    title = f"features of {model.backbone}"
    note = {"weights": info.as_dict(), "image_size": size}
    features, _ = stored_array(path, lambda p: np.save(p, _extract(net, cache.images, precision, title)), note)
    return features, info


def normalization_digest(model: nn.Module) -> str:
    """Digest of what scales a network's input and activations beside its weights: mean, std, epsilons of its norms."""
    own, eps = model[0], {getattr(m, "eps", None) for m in model.modules()} - {None}
    content = [own.mean.flatten().tolist(), own.std.flatten().tolist(), sorted(eps)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:8]


def _extract(model: nn.Module, images: np.ndarray, precision: str, title: str) -> np.ndarray:
    model = model.to(memory_format=torch.channels_last)
    total = -(-len(images) // BATCH)
    return forward(model, image_batches(images, size=BATCH), precision, title, total).astype(np.float16)
