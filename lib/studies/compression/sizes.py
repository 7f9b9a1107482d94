"""What a network weighs: bytes of its file, weights stored, weights that are zero.

``sum(p.numel() for p in model.parameters())`` says nothing about a quantized network: packed int8 weights are no
parameters any more. Here they are counted with the others.
"""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True)
class Size:
    """float_parameters: those that a sum over ``model.parameters()`` finds; stored_weights: all weights and biases in
    the saved file, quantized ones too; zeros: those that are exactly 0; bytes: size of the saved file."""

    float_parameters: int
    stored_weights: int
    zeros: int
    bytes: int


def serialized(model: nn.Module) -> bytes:
    """The file that ``torch.save(model.state_dict())`` writes."""
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return buffer.getvalue()


def gzipped(content: bytes) -> int:
    """Bytes of ``content`` after gzip at its default level: what zeros save on the way, though not in memory."""
    return len(gzip.compress(content, compresslevel=6, mtime=0))


def module_size(model: nn.Module) -> Size:
    """Counts and saved size of a PyTorch model; running statistics of BatchNorm are in the bytes only."""
    floats = [p.detach().cpu().numpy() for p in model.parameters()]
    layers = [m for m in model.modules() if isinstance(m, torch.ao.nn.quantized.dynamic.Linear)]
    packed = [m.weight().int_repr().numpy() for m in layers]  # absent from parameters()
    packed += [m.bias().detach().numpy() for m in layers if m.bias() is not None]
    return _size(floats, packed, len(serialized(model)))


def onnx_size(file: Path) -> Size:
    """Counts and size of an ONNX file; scales, zero points, shapes and single numbers of the graph do not count.

    Mean and std of the normalization do, and BatchNorm is folded into what is before it.
    """
    import onnx

    graph = onnx.load(file).graph
    scales = {i for node in graph.node if "Linear" in node.op_type for i in node.input[1:]}
    values = [onnx.numpy_helper.to_array(t) for t in graph.initializer if t.name not in scales]
    integers = [v for v in values if v.dtype in (np.int8, np.uint8, np.int32) and v.ndim]
    floats = [v for v in values if v.dtype == np.float32 and v.ndim]
    return _size(floats, integers, file.stat().st_size)


def _size(floats: list[np.ndarray], others: list[np.ndarray], n_bytes: int) -> Size:
    stored = sum(t.size for t in floats + others)
    zeros = stored - sum(int(np.count_nonzero(t)) for t in floats + others)
    return Size(sum(t.size for t in floats), stored, zeros, n_bytes)
