"""Map-style dataset, epoch-aware sampler, loaders, and what a trained network says of a data set."""

import os
from collections.abc import Iterator

import cv2
import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from lib.data.cache import ImageCache
from lib.models.forward import forward
from lib.training.augment import Augmenter


class ImageDataset(Dataset):
    """Images and targets by ``(epoch, position)``.

    Items are (uint8 tensor [3, S, S], int64 target, int64 position). An augmentation is drawn from
    (run seed, epoch, position) alone: the same whichever worker does it, different in every epoch. ``extra`` are
    further images (uint8 [M, S, S, 3]) with their targets (int64 [M]), at the positions after the frame's.
    """

    def __init__(
        self,
        cache: ImageCache,
        frame: pd.DataFrame,
        augmenter: Augmenter | None = None,
        seed: int = 0,
        extra: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        self.rows = cache.at(frame["image_id"])
        self.images = cache.images
        self.targets = frame["target"].to_numpy(np.int64)
        self.augmenter = augmenter
        self.seed = seed
        self.extra = None
        if extra:
            self.extra = extra[0]
            self.targets = np.concatenate([self.targets, extra[1]])

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, key: tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        epoch, position = key
        further = position - len(self.rows)
        image = self.images[self.rows[position]] if further < 0 else self.extra[further]
        if self.augmenter:
            seed = np.random.SeedSequence([self.seed, epoch, position]).generate_state(1)[0]
            image = self.augmenter(image, int(seed))
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), int(self.targets[position]), position


class FeatureDataset(Dataset):
    """Cached features and targets by ``(epoch, position)``: (float32 tensor [D] or a map [C, H, W], int64 target,
    int64 position)."""

    def __init__(self, features: np.ndarray, targets: np.ndarray):
        self.features = torch.from_numpy(np.array(features, dtype=np.float32))
        self.targets = torch.from_numpy(np.array(targets, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.targets)

    def __getitems__(self, keys: list[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        positions = torch.tensor([position for _, position in keys])
        return self.features[positions], self.targets[positions], positions


class EpochSampler(Sampler):
    """Yields ``(epoch, position)``; order drawn from (seed, epoch).

    ``balanced`` draws positions with replacement, each class equally often on average; ``shuffle`` permutes;
    ``in_order`` is for evaluation. Where several devices train together each gets its share of the order, padded from
    its start to equal lengths; ``in_order`` gives each of them everything, so that no image counts twice.
    """

    def __init__(self, targets: np.ndarray, mode: str, seed: int = 0):
        self.targets, self.mode, self.seed, self.epoch = np.asarray(targets), mode, seed, 0

    def __len__(self) -> int:
        return -(-len(self.targets) // self._share()[1])

    def _share(self) -> tuple[int, int]:
        """(rank, number of devices) among those that train together."""
        together = torch.distributed.is_available() and torch.distributed.is_initialized()
        if self.mode == "in_order" or not together:
            return 0, 1
        return torch.distributed.get_rank(), torch.distributed.get_world_size()

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer at the start of each epoch, also after a resume."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[tuple[int, int]]:
        n = len(self.targets)
        rng = np.random.default_rng([self.seed, self.epoch])
        if self.mode == "balanced":
            weights = 1.0 / np.bincount(self.targets)[self.targets]
            order = rng.choice(n, size=n, p=weights / weights.sum())
        elif self.mode == "shuffle":
            order = rng.permutation(n)
        else:
            order = np.arange(n)
        rank, devices = self._share()
        order = np.resize(order, len(self) * devices)[rank::devices]
        return iter([(self.epoch, int(position)) for position in order])


def default_workers() -> int:
    """Worker processes for training: the cores at hand, at most 8, none to spare on a single core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if cores == 1 else min(8, cores)


def _init_worker(_worker: int) -> None:
    # One thread per worker: the cores belong to the training step.
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def _as_is(batch):
    return batch


def make_loader(dataset: Dataset, batch_size: int, mode: str = "in_order", seed: int = 0, workers: int = 0):
    """DataLoader over an ``ImageDataset`` or ``FeatureDataset`` with its ``EpochSampler``.

    A last training batch of a single image is dropped, since BatchNorm cannot train on it.
    """
    sampler = EpochSampler(dataset.targets, mode, seed)
    features = isinstance(dataset, FeatureDataset)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=sampler,
        drop_last=mode != "in_order" and len(dataset) % batch_size == 1,
        num_workers=workers,
        persistent_workers=workers > 0,
        worker_init_fn=_init_worker if workers else None,
        pin_memory=torch.cuda.is_available(),
        collate_fn=_as_is if features else None,
    )


def predict(net: torch.nn.Module, dataset: Dataset, precision: str) -> np.ndarray:
    """Logits float32 [N, 1] or [N, K] in the dataset's order, at the precision that trained ``net``."""
    return forward(net, (images for images, _, _ in make_loader(dataset, 128)), precision)
