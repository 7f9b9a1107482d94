"""ONNX files of a network, for ONNX Runtime on a CPU: fp32, and int8 calibrated on training images."""

import contextlib
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

BATCH = 16  # images of a step of calibration


class Probabilities(nn.Module):
    """uint8 images [B, 3, S, S] (0..255) to class probabilities float32 [B, K], from a network that gives logits."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.net(images).float()
        if logits.shape[1] > 1:
            return logits.softmax(dim=1)
        p = logits.sigmoid()
        return torch.cat([1 - p, p], dim=1)


def export_onnx(net: nn.Module, size: int, file: Path, metadata: dict[str, str]) -> Path:
    """Write ``Probabilities(net)`` as one ONNX file with a free batch size, input ``images``, output ``probabilities``.

    ``metadata`` goes into the file; ``run_onnx.py`` reads ``classes`` (comma-separated), ``resize`` and ``side``.
    """
    import onnx

    example = torch.zeros(2, 3, size, size, dtype=torch.uint8)
    with torch.no_grad(), _quiet():
        program = torch.onnx.export(
            Probabilities(net).eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            input_names=["images"],
            output_names=["probabilities"],
            external_data=False,
            verbose=False,
        )
    model = program.model_proto
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]  # the exporter's notes: source lines and paths of the machine that exported
    onnx.helper.set_model_props(model, metadata)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, file)
    return file


def quantize_onnx(file: Path, out: Path, images: np.ndarray) -> Path:
    """Static int8 quantization by ONNX Runtime: ranges of activations from ``images``, weights per channel.

    The library's defaults otherwise: QDQ format, signed int8, minimum and maximum as range. Convolutions and products
    with weights alone are quantized; normalization, GELU, softmax and attention's products stay float.

    Args:
        images: uint8 [N, 3, S, S] training images.
    """
    from onnxruntime import quantization

    class Images(quantization.CalibrationDataReader):
        def __init__(self):
            self.batches = (images[i : i + BATCH] for i in range(0, len(images), BATCH))

        def get_next(self):
            batch = next(self.batches, None)
            return None if batch is None else {"images": batch}

    with tempfile.TemporaryDirectory() as folder, _quiet():
        ready = Path(folder) / "ready.onnx"
        quantization.shape_inference.quant_pre_process(file, ready, skip_symbolic_shape=True)
        quantization.quantize_static(
            ready,
            out,
            Images(),
            op_types_to_quantize=["Conv", "MatMul", "Gemm"],
            per_channel=True,
            nodes_to_exclude=_without_weights(ready),
        )
    return out


def _without_weights(file: Path) -> list[str]:
    """Names of the matrix products of two activations: int8 attention costs far more accuracy than it saves."""
    import onnx

    graph = onnx.load(file).graph
    weights = {t.name for t in graph.initializer}
    return [n.name for n in graph.node if n.op_type == "MatMul" and not weights & set(n.input)]


def open_session(file: Path, threads: int):
    """ONNX Runtime session on the CPU with ``threads`` threads.

    They sleep between calls: spinning ones would take time from the other networks that are timed in turn.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


@contextlib.contextmanager
def _quiet():
    """The exporter and the quantizer log their progress as warnings."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=FutureWarning, module=r"(torch|onnxscript|copyreg).*")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
