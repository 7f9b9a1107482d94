"""xia2025's parts against its equations, by hand, and against the counts that follow from them."""

import numpy as np
import pytest
import timm
import torch
from torch import nn

from lib.core.errors import StudyError
from lib.models.backbones import build_backbone, count_parameters
from lib.models.forward import Normalize
from lib.models.iconvnext import DualPooling, SEVector, assemble, features_and_logits, has_parts
from lib.plan.spec import Model
from lib.training.losses import feature_smoothing

ALL = {"pooling": "dual", "attention": "sevector", "head": "mlp256"}


def built(name, n_outputs=4, size=32, **parts):
    model = Model(backbone=name, weights="none", **parts)
    return assemble(build_backbone(name, "none", 0, size)[0], model, n_outputs, size)


def test_dual_pooling_is_mean_and_maximum_of_each_channel():
    maps = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[-1.0, -2.0], [-3.0, -2.0]]]])  # [1, 2, 2, 2]
    assert DualPooling()(maps).tolist() == [[3.0, -2.0, 6.0, -1.0]]  # eq. 1 and 2: [v_avg; v_max]


def test_sevector_by_hand():
    se = SEVector(16)
    with torch.no_grad():
        se.w1.weight.zero_()
        se.w2.weight.zero_()
        se.w1.weight[0, 0], se.w1.weight[1, 0] = 1.0, -1.0  # the second unit is cut off by ReLU
        se.w2.weight[1, 0], se.w2.weight[2, 1] = 0.5, 9.0
    out = se(torch.full((1, 16), 2.0))[0]
    assert out[1].item() == pytest.approx(2 / (1 + np.exp(-0.5 * 2)))  # eq. 3: sigmoid(0.5 * ReLU(2)); eq. 4
    assert out[2].item() == pytest.approx(2 * 0.5)  # sigmoid(9 * ReLU(-2)) = sigmoid(0)


@pytest.mark.parametrize(("width", "units"), [(16, 8), (128, 8), (144, 9), (1536, 96)])
def test_sevector_compresses_to_a_sixteenth_but_not_below_eight(width, units):
    se = SEVector(width)
    assert se.w1.weight.shape == (units, width) and count_parameters(se) == 2 * units * width


def test_smoothing_by_hand():
    features = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [5.0, 5.0]], requires_grad=True)
    # class 0: centre (1, 0), squared distances 1 and 1; class 2: (0, 4) alone; class 1: (5, 5) alone
    loss = feature_smoothing(features, torch.tensor([0, 0, 2, 1]))
    assert loss.item() == pytest.approx((1 + 0 + 0) / 3)
    loss.backward()
    assert features.grad[0].tolist() == pytest.approx([-1 / 3, 0]) and features.grad[2].tolist() == [0, 0]
    # one class: centre (2/3, 4/3), squared distances 20/9, 32/9 and 68/9
    one = feature_smoothing(features[:3], torch.tensor([3, 3, 3]))
    assert one.item() == pytest.approx((20 + 32 + 68) / 9 / 3)
    assert feature_smoothing(features, torch.tensor([0, 1, 2, 3])).item() == 0


def test_smoothing_is_computed_in_full_precision():
    features = torch.tensor([[1000.0], [1001.0]])
    with torch.autocast("cpu", torch.bfloat16):
        loss = feature_smoothing(features, torch.zeros(2, dtype=torch.int64))
    assert loss.dtype == torch.float32 and loss.item() == pytest.approx(0.25)


def test_parameters_of_the_papers_models():
    """Four classes. Features of ConvNeXt-Tiny: 27,818,592; LayerNorm 2 * 768; linear 768 * 4 + 4."""
    plain, _ = build_backbone("convnext_tiny", "none", 4, 32)
    assert count_parameters(plain) == 27_818_592 + 1_536 + 3_076
    improved = built("convnext_tiny", **ALL)
    sevector, hidden, classifier = 2 * 1536 * 96, 1536 * 256 + 256, 256 * 4 + 4
    assert count_parameters(improved) == 27_818_592 + sevector + hidden + classifier == 28_508_004
    assert count_parameters(build_backbone("base_cnn", "none", 4, 32)[0]) == 98_196


@pytest.mark.parametrize(
    ("name", "parts"),
    [(name, ALL) for name in ("convnext_atto", "mobilenetv2_035", "resnet10t", "base_cnn")]
    + [("convnext_atto", {part: ALL[part]}) for part in ALL],
)
def test_parts_on_any_convolutional_backbone(name, parts):
    net = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), built(name, **parts)).eval()
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    logits = net(images)
    features, same = features_and_logits(net, images)
    channels = timm.create_model(name).num_features
    width = 256 if "head" in parts else channels * (2 if "pooling" in parts else 1)
    assert features.shape == (2, width) and logits.shape == (2, 4) and torch.equal(logits, same)
    net.train()(images).sum().backward()
    assert all(p.grad is not None for p in net.parameters())  # nothing is left over from the dropped classifier


def test_features_of_a_plain_model_are_what_its_classifier_sees():
    net = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), build_backbone("convnext_atto", "none", 4, 32)[0]).eval()
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    features, logits = features_and_logits(net, images)
    assert features.shape == (2, 320) and torch.allclose(logits, net(images), atol=1e-6)


def test_the_probe_leaves_weights_and_statistics_alone():
    torch.manual_seed(0)
    backbone, _ = build_backbone("mobilenetv2_035", "none", 0, 32)
    before = {k: v.clone() for k, v in backbone.state_dict().items()}
    net = assemble(backbone, Model(backbone="mobilenetv2_035", weights="none", **ALL), 4, 32)
    assert all(torch.equal(v, before[k]) for k, v in net.backbone.state_dict().items()) and net.backbone.training


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"])
def test_a_backbone_without_feature_map_is_refused(name):
    with pytest.raises(StudyError, match="no map"):
        built(name, size=224, pooling="dual")


def test_a_plain_network_with_the_initial_classifier_of_the_parts():
    torch.manual_seed(0)
    plain, _ = build_backbone("mobilenetv2_035", "none", 4, 32)
    same = built("mobilenetv2_035", classifier_init="torch")
    assert count_parameters(plain) == count_parameters(same)
    bound = plain.num_features**-0.5
    assert 0.8 * bound < same.classifier.weight.abs().max() <= bound  # torch: uniform in +-1/sqrt(inputs)
    assert plain.classifier.weight.abs().max() > 0.4  # timm: +-1/sqrt(classes)


def test_defaults_ask_for_no_part():
    assert not has_parts(Model(backbone="x", weights="none"))
    assert all(
        has_parts(Model(backbone="x", weights="none", **{k: v}))
        for k, v in (ALL | {"classifier_init": "torch"}).items()
    )
