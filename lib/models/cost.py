"""What a backbone costs: parameters and multiply-accumulates, without weights or images."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from lib.models.backbones import build_backbone, count_parameters


def backbone_cost(name: str, image_size: int, n_outputs: int = 0) -> dict[str, float]:
    """Millions of ``parameters`` and ``gmacs`` (10^9 multiply-accumulates an image) of a timm backbone.

    Counted on the meta device, where nothing is computed: convolutions and matrix products, as torch's counter has
    them (attention included), half its floating-point operations; normalization and activations are left out.
    """
    with torch.device("meta"):
        net, _ = build_backbone(name.split(".")[0], "none", n_outputs, image_size)
        images = torch.empty(1, 3, image_size, image_size)
    counter = FlopCounterMode(display=False)
    with counter, torch.inference_mode():
        net.eval()(images)
    return {"parameters": count_parameters(net) / 1e6, "gmacs": counter.get_total_flops() / 2e9}
