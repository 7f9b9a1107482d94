"""Exported networks predict what PyTorch does, and a script without torch runs them on a photograph."""

import ast
import subprocess
import sys
from functools import partial

import numpy as np
import onnx
import pytest
import timm
import torch
from onnxruntime import quantization
from PIL import Image, ImageOps
from torch import nn

from lib.core.paths import REPO
from lib.data import load_index
from lib.data.cache import fit_square
from lib.data.files.archives import read_bytes
from lib.data.files.images import read_image
from lib.models.forward import Normalize
from lib.papers.abdulqader2026.compression import ONNX_TOLERANCE
from lib.studies.compression.export import Probabilities, export_onnx, open_session, quantize_onnx
from lib.studies.compression.sizes import module_size, onnx_size

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
SIZE, SIDE = 32, 40
ABOUT = {"classes": ",".join(CLASSES), "resize": "center_crop", "side": str(SIDE)}
SCRIPT = REPO / "lib" / "studies" / "compression" / "run_onnx.py"


def network(name):
    torch.manual_seed(0)
    size = {"img_size": SIZE} if "vit" in name else {}
    model = timm.create_model(name, num_classes=len(CLASSES), **size)
    with torch.no_grad():
        for parameter in model.parameters():  # as after training: no two alike
            parameter.add_(0.02 * torch.randn_like(parameter))
        model.get_classifier().weight.mul_(10)  # probabilities that differ between images
    return nn.Sequential(Normalize((0.7, 0.5, 0.5), (0.2,) * 3), model.to(memory_format=torch.channels_last)).eval()


def probabilities(net, images):
    with torch.inference_mode():
        return Probabilities(net)(torch.from_numpy(images)).numpy()


def draw(n, seed=1):
    """Uint8 images [n, 3, S, S] of smooth blobs."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.uniform(0, 255, (n, 3, 4, 4)))
    return nn.functional.interpolate(coarse, SIZE, mode="bicubic").clamp(0, 255).round().byte().numpy()


@pytest.fixture(scope="module", params=["test_convnext", "test_vit"])
def exported(request, tmp_path_factory):
    net = network(request.param)
    return net, export_onnx(net, SIZE, tmp_path_factory.mktemp("onnx") / "net.onnx", ABOUT)


@pytest.mark.slow
def test_the_exported_network_gives_the_same_predictions(exported):
    net, file = exported
    session = open_session(file, 1)
    for n in (1, 5, 64):
        images = draw(n)
        expected = probabilities(net, images)
        (found,) = session.run(None, {"images": images})
        assert found.dtype == np.float32 and np.abs(found - expected).max() < ONNX_TOLERANCE
        assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()
    assert len(set(expected.argmax(axis=1))) > 1, "all images look alike: the comparison says nothing"


@pytest.mark.slow
def test_one_file_holds_all_weights_and_says_what_it_is(exported):
    net, file = exported
    assert [p.name for p in file.parent.iterdir() if p.suffix != ".int8"] == ["net.onnx"]
    assert open_session(file, 1).get_modelmeta().custom_metadata_map == ABOUT
    stored, numbers = onnx_size(file), module_size(net).stored_weights
    assert numbers <= stored.stored_weights <= numbers + 16  # mean, std and constants of the graph
    assert 4 * numbers < stored.bytes == file.stat().st_size < 4 * numbers + 100_000
    assert b"site-packages" not in file.read_bytes()


@pytest.mark.slow
def test_int8_is_a_third_of_the_size_and_close(exported, monkeypatch):
    net, file = exported
    # Seven bits: eight overflow on a processor without VNNI, and this would test the processor.
    seven_bits = partial(quantization.quantize_static, reduce_range=True)
    monkeypatch.setattr(quantization, "quantize_static", seven_bits)
    out = quantize_onnx(file, file.with_suffix(".int8"), draw(32, seed=2))
    images = draw(64)
    found, expected = open_session(out, 1).run(None, {"images": images})[0], probabilities(net, images)
    assert 0 < np.abs(found - expected).mean() < 0.02
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.9
    sizes = onnx_size(file), onnx_size(out)
    assert sizes[1].stored_weights == pytest.approx(sizes[0].stored_weights, rel=0.02)
    assert sizes[1].float_parameters < 0.1 * sizes[0].float_parameters
    kinds = {i.op_type for i in onnx.load(out).graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds


def test_weights_of_an_onnx_file_are_hand_counted(tmp_path):
    arrays = {
        "w": np.array([[1, 0, 3], [4, 5, 6]], np.float32),
        "q": np.array([1, 0, 0, -4], np.int8),
        "scale": np.array([0.1, 0.2], np.float32),
        "zero": np.array([1, 1], np.int8),
        "shape": np.array([1, 2], np.int64),
        "half": np.array(0.5, np.float32),
    }
    nodes = [
        onnx.helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
        onnx.helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    tensors = [onnx.numpy_helper.from_array(a, name) for name, a in arrays.items()]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], [], tensors)), tmp_path / "g.onnx")
    size = onnx_size(tmp_path / "g.onnx")
    assert (size.float_parameters, size.stored_weights, size.zeros) == (6, 10, 3)


def test_one_logit_becomes_two_probabilities():
    logit = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 1))
    probs = Probabilities(nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), logit))(torch.zeros(2, 3, 4, 4).byte())
    assert probs.shape == (2, 2) and probs.sum(dim=1).tolist() == pytest.approx([1, 1])


def test_the_script_needs_nothing_but_numpy_pillow_and_onnxruntime():
    tree = ast.parse(SCRIPT.read_text())
    imported = {a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module for n in tree.body if isinstance(n, ast.ImportFrom)}
    assert imported == {"sys", "numpy", "onnxruntime", "PIL"}
    statements = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom | ast.Expr)]
    assert len(statements) <= 10


@pytest.mark.slow
def test_the_script_classifies_a_jpeg_as_pytorch_does(exported, tmp_path):
    coarse = Image.fromarray(np.random.default_rng(3).integers(60, 220, (6, 8, 3), dtype=np.uint8))
    coarse.resize((200, 150), Image.Resampling.BICUBIC).save(tmp_path / "lesion.jpg", quality=95)
    check_script(*exported, tmp_path / "lesion.jpg")


@pytest.mark.slow
def test_the_script_classifies_a_real_photograph(exported, real_data, tmp_path):
    index = load_index("ham10000", real_data)
    (tmp_path / "real.jpg").write_bytes(read_bytes(index["path"].iloc[0]))
    check_script(*exported, tmp_path / "real.jpg")


def check_script(net, file, jpeg):
    command = [sys.executable, "-I", str(SCRIPT), str(file), str(jpeg)]  # -I: nothing of this study is on the path
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=jpeg.parent).stdout
    found = {name: float(p) for name, p in (line.split() for line in printed.splitlines())}
    assert tuple(found) == CLASSES
    image = ImageOps.fit(Image.open(jpeg).convert("RGB"), (SIDE, SIDE), Image.Resampling.HAMMING)
    edge = (SIDE - SIZE) // 2
    centre = np.s_[edge : edge + SIZE, edge : edge + SIZE]
    pixels = np.asarray(image)[centre]
    expected = probabilities(net, np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))[0]
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=ONNX_TOLERANCE)
    assert max(found, key=found.get) == CLASSES[expected.argmax()]
    # Pillow does not average as OpenCV does, with which the study decodes: less than a grey level apart.
    decoded = fit_square(read_image(str(jpeg)), SIDE, "center_crop")[centre]
    assert np.abs(pixels.astype(int) - decoded).mean() < 1
