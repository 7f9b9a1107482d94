"""Pooled features of a frozen backbone, computed once per image and kept."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from lib.data.cache import ImageCache
from lib.files import locked, sha256_file, write_atomic, write_json
from lib.models.backbones import WeightsInfo, build_backbone
from lib.models.normalize import Normalize
from lib.paths import cache_dir


def frozen_features(
    cache: ImageCache, backbone: str, weights: str, precision: str, folder: Path | None = None
) -> tuple[np.ndarray, WeightsInfo]:
    """Pre-classifier features float16 [N, D] of all images of ``cache``, in its order, and the weights' description.

    Computed without augmentation at the cache's size and kept under ``<cache>/features``, keyed by pixels, weights
    and precision. ``folder`` is the folder of local weights.
    """
    size = cache.images.shape[1]
    net, info = build_backbone(backbone, weights, 0, size, folder=folder)
    key = f"{backbone}-{weights}-{info.sha256[:8]}-{cache.sha256[:12]}-{precision}"
    path = cache_dir() / "features" / f"{key}.npy"
    note = path.with_suffix(".json")
    with locked(path):
        if not (path.is_file() and note.is_file() and json.loads(note.read_text())["sha256"] == sha256_file(path)):
            model = nn.Sequential(Normalize(info.mean, info.std), net)
            title = f"features of {backbone}"
            write_atomic(path, lambda p: np.save(p, _extract(model, cache.images, precision, title)))
            write_json(note, {"sha256": sha256_file(path), "weights": info.as_dict(), "image_size": size})
    return np.load(path), info


def _extract(model: nn.Module, images: np.ndarray, precision: str, title: str, batch: int = 64) -> np.ndarray:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device, memory_format=torch.channels_last).eval()
    dtype = {"bf16": torch.bfloat16, "16": torch.float16}.get(precision, torch.float32)
    parts = []
    with torch.inference_mode(), torch.autocast(device.type, dtype, enabled=precision != "32"):
        for start in tqdm(range(0, len(images), batch), desc=title, disable=None):
            block = torch.from_numpy(np.ascontiguousarray(images[start : start + batch].transpose(0, 3, 1, 2)))
            parts.append(model(block.to(device)).float().cpu().numpy().astype(np.float16))
    return np.concatenate(parts)
