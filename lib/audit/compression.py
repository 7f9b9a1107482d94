"""Dynamic quantization and unstructured pruning, carried out on the real architecture.

Sizes and counts do not depend on the values of the weights, so that random ones serve. Only for models without
buffers (ConvNeXt has none).
"""

import functools
import io
import warnings
from dataclasses import dataclass

import timm
import torch
from torch import nn
from torch.nn.utils import prune

from lib.audit.finding import Outcome, judged
from lib.audit.networks import MIB, count
from lib.audit.rounding import Rounded


@dataclass(frozen=True)
class Compressed:
    """A model after compression.

    float_parameters: sum over ``model.parameters()``; stored_weights: all weights in the saved file, quantized ones
    too; zeros: weights that are exactly 0; bytes: size of the saved state dict.
    """

    float_parameters: int
    stored_weights: int
    zeros: int
    bytes: int


def _saved_bytes(model: nn.Module) -> int:
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return buffer.getbuffer().nbytes


def _tensors(model: nn.Module):
    """All weight and bias tensors, those inside quantized modules (packed, absent from parameters()) too."""
    yield from model.parameters()
    for module in model.modules():
        if isinstance(module, torch.ao.nn.quantized.dynamic.Linear):
            weight, bias = module.weight(), module.bias()
            yield weight.int_repr()
            yield bias


def measure(model: nn.Module) -> Compressed:
    """Counts and saved size of ``model``."""
    stored = list(_tensors(model))
    return Compressed(
        float_parameters=count(model),
        stored_weights=sum(t.numel() for t in stored),
        zeros=sum(t.numel() - int(torch.count_nonzero(t)) for t in stored),
        bytes=_saved_bytes(model),
    )


def quantize(model: nn.Module) -> nn.Module:
    """PyTorch's dynamic int8 quantization of all linear layers (a copy)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.ao.quantization is deprecated")
        warnings.filterwarnings("ignore", message="torch.quantize_per_tensor", category=UserWarning)
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)


def pruned(model: nn.Module, sparsity: float) -> nn.Module:
    """Set the ``sparsity`` share of smallest weights of each convolution and linear layer to zero, in place."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            prune.l1_unstructured(module, "weight", sparsity)
            prune.remove(module, "weight")
    return model


@functools.cache
def results(name: str, classes: int, sparsity: float) -> dict[str, Compressed]:
    """``base``, ``quantized``, ``pruned`` and ``pruned and quantized`` forms of a timm model, measured."""
    torch.manual_seed(0)
    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False, num_classes=classes).eval()
    model = model.to_empty(device="cpu")
    for tensor in model.parameters():
        nn.init.normal_(tensor, std=0.02)
    found = {"base": measure(model), "quantized": measure(quantize(model))}
    found["pruned"] = measure(pruned(model, sparsity))
    found["pruned and quantized"] = measure(quantize(model))
    return found


def quantized_size(published: Rounded, quantized: Compressed) -> Outcome:
    """Is the printed size in MiB that of the quantized model's file, or only that of its remaining float parameters?"""
    real, floats = quantized.bytes / MIB, 4 * quantized.float_parameters / MIB
    text = f"The saved quantized model has {real:.2f} MiB; printed are {published}."
    if not published.holds(real) and published.holds(floats):
        text += (
            f" {published} is 4 bytes times the {quantized.float_parameters:,} parameters that stay float; the "
            f"{quantized.stored_weights - quantized.float_parameters:,} weights of the quantized layers are left out."
        )
    return judged(published.holds(real), f"{real:.2f} MiB", text)


def size_reduction(published: Rounded, base: Compressed, compressed: Compressed) -> Outcome:
    """Is the printed reduction (fraction) the one that the same operation gives on disk?"""
    real = 1 - compressed.bytes / base.bytes
    text = (
        f"The same operation takes the saved file from {base.bytes / MIB:.2f} to {compressed.bytes / MIB:.2f} MiB, "
        f"{100 * real:.1f} % less; printed is {published}."
    )
    return judged(published.holds(real), f"{100 * real:.1f} %", text)


def weights_stored(published: int, compressed: Compressed) -> Outcome:
    """Is the printed number of parameters the number of weights that the model stores?"""
    text = f"The model stores {compressed.stored_weights:,} weights, {compressed.float_parameters:,} of them as float"
    if published == compressed.float_parameters != compressed.stored_weights:
        text += "; printed is the second number: packed int8 weights do not show in model.parameters()"
    holds = published == compressed.stored_weights
    return judged(holds, f"{compressed.stored_weights:,}", f"{text}; printed are {published:,}.")


def dense_cost(speedup: Rounded, base: Compressed, sparse: Compressed) -> Outcome:
    """Can zeroing weights explain a speed-up? The tensors stay dense, so that the arithmetic is the same.

    Compares the stored weights (and with them the multiply-accumulates of dense kernels) before and after.
    """
    same = base.stored_weights == sparse.stored_weights
    ratio = base.stored_weights / sparse.stored_weights
    text = (
        f"After pruning {sparse.zeros:,} of {sparse.stored_weights:,} weights are zero but stored, and dense kernels "
        f"multiply by them: the arithmetic is the same (ratio {ratio:.2f}). The printed speed-up of "
        f"{speedup} needs another reason, such as the order of the measurements or the warm-up."
    )
    return judged(not same or speedup.holds(1.0), f"{ratio:.2f}", text)
