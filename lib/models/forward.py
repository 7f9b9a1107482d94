"""From stored pixels to a network's outputs: what it expects, and the one loop outside training."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

DTYPES = {"32": torch.float32, "bf16": torch.bfloat16, "16": torch.float16}


def forward(
    net: nn.Module, batches: Iterable[torch.Tensor], precision: str, title: str | None = None, total: int | None = None
) -> np.ndarray:
    """``net``'s outputs, float32 [N, ...], of all ``batches``, in eval mode, on the GPU where there is one.

    Args:
        batches: uint8 images [B, 3, S, S] or float features [B, D], whatever ``net`` takes.
        precision: ``32``, ``bf16`` or ``16``, as :func:`lib.training.device.resolve_precision` gives it.
        title: of the progress bar in a terminal (none without it); ``total``: its number of batches.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = net.to(device).eval()
    parts = []
    with torch.inference_mode(), torch.autocast(device.type, DTYPES[precision], enabled=precision != "32"):
        for batch in tqdm(batches, desc=title, total=total, disable=None if title else True):
            parts.append(net(batch.to(device, non_blocking=True)).float().cpu().numpy())
    return np.concatenate(parts)


def image_batches(images: np.ndarray, rows: np.ndarray | None = None, size: int = 64) -> Iterable[torch.Tensor]:
    """uint8 [B, 3, S, S] of the rows (all, if None) of ``images``, uint8 [N, S, S, 3], at most ``size`` at a time."""
    n = len(images) if rows is None else len(rows)
    for start in range(0, n, size):
        part = images[start : start + size] if rows is None else images[rows[start : start + size]]
        yield torch.from_numpy(np.ascontiguousarray(part.transpose(0, 3, 1, 2)))


class Normalize(nn.Module):
    """uint8 [B, 3, S, S] (0..255) to float32 with the given mean and std of the 0..1 scale."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]):
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return ((images.float() - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
