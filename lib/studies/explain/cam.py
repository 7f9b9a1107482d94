"""Grad-CAM (Selvaraju et al. 2017) by the package ``grad-cam``, for every architecture of the study."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import BinaryClassifierOutputTarget, ClassifierOutputTarget
from torch import nn

from lib.core.errors import StudyError

BATCH = 32
LEAST_CELLS = 4
"""The last convolution of a network that halves five times sees a 64-pixel image as 2 x 2 cells, which cannot show a
place: the layer taken is the last whose map has this many cells per side (at 128 pixels or more, the last of all)."""


def _by_resolution(net: nn.Module) -> list[str]:
    """timm's names of the last layer at each resolution, deepest first."""
    return [info["module"] for info in reversed(net.feature_info)]


def _before_pooling(net: nn.Module) -> list[str]:
    """The last but one layer of each block, deepest first: the ReLU before a max-pooling."""
    return [f"blocks.{number}.{len(block) - 2}" for number, block in reversed([*enumerate(net.blocks)])]


# Class of the timm model -> names of the layers to choose from, deepest first. MobileNetV3's last convolution comes
# after the pooling, so its last block is taken; of a transformer the last block's first norm, since
# after it only the class token reaches the classifier.
FAMILIES: dict[str, Callable[[nn.Module], list[str]]] = {
    "BaseCNN": _before_pooling,
    "ConvNeXt": _by_resolution,
    "DenseNet": _by_resolution,
    "EfficientNet": lambda net: ["bn2", *_by_resolution(net)[1:]],
    "MobileNetV3": _by_resolution,
    "PlainCNN": _before_pooling,
    "ResNet": _by_resolution,
    "VisionTransformer": lambda net: [f"blocks.{len(net.blocks) - 1}.norm1"],
}


@dataclass(frozen=True)
class TargetLayer:
    """The layer whose maps are weighted: its name in the backbone, its cells (height, width), and for transformers
    the transform of tokens [B, T, C] to maps [B, C, h, w]."""

    module: nn.Module
    name: str
    cells: tuple[int, int]
    reshape: Callable[[torch.Tensor], torch.Tensor] | None


def find_target(net: nn.Module, size: int) -> TargetLayer:
    """Grad-CAM's layer in ``net`` (uint8 images of ``size`` pixels to logits), wherever the backbone stands in it.

    Raises:
        StudyError: no part of ``net`` belongs to a family of ``FAMILIES``.
    """
    backbone, family = _find_backbone(net)
    reshape = _token_maps(backbone) if family == "VisionTransformer" else None
    layers = {name: backbone.get_submodule(name) for name in FAMILIES[family](backbone)}
    cells = {name: _cells(net, layer, size, reshape) for name, layer in layers.items()}
    name = max(cells, key=lambda n: min(LEAST_CELLS, *cells[n]))  # of equal ones the deepest
    return TargetLayer(layers[name], name, cells[name], reshape)


def grad_cam(net: nn.Module, target: TargetLayer, images: torch.Tensor, explained: np.ndarray) -> np.ndarray:
    """Maps float32 [N, h, w] >= 0 of the target layer: ReLU of the channels' sum weighted by their mean gradient.

    Unlike the package's pictures the maps are not stretched to 0..1, which would take the minimum away and so change
    where the energy is; :func:`stretched` does it for display.

    Args:
        net: uint8 [B, 3, S, S] to logits [B, K], or [B, 1] for two classes; its parameters are frozen by this call.
        images: uint8 [N, 3, S, S].
        explained: int [N], the class whose logit is differentiated (of one logit z, class 0 has -z).
    """
    net = net.requires_grad_(False).eval()
    # Gradients are wanted from the layer on: nothing before it need be kept for the backward pass.
    handle = target.module.register_forward_hook(lambda _m, _i, output: output.requires_grad_().clone())
    maps = []
    try:
        with GradCAM(net, [target.module], target.reshape) as cam:
            for start in range(0, len(images), BATCH):
                block = images[start : start + BATCH]
                targets = [partial(_logit_of, int(c)) for c in explained[start : start + BATCH]]
                cam(block, targets)
                kept = cam.activations_and_grads
                activations, gradients = kept.activations[0].numpy(), kept.gradients[0].numpy()
                weighted = cam.get_cam_image(block, target.module, targets, activations, gradients)
                maps.append(np.maximum(weighted, 0).astype(np.float32))
    finally:
        handle.remove()
    return np.concatenate(maps)


def _logit_of(number: int, logits: torch.Tensor) -> torch.Tensor:
    """The logit of a class, also where one logit stands for two classes."""
    kind = BinaryClassifierOutputTarget if len(logits) == 1 else ClassifierOutputTarget
    return kind(number)(logits)


def enlarged(maps: np.ndarray, size: int) -> np.ndarray:
    """Maps [N, h, w] brought to float32 [N, size, size], bilinear, as the package does."""
    return np.stack([cv2.resize(np.float32(m), (size, size), interpolation=cv2.INTER_LINEAR) for m in maps])


def stretched(cam: np.ndarray) -> np.ndarray:
    """A map stretched to 0..1 for display; one that is flat becomes 0."""
    span = cam.max() - cam.min()
    return (cam - cam.min()) / span if span > 0 else np.zeros_like(cam)


def _find_backbone(net: nn.Module) -> tuple[nn.Module, str]:
    for module in net.modules():
        for kind in type(module).__mro__:
            if kind.__name__ in FAMILIES:
                return module, kind.__name__
    found = ", ".join(dict.fromkeys(type(m).__name__ for m in net.children())) or type(net).__name__
    raise StudyError(
        f"no layer for Grad-CAM is known in this network ({found}); known families: {', '.join(FAMILIES)}. "
        "Add its family to lib.studies.explain.cam.FAMILIES."
    )


def _token_maps(backbone: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    prefix, grid = backbone.num_prefix_tokens, backbone.patch_embed.grid_size
    return lambda tokens: tokens[:, prefix:].transpose(1, 2).unflatten(2, grid)


def _cells(net: nn.Module, layer: nn.Module, size: int, reshape) -> tuple[int, int]:
    shapes = []
    handle = layer.register_forward_hook(lambda _m, _i, o: shapes.append((reshape(o) if reshape else o).shape[-2:]))
    device = next(net.parameters()).device
    try:
        with torch.inference_mode():
            net.eval()(torch.zeros(1, 3, size, size, dtype=torch.uint8, device=device))
    finally:
        handle.remove()
    return tuple(shapes[0])
