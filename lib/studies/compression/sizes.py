"""What a network weighs: bytes of its file, weights stored, weights that are zero.

``sum(p.numel() for p in model.parameters())`` says nothing about a quantized network: packed int8 weights are no
parameters any more. Here they are counted with the others.
"""

import gzip
import io
from collections.abc import Iterator
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
    return _size(sum(p.numel() for p in model.parameters()), _tensors(model), len(serialized(model)))


def _tensors(model: nn.Module) -> Iterator[np.ndarray]:
    """All weights and biases, those inside quantized modules (packed, absent from parameters()) too."""
    for parameter in model.parameters():
        yield parameter.detach().cpu().numpy()
    for module in model.modules():
        if isinstance(module, torch.ao.nn.quantized.dynamic.Linear):
            yield module.weight().int_repr().numpy()
            if module.bias() is not None:
                yield module.bias().detach().numpy()


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
    return _size(sum(v.size for v in floats), iter(floats + integers), Path(file).stat().st_size)


def _size(floats: int, tensors: Iterator[np.ndarray], n_bytes: int) -> Size:
    counts = [(t.size, t.size - int(np.count_nonzero(t))) for t in tensors]
    return Size(floats, sum(n for n, _ in counts), sum(z for _, z in counts), n_bytes)
