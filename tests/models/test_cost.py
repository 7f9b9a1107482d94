"""Costs against what is published for the architectures."""

from pathlib import Path

import pytest

from lib.models.cost import backbone_cost, training_step


def test_resnet50_costs_what_is_published():
    cost = backbone_cost("resnet50.a1_in1k", 224, 1000)
    assert cost["parameters"] == pytest.approx(25.56, abs=0.01)  # He et al. 2016; torchvision's model table
    assert cost["gmacs"] == pytest.approx(4.09, abs=0.03)


def test_smaller_images_cost_less():
    assert backbone_cost("vit_tiny_patch16_224", 64)["gmacs"] < backbone_cost("vit_tiny_patch16_224", 224)["gmacs"] / 8


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux")
def test_a_training_step_takes_time_and_the_memory_of_its_own_process():
    step = training_step("test_convnext", 32, 2)
    assert step["seconds"] > 0 and 0.1 < step["peak_GiB"] < 8 and step["threads"] >= 1
