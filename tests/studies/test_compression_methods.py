"""Smaller networks: hand-counted sizes, exact shares of zeros, and outputs that stay close."""

import copy

import pytest
import timm
import torch
from torch import nn

from lib.core.errors import StudyError
from lib.models.forward import Normalize
from lib.studies.compression.methods import pruned, quantized, thinned
from lib.studies.compression.sizes import gzipped, module_size, serialized


def tiny():
    """A convolution with 1*2*3*3 + 2 = 20 numbers and a linear layer with 8*3 + 3 = 27, none of them zero."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3))
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.arange(1.0, p.numel() + 1).reshape(p.shape))
    return net


def test_sizes_are_hand_counted():
    size = module_size(tiny())
    assert (size.float_parameters, size.stored_weights, size.zeros) == (47, 47, 0)
    assert size.bytes == len(serialized(tiny())) > 4 * 47


def test_quantized_weights_are_counted_though_they_are_no_parameters():
    size = module_size(quantized(tiny()))
    assert size.float_parameters == 20 and size.stored_weights == 47
    assert size.zeros < 47


def test_a_quantized_layer_without_bias_is_counted():
    assert module_size(quantized(nn.Sequential(nn.Linear(5, 4, bias=False)))).stored_weights == 20


@pytest.mark.parametrize("sparsity, zeros", [(0.0, 0), (0.3, 5 + 7), (1.0, 18 + 24)])
def test_pruning_zeroes_exactly_the_share_of_each_layer(sparsity, zeros):
    size = module_size(pruned(tiny(), sparsity))  # round(0.3 * 18) = 5 of the convolution, round(0.3 * 24) = 7
    assert (size.stored_weights, size.zeros) == (47, zeros)


def test_pruning_takes_the_smallest_and_leaves_biases():
    net = pruned(tiny(), 0.3)
    assert net[0].weight.flatten().tolist()[:7] == [0, 0, 0, 0, 0, 6, 7]
    assert net[0].bias.tolist() == [1, 2] and not list(net.named_buffers())


def test_pruning_keeps_the_order_of_weights_in_memory():
    net = nn.Sequential(nn.Conv2d(4, 8, 3)).to(memory_format=torch.channels_last)
    before = copy.deepcopy(net)
    pruned(net, 0.5)
    assert net[0].weight.is_contiguous(memory_format=torch.channels_last)
    kept = net[0].weight != 0
    assert kept.sum() == 144 and torch.equal(net[0].weight[kept], before[0].weight[kept])
    assert before[0].weight[~kept].abs().max() <= before[0].weight[kept].abs().min()


def test_zeros_show_in_the_compressed_file_alone():
    torch.manual_seed(0)
    dense = nn.Sequential(nn.Linear(200, 200))
    sparse = pruned(copy.deepcopy(dense), 0.5)
    assert len(serialized(sparse)) == pytest.approx(len(serialized(dense)), rel=0.001)
    assert gzipped(serialized(sparse)) < 0.8 * gzipped(serialized(dense))


def test_quantization_warns_nothing(recwarn):
    quantized(nn.Sequential(nn.Linear(4, 4)))
    assert not recwarn.list


@pytest.fixture(scope="module", params=["test_convnext", "test_vit"])
def network(request):
    torch.manual_seed(0)
    size = {"img_size": 32} if "vit" in request.param else {}
    model = timm.create_model(request.param, num_classes=5, **size)
    return nn.Sequential(Normalize((0.5,) * 3, (0.25,) * 3), model).eval()


@pytest.fixture
def images():
    return torch.randint(0, 256, (6, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_a_quantized_network_predicts_nearly_the_same(network, images):
    with torch.inference_mode():
        expected, found = network(images).softmax(1), quantized(network)(images).softmax(1)
    assert 0 < (found - expected).abs().max() < 0.02


def test_structured_pruning_removes_half_of_the_hidden_units(network, images, recwarn):
    small = thinned(network, 0.5, 32)
    assert not recwarn.list
    pairs = list(zip(blocks(network), blocks(small), strict=True))
    assert pairs and all(2 * s.fc1.weight.shape[0] == b.fc1.weight.shape[0] for b, s in pairs)
    removed = sum(b.fc1.weight.numel() + b.fc2.weight.numel() + b.fc1.bias.numel() for b, _ in pairs) // 2
    assert module_size(small).stored_weights == module_size(network).stored_weights - removed
    with torch.inference_mode():
        assert small(images).shape == (6, 5)


def test_structured_pruning_keeps_the_units_of_largest_weight():
    class Mlp(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.act, self.fc2 = nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 2)

        def forward(self, images):
            return self.fc2(self.act(self.fc1(images.float().mean(dim=(2, 3)))))

    net = Mlp()
    with torch.no_grad():
        for layer in (net.fc1.weight, net.fc2.weight.T):
            layer.copy_(torch.tensor([3.0, 0.1, 2.0, 0.2])[:, None].expand_as(layer))
    small = thinned(net, 0.5, 8)
    assert torch.equal(small.fc1.weight, net.fc1.weight[[0, 2]])
    assert torch.equal(small.fc2.weight, net.fc2.weight[:, [0, 2]])


def test_a_network_without_such_blocks_is_named():
    with pytest.raises(StudyError, match="Sequential has no MLP block"):
        thinned(tiny(), 0.5, 8)


def blocks(net):
    return [m for m in net.modules() if hasattr(m, "fc1") and hasattr(m, "fc2")]
