"""Ways to make a trained network smaller that need no training: int8 weights, zeroed weights, fewer hidden units."""

import copy
import warnings

import torch
from torch import nn
from torch.nn.utils import prune

from lib.core.errors import StudyError


def quantized(model: nn.Module) -> nn.Module:
    """PyTorch's dynamic int8 quantization of all linear layers (a copy); runs on a CPU only.

    Weights are int8 with one scale per layer; activations are quantized as they come.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.ao.quantization is deprecated")
        warnings.filterwarnings("ignore", message="torch.quantize_per_tensor", category=UserWarning)
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)


def pruned(model: nn.Module, sparsity: float) -> nn.Module:
    """Set the ``sparsity`` share of smallest weights of each convolution and linear layer to zero, in place.

    Biases and normalization layers stay. The tensors stay dense.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            before = module.weight.detach()
            # torch ranks by a flat view, which weights in channels-last order do not have.
            prune.l1_unstructured(module, "weight", sparsity, importance_scores=before.contiguous())
            prune.remove(module, "weight")
            # In the order in memory that they had: another one takes another time.
            module.weight.data = torch.empty_like(before).copy_(module.weight.data)
    return model


def thinned(model: nn.Module, share: float, size: int) -> nn.Module:
    """A copy without the ``share`` of least important hidden units of every MLP block (torch-pruning).

    Importance is the L2 norm of all weights that belong to a unit (Fang et al., CVPR 2023: DepGraph). Only the
    hidden width of blocks with ``fc1`` and ``fc2`` shrinks, where ConvNeXt and ViT keep most of their weights;
    whatever depends on it (``fc2``, normalization between them) follows.

    Args:
        model: uint8 [B, 3, size, size] to logits.

    Raises:
        StudyError: the model has no such block.
    """
    import torch_pruning as tp  # nothing else here needs it

    model = copy.deepcopy(model)
    widths = [m.fc1 for m in model.modules() if isinstance(getattr(m, "fc1", None), nn.Linear | nn.Conv2d)]
    if not widths:
        raise StudyError(f"{type(model).__name__} has no MLP block with fc1: structured pruning takes ConvNeXt or ViT.")
    chosen = {id(m) for m in widths}
    others = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d) and id(m) not in chosen]
    example = torch.zeros(2, 3, size, size, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unwrapped parameters detected")  # layer scale, position: not touched
        pruner = tp.pruner.BasePruner(
            model,
            example,
            importance=tp.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=share,
            ignored_layers=others,
        )
        pruner.step()
    return model.eval()
