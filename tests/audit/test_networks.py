"""Architectures on the meta device, and compression carried out on a small model."""

import pytest
import timm
from torch import nn

from lib.audit.checks import compression, networks
from lib.audit.checks.rounding import rounded
from lib.models.backbones import count_parameters
from tests.fakes.outcomes import verdicts

SMALL = "convnext_atto"

test_verdicts = verdicts(
    (networks.parameter_count, (10, 10, "m"), "consistent"),
    (networks.parameter_count, (10, 11, "m"), "inconsistent"),
    (networks.size_in_mb, (rounded("2.00"), 2 * 2**20, "m"), "consistent", "MiB"),
    (networks.size_in_mb, (rounded("2.10"), 2 * 2**20, "m"), "consistent", "The unit is MB (10^6"),
    (networks.size_in_mb, (rounded("3.00"), 2 * 2**20, "m"), "inconsistent"),
    (networks.shape, ((1, 7), (1, 7), "out"), "consistent"),
    (networks.shape, ((1, 8), (1, 7), "out"), "inconsistent"),
)


def test_parameters_are_those_of_a_real_model():
    real = timm.create_model(SMALL, pretrained=False, num_classes=5)
    assert networks.parameters(SMALL, 5) == sum(p.numel() for p in real.parameters())
    assert networks.parameters("convnext_tiny", 7) == 27_825_511


def test_layer_shapes():
    found = networks.layers(SMALL, 5, 64)
    assert found[""].output == (1, 5) and found["stem"].input == (1, 3, 64, 64)
    assert found["head.fc"].parameters == found["head.fc"].input[1] * 5 + 5


def test_multiply_accumulates_of_a_known_layer():
    macs = networks.multiply_accumulates("convnext_tiny", 1000, 224)
    assert macs == pytest.approx(4.46e9, rel=0.01)  # Liu et al. 2022, Table 1: 4.5 G


def test_released():
    assert {"tiny", "small", "base", "large"} <= set(networks.released("convnext"))


@pytest.fixture(scope="module")
def results():
    return compression.results(SMALL, 5, 0.3)


def test_quantization_hides_weights_but_stores_them(results):
    base, quantized = results["base"], results["quantized"]
    linear = sum(count_parameters(m) for m in networks.build(SMALL, 5).modules() if isinstance(m, nn.Linear))
    assert base.float_parameters - quantized.float_parameters == linear
    assert quantized.stored_weights == base.stored_weights == networks.parameters(SMALL, 5)
    assert base.bytes / 4 < quantized.bytes < base.bytes


def test_pruning_zeroes_the_share_and_keeps_the_size(results):
    base, pruned = results["base"], results["pruned"]
    weights = sum(m.weight.numel() for m in networks.build(SMALL, 5).modules() if isinstance(m, nn.Conv2d | nn.Linear))
    assert pruned.zeros == pytest.approx(0.3 * weights, rel=0.001)
    assert pruned.bytes == base.bytes


def test_quantized_size(results):
    quantized = results["quantized"]
    real = f"{quantized.bytes / networks.MIB:.2f}"
    assert compression.quantized_size(rounded(real), quantized).verdict == "consistent"
    floats = f"{4 * quantized.float_parameters / networks.MIB:.2f}"
    failed = compression.quantized_size(rounded(floats), quantized)
    assert failed.verdict == "inconsistent" and "stay float" in failed.explanation


def test_size_reduction(results):
    base, quantized = results["base"], results["quantized"]
    real = f"{100 * (1 - quantized.bytes / base.bytes):.1f}"
    assert compression.size_reduction(rounded(real, 100), base, quantized).verdict == "consistent"
    assert compression.size_reduction(rounded("99.0", 100), base, quantized).verdict == "inconsistent"


def test_weights_stored(results):
    quantized = results["quantized"]
    assert compression.weights_stored(quantized.stored_weights, quantized).verdict == "consistent"
    failed = compression.weights_stored(quantized.float_parameters, quantized)
    assert failed.verdict == "inconsistent" and "do not show in model.parameters()" in failed.explanation


def test_dense_cost(results):
    base, pruned = results["base"], results["pruned"]
    assert compression.dense_cost(rounded("1.00"), base, pruned).verdict == "consistent"
    assert compression.dense_cost(rounded("1.50"), base, pruned).verdict == "ambiguous"  # a time is measured
