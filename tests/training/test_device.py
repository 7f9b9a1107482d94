"""Device checks, on made-up GPUs."""

import pytest
import torch

from lib.bootstrap import floors
from lib.core.errors import StudyError
from lib.training import device
from lib.training.device import PRECISIONS, check_capability, check_gpu, resolve_precision

STOCK = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]  # torch for CUDA 12.8


@pytest.mark.parametrize(
    ("capability", "built", "served"),
    [
        ((6, 0), STOCK, False),
        ((6, 0), ["sm_50", "sm_60", "sm_70"], True),
        ((6, 1), ["sm_60"], True),  # later minor version
        ((6, 0), ["sm_61"], False),  # earlier minor version
        ((7, 5), STOCK, True),
        ((7, 0), STOCK, False),
        ((8, 9), STOCK, True),
        ((9, 0), ["sm_80"], False),  # machine code serves no other major version
        ((9, 0), ["sm_80", "compute_80"], True),  # PTX serves every later one
        ((7, 5), ["compute_80"], False),  # and no earlier one
        ((9, 0), ["sm_90a"], True),
        ((12, 0), ["sm_120"], True),
        ((12, 0), ["sm_90", "gfx90a", "sm_"], False),
        ((8, 0), [], False),
    ],
)
def test_capability(capability, built, served):
    if served:
        check_capability(capability, built, "some GPU")
        return
    with pytest.raises(StudyError):
        check_capability(capability, built, "some GPU")


class Gpu:
    """Stands where ``torch.cuda`` does; a machine with the named capabilities."""

    def __init__(self, *capabilities, built=STOCK):
        self.capabilities, self.built = capabilities, built

    def is_available(self):
        return bool(self.capabilities)

    def get_arch_list(self):
        return self.built

    def device_count(self):
        return len(self.capabilities)

    def get_device_capability(self, number=0):
        return self.capabilities[number]

    def get_device_name(self, number=0):
        return f"Tesla {number}"


def use(monkeypatch, *capabilities):
    monkeypatch.setattr(device.torch, "cuda", Gpu(*capabilities))


def test_p100_on_kaggles_torch_fails_with_a_remedy(monkeypatch):
    use(monkeypatch, (6, 0))
    with pytest.raises(StudyError, match=r"no kernels for Tesla 0 \(sm_60; built for sm_75, .*T4.*hide") as error:
        check_gpu()
    assert "run `pip install torch==2.7.1 torchvision==0.22.1` and restart the kernel" in str(error.value)


def test_a_gpu_newer_than_torch_asks_for_a_newer_torch(monkeypatch):
    use(monkeypatch, (13, 0))
    with pytest.raises(StudyError, match="install a newer torch, or hide"):
        check_gpu()


def test_the_p100s_kernels_are_in_the_oldest_torch_alone():
    built = torch._C._cuda_getArchFlags()
    if not built:
        pytest.skip("this torch was built without CUDA")
    assert ("sm_60" in built.split()) is torch.__version__.startswith(floors()["torch"])


def test_every_gpu_is_checked(monkeypatch):
    use(monkeypatch, (8, 0), (6, 0))
    with pytest.raises(StudyError, match="Tesla 1"):
        check_gpu()
    use(monkeypatch, (8, 0), (9, 0))
    check_gpu()
    use(monkeypatch)
    check_gpu()


@pytest.mark.parametrize(
    ("capability", "asked", "resolved"),
    [
        ((8, 0), "auto", "bf16"),
        ((7, 5), "auto", "16"),
        ((6, 0), "auto", "16"),
        ((7, 5), "32", "32"),
        ((7, 5), "16", "16"),
        ((9, 0), "bf16", "bf16"),
        (None, "32", "32"),
        (None, "bf16", "bf16"),
    ],
)
def test_precision(monkeypatch, capability, asked, resolved):
    use(monkeypatch, *([capability] if capability else []))
    assert resolve_precision(asked) == resolved and resolved in PRECISIONS


@pytest.mark.parametrize(("native", "resolved"), [(True, "bf16"), (False, "32")])
def test_automatic_precision_of_a_cpu(monkeypatch, native, resolved):
    use(monkeypatch)
    monkeypatch.setattr(device, "cpu_has_bf16", lambda: native)
    assert resolve_precision("auto") == resolved


def test_precisions_that_cannot_be_had(monkeypatch):
    use(monkeypatch, (7, 5))
    with pytest.raises(StudyError, match="sm_80 or newer"):
        resolve_precision("bf16")
    use(monkeypatch)
    with pytest.raises(StudyError, match="needs a GPU"):
        resolve_precision("16")


def test_names(monkeypatch):
    assert isinstance(device.cpu_has_bf16(), bool)
    use(monkeypatch)
    assert device.device_name().startswith(f"CPU, {torch.get_num_threads()} thread") and device.cpu_model()
    use(monkeypatch, (8, 0))
    assert device.device_name() == "Tesla 0"
