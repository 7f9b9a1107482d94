"""Costs against what is published for the architectures."""

import pytest

from lib.models.cost import backbone_cost


def test_resnet50_costs_what_is_published():
    cost = backbone_cost("resnet50.a1_in1k", 224, 1000)
    assert cost["parameters"] == pytest.approx(25.56, abs=0.01)  # He et al. 2016; torchvision's model table
    assert cost["gmacs"] == pytest.approx(4.09, abs=0.03)


def test_smaller_images_cost_less():
    assert backbone_cost("vit_tiny_patch16_224", 64)["gmacs"] < backbone_cost("vit_tiny_patch16_224", 224)["gmacs"] / 8
