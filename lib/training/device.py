"""Which device and precision a run uses, checked before any long work."""

import platform

import torch

from lib.bootstrap import floors
from lib.core.errors import StudyError

PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}


def check_gpu() -> None:
    """Fail when a GPU is present whose architecture this torch has no kernels for.

    Kaggle's stock torch has no sm_60 kernels, so its P100 fails at the first CUDA call otherwise.
    """
    if not torch.cuda.is_available():
        return
    built = torch.cuda.get_arch_list()
    for number in range(torch.cuda.device_count()):
        check_capability(torch.cuda.get_device_capability(number), built, torch.cuda.get_device_name(number))


def check_capability(capability: tuple[int, int], built: list[str], name: str) -> None:
    """Raise a ``StudyError`` unless ``built`` (such as ``sm_80``, ``compute_90``) serves ``capability``.

    Machine code serves the same major version from its minor version on; PTX (``compute_``) every later one.
    """
    major, minor = capability
    for arch in built:
        kind, _, digits = arch.partition("_")
        digits = digits.rstrip("af")
        if not digits.isdigit():
            continue
        arch_major, arch_minor = int(digits[:-1]), int(digits[-1])
        if kind == "sm" and arch_major == major and arch_minor <= minor:
            return
        if kind == "compute" and (arch_major, arch_minor) <= (major, minor):
            return
    oldest = floors()
    # The wheels on PyPI of the oldest supported torch are built for sm_50 to sm_90, later ones begin at sm_70 or sm_75.
    remedy = (
        f"run `pip install torch=={oldest['torch']} torchvision=={oldest['torchvision']}` and restart the kernel, "
        "choose a T4, L4 or newer GPU"
        if (5, 0) <= capability < (7, 5)
        else "install a newer torch"
    )
    raise StudyError(
        f"this torch has no kernels for {name} (sm_{major}{minor}; built for {', '.join(built)}): {remedy}, "
        "or hide the GPU with CUDA_VISIBLE_DEVICES=''."
    )


def cpu_has_bf16() -> bool:
    """Whether this CPU computes bf16 natively, where autocast is faster than fp32."""
    return bool(torch.cpu._is_avx512_bf16_supported()) or bool(torch.cpu._is_amx_tile_supported())


def resolve_precision(asked: str) -> str:
    """``auto`` becomes bf16 (sm_80 and CPUs with native bf16), 16 (older GPUs) or 32; returns 32, bf16 or 16.

    Raises:
        StudyError: 16 asked for on a CPU, or bf16 on a GPU below sm_80.
    """
    gpu = torch.cuda.is_available()
    if asked == "auto":
        if gpu:
            return "bf16" if torch.cuda.get_device_capability()[0] >= 8 else "16"
        return "bf16" if cpu_has_bf16() else "32"
    if asked == "16" and not gpu:
        raise StudyError("precision '16' needs a GPU: use 'auto', 'bf16' or '32' on a CPU.")
    if asked == "bf16" and gpu and torch.cuda.get_device_capability()[0] < 8:
        raise StudyError("precision 'bf16' needs a GPU of sm_80 or newer: use 'auto' or '16'.")
    return asked


def device_name() -> str:
    """Name of the device that trains, as the run record gives it."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' * (threads > 1)} ({cpu_model()})"


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
