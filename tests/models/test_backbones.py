"""Backbones and weights: what fits is loaded, anything else is refused."""

import pytest
import timm
import torch
from safetensors.torch import load_file

from lib.core.errors import StudyError
from lib.core.files import sha256_file
from lib.core.paths import weights_dir
from lib.models import backbones
from lib.models.backbones import backbone_digest, build_backbone, check_backbone, count_parameters
from lib.models.forward import Normalize
from tests.fakes.weights import keep


def random_state(name, **arguments):
    torch.manual_seed(1)
    return timm.create_model(name, **arguments).state_dict()


@pytest.fixture(scope="module")
def convnext():
    return random_state("test_convnext", num_classes=10)


@pytest.mark.parametrize("n_outputs", [0, 1, 10])
def test_classifier_of_any_size(tmp_path, convnext, n_outputs):
    net, info = build_backbone(
        "test_convnext", "local", n_outputs, 32, folder=keep(tmp_path, "test_convnext", convnext)
    )
    own = net.state_dict()
    shared = [k for k in convnext if n_outputs == 10 or not k.startswith("head.fc.")]
    assert len(shared) >= len(convnext) - 2
    assert all(torch.equal(own[k], convnext[k]) for k in shared)
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, n_outputs or 64)
    assert (info.weights, info.source, info.mean, info.std) == ("local", "made here", (0.5, 0.4, 0.3), (0.2, 0.2, 0.1))
    assert info.sha256 == sha256_file(tmp_path / "test_convnext.safetensors") and info.licence == "own"


def test_half_precision_files_are_loaded_as_float32(tmp_path, convnext):
    keep(tmp_path, "test_convnext", {k: v.half() for k, v in convnext.items()})
    net, _ = build_backbone("test_convnext", "local", 10, 32, folder=tmp_path)
    assert {p.dtype for p in net.parameters()} == {torch.float32}
    assert torch.allclose(net.state_dict()["stem.0.weight"], convnext["stem.0.weight"], atol=1e-3)


def without(state, key):
    return {k: v for k, v in state.items() if k != key}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, "stem.0.bias"), r"1 missing, 0 unexpected, 0 of another shape, first 'stem\.0\.bias'"),
        (lambda s: s | {"stem.9.bias": torch.zeros(1)}, r"0 missing, 1 unexpected.*'stem\.9\.bias'"),
        (lambda s: s | {"stem.0.bias": torch.zeros(5)}, r"1 of another shape, first 'stem\.0\.bias'"),
        (lambda s: {f"module.{k}": v for k, v in s.items()}, "missing"),
    ],
)
def test_keys_that_do_not_fit_are_refused(tmp_path, convnext, change, message):
    keep(tmp_path, "test_convnext", change(convnext))
    with pytest.raises(StudyError, match=message):
        build_backbone("test_convnext", "local", 2, 32, folder=tmp_path)


def test_wrong_checksum_is_refused(tmp_path, convnext):
    keep(tmp_path, "test_convnext", convnext, sha256="0" * 64)
    with pytest.raises(StudyError, match=r"checksum of .*test_convnext\.safetensors differs"):
        check_backbone("test_convnext", "local", tmp_path)


def test_note_without_the_scale_is_refused(tmp_path, convnext):
    keep(tmp_path, "test_convnext", convnext)
    (tmp_path / "test_convnext.json").write_text('{"source": "x"}')
    with pytest.raises(StudyError, match=r"test_convnext\.json lacks mean, std"):
        check_backbone("test_convnext", "local", tmp_path)


def test_missing_file_names_what_is_there(tmp_path, convnext, monkeypatch):
    keep(tmp_path, "test_convnext", convnext)
    with pytest.raises(StudyError, match=r"'test_resnet' not found in .* \(there: test_convnext\)"):
        check_backbone("test_resnet", "local", tmp_path)
    monkeypatch.setenv("DERM_WEIGHTS", str(tmp_path / "nowhere"))
    with pytest.raises(StudyError, match=r"nowhere \(there: none\).*DERM_WEIGHTS"):
        check_backbone("test_resnet", "local")


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("convnext_tinny", "none", "unknown backbone 'convnext_tinny': did you mean 'convnext_tiny'"),
        ("convnext_tiny.fb_in1", "imagenet", r"unknown pretrained weights .* did you mean 'convnext_tiny\.fb_in1k'"),
    ],
)
def test_unknown_names_get_the_nearest_spelling(name, weights, message):
    with pytest.raises(StudyError, match=message):
        build_backbone(name, weights, 2, 32)


def test_failed_download_says_what_to_do(monkeypatch):
    def offline(*arguments, **options):
        raise ConnectionError("no route")

    monkeypatch.setattr(backbones.timm, "create_model", offline)
    with pytest.raises(StudyError, match=r"could not be downloaded \(ConnectionError\).*weights 'local'"):
        build_backbone("convnext_tiny.fb_in1k", "imagenet", 2, 32)


def test_position_embedding_is_resampled(tmp_path):
    state = random_state("test_vit", num_classes=10)
    # A plane over the grid of patches stays one at any size; the class token's part must not be resampled.
    size = int((state["pos_embed"].shape[1] - 1) ** 0.5)
    ramp = torch.linspace(-1, 1, size).repeat(size, 1).reshape(1, -1, 1)
    state["pos_embed"] = torch.cat([torch.full((1, 1, 1), 9.0), ramp], dim=1).repeat(1, 1, state["pos_embed"].shape[2])
    net, _ = build_backbone("test_vit", "local", 2, 64, folder=keep(tmp_path, "test_vit", state))
    found = net.pos_embed[0, :, 0]
    assert found.shape == (1 + 4 * 4,) and found[0] == 9
    grid = found[1:].reshape(4, 4)
    assert torch.allclose(grid, grid[:1].expand(4, 4), atol=1e-4)
    assert torch.allclose(grid[0], torch.tensor([-0.75, -0.25, 0.25, 0.75]), atol=0.1)
    assert net(torch.zeros(1, 3, 64, 64)).shape == (1, 2)


def test_batch_norm_epsilon_of_the_note_is_applied(tmp_path):
    state = random_state("test_efficientnet", num_classes=3)
    folder = keep(tmp_path, "test_efficientnet", state, bn_eps=0.02)
    net, _ = build_backbone("test_efficientnet", "local", 3, 32, folder=folder)
    epsilons = {m.eps for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)}
    assert epsilons == {0.02}


def test_without_weights():
    torch.manual_seed(0)
    net, info = build_backbone("test_convnext", "none", 1, 32, drop_path=0.3)
    assert (info.weights, info.sha256) == ("none", "") and len(info.mean) == 3
    assert max(getattr(m, "drop_prob", 0) for m in net.modules()) == pytest.approx(0.3)
    assert count_parameters(net) == sum(v.numel() for v in net.state_dict().values())


def timm_with(state, **arguments):
    net = timm.create_model("test_convnext", **arguments)
    net.load_state_dict({k: v for k, v in state.items() if k in net.state_dict()})
    return net


def test_digest_sees_every_value_but_the_classifier(convnext):
    net = timm_with(convnext, num_classes=10)
    first = backbone_digest(net)
    assert backbone_digest(net) == first
    with torch.no_grad():
        net.head.fc.bias[3] += 1e-6  # starts at random, so it says nothing about the weights
    assert backbone_digest(net) == first == backbone_digest(timm_with(convnext, num_classes=0))
    with torch.no_grad():
        net.stem[0].bias[3] += 1e-6
    assert backbone_digest(net) != first


def test_normalize():
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    out = Normalize((0.5, 0.2, 0.0), (0.25, 0.1, 0.5))(images)
    assert out.dtype == torch.float32 and out.flatten().tolist() == pytest.approx([-2.0, 0.0, 2.0])


def test_real_vit_tiny_fits_other_sizes():
    file = weights_dir() / "vit_tiny_patch16_224.safetensors"
    if not file.is_file():
        pytest.skip("local weights absent: set DERM_WEIGHTS to the folder that holds vit_tiny_patch16_224.safetensors")
    net, info = build_backbone("vit_tiny_patch16_224", "local", 0, 64)
    assert net.pos_embed.shape == (1, 17, 192) and info.mean == (0.5, 0.5, 0.5)
    stored = load_file(file)
    assert torch.equal(net.blocks[3].mlp.fc1.weight, stored["blocks.3.mlp.fc1.weight"].float())
    assert net.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 192)
