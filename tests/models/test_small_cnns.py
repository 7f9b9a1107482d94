"""The plain CNN: shapes, parameters counted by hand, and timm's way of building it."""

import pytest
import timm
import torch

from lib.models.backbones import backbone_digest, build_backbone, count_parameters


def by_hand(classes):
    """3x3 convolutions without bias, two a block, with scale and shift of each; then a linear layer."""
    pairs = [(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256)]
    return sum(9 * a * b + 2 * b for a, b in pairs) + 256 * classes + classes


@pytest.mark.parametrize(("classes", "size"), [(7, 64), (1, 16), (7, 225)])
def test_logits_of_any_size(classes, size):
    net, info = build_backbone("plain_cnn", "none", classes, size)
    assert net.eval()(torch.zeros(2, 3, size, size)).shape == (2, classes)
    assert count_parameters(net) == by_hand(classes)
    assert info.weights == "none" and info.mean == info.std == (0.5, 0.5, 0.5)


def test_pooled_features_without_a_classifier():
    net, _ = build_backbone("plain_cnn", "none", 0, 32)
    images = torch.rand(2, 3, 32, 32)
    features = net.eval()(images)
    assert features.shape == (2, 256)
    assert torch.equal(features, net.blocks(images).mean(dim=(2, 3)))  # the average over the last 2 x 2 places
    assert count_parameters(net) == by_hand(0)


def test_timm_knows_it():
    assert timm.is_model("plain_cnn") and not timm.list_pretrained("plain_cnn*")
    net = timm.create_model("plain_cnn", num_classes=3, drop_rate=0.2)
    assert net.pretrained_cfg["classifier"] == "fc" and net.drop.p == 0.2 and net.num_features == 256
    before = backbone_digest(net)
    torch.nn.init.zeros_(net.fc.weight)
    assert backbone_digest(net) == before  # the classifier is known as such
