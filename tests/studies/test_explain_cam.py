"""Grad-CAM: a network whose answer is known, every family's layer, deletion and insertion of a toy."""

import numpy as np
import pytest
import timm
import torch
from torch import nn

import lib.models.small_cnns  # noqa: F401  registers its networks
from lib.core.errors import StudyError
from lib.models.forward import Normalize
from lib.studies.explain.cam import enlarged, find_target, grad_cam, stretched
from lib.studies.explain.curves import FRACTIONS, area_under, deletion, insertion, removal_order


class PlainCNN(nn.Module):
    """One block that passes red and green through, and a linear layer on their means: the CAM is known."""

    def __init__(self, weights):
        super().__init__()
        self.blocks = nn.Sequential(nn.Sequential(nn.Conv2d(3, 2, 1, bias=False), nn.ReLU(), nn.AvgPool2d(2)))
        self.blocks[0][0].weight.data = torch.eye(3)[:2, :, None, None]
        self.fc = nn.Linear(2, len(weights), bias=False)
        self.fc.weight.data = torch.tensor(weights)

    def forward(self, images):
        return self.fc(self.blocks(images.float()).mean(dim=(2, 3)))


def toy_images(n=2, size=8):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (n, 3, size, size), dtype=np.uint8))


def test_known_answer(monkeypatch):
    monkeypatch.setattr("lib.studies.explain.cam.BATCH", 1)  # every image in a batch of its own
    images = toy_images()
    red, green = images[:, 0].numpy().astype(float), images[:, 1].numpy().astype(float)
    net = PlainCNN([[1.0, -1.0], [-0.5, 2.0]])
    target = find_target(net, 8)
    assert (target.name, target.cells) == ("blocks.0.1", (8, 8))
    maps = grad_cam(net, target, images, np.array([0, 1]))
    expected = np.stack([red[0] - green[0], 2 * green[1] - 0.5 * red[1]]) / 64
    assert maps == pytest.approx(np.maximum(expected, 0), rel=1e-4)
    assert (maps == 0).any() and (maps > 0).any()


def test_one_logit_has_two_sides():
    images = toy_images(1)
    net = PlainCNN([[1.0, -1.0]])
    target = find_target(net, 8)
    for_one, for_zero = (grad_cam(net, target, images, np.array([c]))[0] for c in (1, 0))
    difference = images[0, 0].numpy().astype(float) - images[0, 1].numpy()
    assert for_one == pytest.approx(np.maximum(difference, 0) / 64, rel=1e-4)
    assert for_zero == pytest.approx(np.maximum(-difference, 0) / 64, rel=1e-4)


@pytest.mark.parametrize(
    "name, size, layer, cells",
    [
        ("convnext_atto", 64, "stages.2", 4),
        ("convnext_atto", 128, "stages.3", 4),
        ("convnextv2_atto", 64, "stages.2", 4),
        ("resnet10t", 64, "layer3", 4),
        ("densenet121", 128, "features.norm5", 4),
        ("efficientnet_lite0", 64, "blocks.4", 4),
        ("efficientnet_lite0", 128, "bn2", 4),
        ("mobilenetv3_small_050", 64, "blocks.3", 4),
        ("mobilenetv3_small_050", 128, "blocks.5", 4),
        ("plain_cnn", 32, "blocks.3.5", 4),
        ("mobilenetv2_100", 128, "bn2", 4),
        ("vit_tiny_patch16_224", 64, "blocks.11.norm1", 4),
        ("vit_tiny_patch16_224", 32, "blocks.11.norm1", 2),
    ],
)
def test_every_family_gives_finite_maps(name, size, layer, cells):
    torch.manual_seed(0)
    extra = {"img_size": size} if name.startswith("vit") else {}
    net = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), timm.create_model(name, num_classes=3, **extra))
    target = find_target(net, size)
    assert (target.name, target.cells) == (layer, (cells, cells))
    maps = grad_cam(net, target, toy_images(2, size), np.array([0, 2]))
    assert maps.shape == (2, cells, cells) and np.isfinite(maps).all() and (maps >= 0).all()
    assert maps.max() > 0


def test_frozen_backbone_with_a_head():
    """As ``lib.training.checkpoints`` composes it; the gradient passes the head and the pooling."""
    torch.manual_seed(0)
    backbone = timm.create_model("resnet10t", num_classes=0)
    head = nn.Sequential(nn.BatchNorm1d(512, affine=False), nn.Linear(512, 1))
    net = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), backbone, head).eval()
    target = find_target(net, 64)
    images = toy_images(2, 64)
    both = [grad_cam(net, target, images, np.full(2, c)) for c in (0, 1)]
    assert target.name == "layer3" and both[0].shape == (2, 4, 4)
    assert not (both[0] * both[1]).any() and (both[0] + both[1]).max() > 0
    # The same by autograd, without the package.
    kept = []
    handle = target.module.register_forward_hook(lambda _m, _i, o: kept.append(o.requires_grad_()) or o.clone())
    net(images).sum().backward()
    handle.remove()
    weights = kept[0].grad.mean(dim=(2, 3), keepdim=True)
    weighted = (weights * kept[0]).sum(1).detach().numpy()
    assert both[1] - both[0] == pytest.approx(weighted, rel=1e-3, abs=1e-7)


def test_tokens_become_maps_in_their_places():
    net = timm.create_model("vit_tiny_patch16_224", num_classes=2, img_size=64)
    reshape = find_target(nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), net), 64).reshape
    tokens = torch.arange(17.0).view(1, 17, 1).expand(1, 17, 5)
    assert reshape(tokens)[0, 3].tolist() == torch.arange(1.0, 17).view(4, 4).tolist()  # the class token is left out


def test_unknown_family_is_named():
    with pytest.raises(StudyError, match=r"no layer for Grad-CAM .*Flatten, Linear.*ConvNeXt.*FAMILIES"):
        find_target(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), 8)


def test_display_stretches_and_enlarging_keeps_the_place():
    cam = np.array([[0.0, 1.0], [2.0, 4.0]])
    assert stretched(cam + 3).tolist() == (cam / 4).tolist() and not stretched(np.ones((2, 2))).any()
    large = enlarged(cam[None], 8)[0]
    assert large.shape == (8, 8) and large[0, 0] == 0 and large[-1, -1] == 4 and large[0, -1] == 1


def test_deletion_and_insertion_of_a_toy():
    """The score is the share of white among the four pixels of the first row."""
    images = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    images[:, :, 0] = 255

    def predict(batch):
        return batch[:, 0, 0].double().mean(dim=1).numpy() / 255

    fill = np.zeros(3, np.uint8)
    rng = np.random.default_rng(0)
    telling = np.zeros((4, 4))
    telling[0] = [4, 3, 2, 1]
    best, worst = (removal_order(m, rng)[None] for m in (telling, telling.max() - telling))
    gone = np.clip(np.round(FRACTIONS * 16) / 4, 0, 1)
    assert deletion(predict, images, best, fill)[0] == pytest.approx(1 - gone)
    assert insertion(predict, images, best, fill)[0] == pytest.approx(gone)
    for curve, sign in ((deletion, -1), (insertion, 1)):
        areas = [area_under(curve(predict, images, order, fill))[0] for order in (best, worst)]
        assert sign * (areas[0] - areas[1]) > 0.3
    assert area_under(np.array([FRACTIONS])) == pytest.approx(0.5)


def test_ranks_break_ties_at_random():
    cam = np.zeros((4, 4))
    cam[2, 2] = 1
    places = [removal_order(cam, np.random.default_rng(s)) for s in range(3)]
    assert all(p[2, 2] == 0 and sorted(p.ravel()) == list(range(16)) for p in places)
    assert (places[0] != places[1]).any()
