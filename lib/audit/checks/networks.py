"""Architectures as timm builds them: parameters, layer shapes, multiply-accumulates, sizes.

Everything here needs shapes only and runs on torch's ``meta`` device, without weights.
"""

import functools
from dataclasses import dataclass

import timm
import torch
from torch import nn

from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Outcome, judged
from lib.models import cost
from lib.models.backbones import count_parameters

MIB = 2**20


@dataclass(frozen=True)
class Layer:
    """One module of a model: shapes of its input and output (batch first) and the parameters in it."""

    input: tuple[int, ...]
    output: tuple[int, ...]
    parameters: int


@functools.cache
def build(name: str, classes: int = 1000) -> nn.Module:
    """timm model ``name`` with ``classes`` outputs on the meta device (no memory, no weights), in eval mode."""
    with torch.device("meta"):
        return timm.create_model(name, pretrained=False, num_classes=classes).eval()


@functools.cache
def parameters(name: str, classes: int = 1000) -> int:
    """Number of parameters of a timm model with ``classes`` outputs; 0 outputs: without its last linear layer."""
    return count_parameters(build(name, classes))


@functools.cache
def layers(name: str, classes: int, size: int) -> dict[str, Layer]:
    """Every module of a timm model by its dotted name (the model itself is ``""``), for one ``size`` px image."""
    model, seen = build(name, classes), {}

    def record(label, module, inputs, output):
        seen[label] = Layer(tuple(inputs[0].shape), tuple(output.shape), count_parameters(module))

    hooks = [module.register_forward_hook(functools.partial(record, label)) for label, module in model.named_modules()]
    with torch.inference_mode():
        model(torch.empty(1, 3, size, size, device="meta"))
    for hook in hooks:
        hook.remove()
    return seen


@functools.cache
def multiply_accumulates(name: str, classes: int, size: int) -> int:
    """As :func:`lib.models.cost.multiply_accumulates`, of a timm model."""
    return cost.multiply_accumulates(build(name, classes), size)


@functools.cache
def released(family: str) -> list[str]:
    """Sizes of a timm model family with published weights, by name."""
    names = {name.partition(".")[0] for name in timm.list_pretrained(f"{family}_*")}
    return sorted(name.removeprefix(f"{family}_") for name in names)


def parameter_count(published: int, actual: int, what: str) -> Outcome:
    """Is the printed number of parameters that of the real model?"""
    text = f"{what} has {actual:,} parameters; printed are {published:,}."
    return judged(published == actual, f"{actual:,}", text)


def size_in_mb(published: Rounded, bytes_: int, what: str) -> Outcome:
    """Is the printed size that of ``bytes_`` bytes, in MiB or in MB?"""
    mib, mb = bytes_ / MIB, bytes_ / 1e6
    unit = "MiB (2^20 bytes)" if published.holds(mib) else "MB (10^6 bytes)" if published.holds(mb) else ""
    text = f"{what}: {bytes_:,} bytes are {mib:.2f} MiB or {mb:.2f} MB; printed is {published}."
    return judged(bool(unit), f"{mib:.2f} MiB", text + (f" The unit is {unit}." if unit else ""))


def shape(published: tuple[int, ...], actual: tuple[int, ...], what: str) -> Outcome:
    """Is the printed tensor shape (batch first) that of the real layer?"""
    text = f"{what} is {list(actual)}; printed is {list(published)}."
    return judged(tuple(published) == tuple(actual), str(list(actual)), text)
