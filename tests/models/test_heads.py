"""Heads on frozen features: parameters counted by hand, shapes, Keras' defaults, feature maps."""

import pytest
import timm
import torch

from lib.core.errors import StudyError
from lib.models.backbones import count_parameters
from lib.models.features import FeatureMap, frozen_backbone
from lib.models.heads import build_head
from lib.plan.spec import Model

CONVOLUTIONS = (9 * 5 * 64 + 64) + 2 * 64 + (9 * 64 * 64 + 64) + 2 * 64


def dense(size):
    """BN (scale, shift), Dense 64, BN, Dense 7."""
    return 2 * size + (size * 64 + 64) + 2 * 64 + (64 * 7 + 7)


@pytest.mark.parametrize(
    ("name", "shape", "parameters"),
    [
        ("linear", (5,), 5 * 7 + 7),
        ("effv3", (5,), dense(5)),
        ("effv3", (5, 2, 2), dense(20)),
        ("effv2", (5,), dense(5)),
        ("effv1", (5, 2, 2), CONVOLUTIONS + dense(64 * 4)),
        ("effv1", (5, 1, 1), CONVOLUTIONS + dense(64)),
    ],
)
def test_parameters_and_shapes(name, shape, parameters):
    head = build_head(name, shape, 7).eval()
    assert count_parameters(head) == parameters
    assert head(torch.randn(3, *shape)).shape == (3, 7)


def test_dense_64_of_efficientnetv2_l_has_the_papers_width():
    """1280 pooled features, by hand: 2,560 + 81,984 + 128 + 455."""
    assert count_parameters(build_head("effv3", (1280,), 7)) == 85_127


def test_heads_start_as_keras_does():
    head = build_head("effv3", (100,), 7)
    _, first, hidden, _, second, out = head
    assert {(m.eps, m.momentum) for m in (first, second)} == {(1e-3, 0.01)}
    assert not hidden.bias.any() and not out.bias.any()
    limit = (6 / (100 + 64)) ** 0.5  # Glorot and Bengio 2010, equation 16
    assert 0.95 * limit < hidden.weight.abs().max() <= limit


def test_effv2_differs_from_effv3_by_dropout_alone():
    kinds = [[type(m).__name__ for m in build_head(name, (9,), 7)] for name in ("effv2", "effv3")]
    assert [k for k in kinds[0] if k != "Dropout"] == kinds[1] and kinds[0][-2] == "Dropout"


def test_convolutions_need_a_map():
    with pytest.raises(StudyError, match="feature_grid"):
        build_head("effv1", (5,), 7)


@pytest.mark.parametrize(("name", "size", "side"), [("test_resnet", 64, 2), ("test_vit", 64, 4)])
def test_a_map_averages_to_the_pooled_features(name, size, side):
    """The mean over the map's positions is what the backbone pools (for a transformer: the mean patch token)."""
    extra = {"img_size": size, "global_pool": "avg"} if "vit" in name else {}
    net = timm.create_model(name, num_classes=0, **extra).eval()
    images = torch.randn(2, 3, size, size)
    with torch.inference_mode():
        whole, coarse = FeatureMap(net, side)(images), FeatureMap(net, 1)(images)
        pooled = net(images)
        if "vit" in name:
            pooled = net.forward_features(images)[:, net.num_prefix_tokens :].mean(1)
    assert whole.shape == (2, net.num_features, side, side)
    assert torch.allclose(coarse.flatten(1), pooled, atol=1e-5)
    assert torch.allclose(whole.mean((2, 3)), pooled, atol=1e-5)
    with pytest.raises(StudyError, match=f"has {side}x{side} positions"), torch.inference_mode():
        FeatureMap(net, side + 1)(images)


def test_a_random_backbone_is_the_same_whenever_it_is_built():
    torch.manual_seed(3)
    first, _, digest = frozen_backbone(Model(backbone="test_resnet", weights="none"), 32)
    after = torch.rand(1)
    again, _, repeated = frozen_backbone(Model(backbone="test_resnet", weights="none"), 32)
    assert digest == repeated
    images = torch.randint(0, 256, (1, 3, 32, 32), dtype=torch.uint8)
    with torch.inference_mode():
        assert torch.equal(first.eval()(images), again.eval()(images))
    torch.manual_seed(3)
    assert torch.equal(torch.rand(1), after)  # the run's own random numbers do not depend on it
