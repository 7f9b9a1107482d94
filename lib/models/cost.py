"""What a backbone costs: parameters and multiply-accumulates, without weights or images."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lib.models.backbones import build_backbone, count_parameters


def backbone_cost(name: str, image_size: int, n_outputs: int = 0) -> dict[str, float]:
    """Millions of ``parameters`` and ``gmacs`` (10^9 multiply-accumulates per image) of a timm backbone.

    Counted on the meta device, where nothing is computed.
    """
    with torch.device("meta"):
        net, _ = build_backbone(name.split(".")[0], "none", n_outputs, image_size)
    return {"parameters": count_parameters(net) / 1e6, "gmacs": multiply_accumulates(net, image_size) / 1e9}


def multiply_accumulates(net: nn.Module, image_size: int) -> int:
    """Of one image through ``net`` (on the meta device): half of the floating-point operations that torch counts.

    Convolutions and matrix products, attention included; normalization and activations are left out.
    """
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        net.eval()(torch.empty(1, 3, image_size, image_size, device="meta"))
    return counter.get_total_flops() // 2
