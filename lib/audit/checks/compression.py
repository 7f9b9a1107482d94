"""Dynamic quantization and unstructured pruning, carried out on the real architecture.

Sizes and counts do not depend on the values of the weights, so that random ones serve. Only for models without
buffers (ConvNeXt has none), since they are built on torch's meta device.
"""

import functools

import timm
import torch
from torch import nn

from lib.audit.checks.networks import MIB
from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Outcome, judged
from lib.studies.compression.methods import pruned, quantized
from lib.studies.compression.sizes import Size, module_size


@functools.cache
def results(name: str, classes: int, sparsity: float) -> dict[str, Size]:
    """``base``, ``quantized``, ``pruned`` and ``pruned and quantized`` forms of a timm model, measured."""
    torch.manual_seed(0)
    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False, num_classes=classes).eval()
    model = model.to_empty(device="cpu")
    for tensor in model.parameters():
        nn.init.normal_(tensor, std=0.02)
    found = {"base": module_size(model), "quantized": module_size(quantized(model))}
    found["pruned"] = module_size(pruned(model, sparsity))
    found["pruned and quantized"] = module_size(quantized(model))
    return found


def quantized_size(published: Rounded, compressed: Size) -> Outcome:
    """Is the printed size in MiB that of the quantized model's file, or only that of its remaining float parameters?"""
    real, floats = compressed.bytes / MIB, 4 * compressed.float_parameters / MIB
    text = f"The saved quantized model has {real:.2f} MiB; printed are {published}."
    if not published.holds(real) and published.holds(floats):
        text += (
            f" {published} is 4 bytes times the {compressed.float_parameters:,} parameters that stay float; the "
            f"{compressed.stored_weights - compressed.float_parameters:,} weights of the quantized layers are left out."
        )
    return judged(published.holds(real), f"{real:.2f} MiB", text)


def size_reduction(published: Rounded, base: Size, compressed: Size) -> Outcome:
    """Is the printed reduction (fraction) the one that the same operation gives on disk?"""
    real = 1 - compressed.bytes / base.bytes
    text = (
        f"The same operation takes the saved file from {base.bytes / MIB:.2f} to {compressed.bytes / MIB:.2f} MiB, "
        f"{100 * real:.1f} % less, measured by us; printed is {published}."
    )
    return judged(published.holds(real), f"{100 * real:.1f} %", text)


def weights_stored(published: int, compressed: Size) -> Outcome:
    """Is the printed number of parameters the number of weights that the model stores?"""
    text = f"The model stores {compressed.stored_weights:,} weights, {compressed.float_parameters:,} of them as float"
    if published == compressed.float_parameters != compressed.stored_weights:
        text += "; printed is the second number: packed int8 weights do not show in model.parameters()"
    holds = published == compressed.stored_weights
    return judged(holds, f"{compressed.stored_weights:,}", f"{text}; printed are {published:,}.")


def dense_cost(speedup: Rounded, base: Size, sparse: Size) -> Outcome:
    """Can zeroing weights explain a speed-up? The tensors stay dense, so that the arithmetic is the same.

    A count of operations cannot contradict a measured time, so that a mismatch is ``ambiguous``.

    Compares the stored weights (and with them the multiply-accumulates of dense kernels) before and after.
    """
    same = base.stored_weights == sparse.stored_weights
    ratio = base.stored_weights / sparse.stored_weights
    text = (
        f"After pruning {sparse.zeros:,} of {sparse.stored_weights:,} weights are zero but stored, and dense kernels "
        f"multiply by them: the arithmetic is the same (ratio {ratio:.2f}). The printed speed-up of "
        f"{speedup} needs another reason, such as the order of the measurements or the warm-up."
    )
    return judged(not same or speedup.holds(1.0), f"{ratio:.2f}", text, "ambiguous")
