"""The offline phase of abdulqader2026: changed copies of minority-class training images, made once and kept."""

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from lib.core.errors import StudyError
from lib.core.paths import cache_dir
from lib.data.cache import ImageCache, stored_array
from lib.plan.spec import Offline
from lib.training.augment import Augmenter

RECIPE = 1  # goes up when the transforms change
NOISE_VARIANCE = (10, 50)  # in squared grey levels of 0..255
CHUNK = 64


@dataclass(frozen=True)
class OfflineImages:
    """``images``: uint8 [M, S, S, 3]; ``targets``: int64 [M]; ``sources``: the image_id that each is made from;
    ``sha256`` of the pixels."""

    images: np.ndarray
    targets: np.ndarray
    sources: tuple[str, ...]
    sha256: str

    def cache(self) -> ImageCache:
        """The copies as a cache of their own, by their number, for what is computed once per image."""
        return ImageCache(self.images, {str(n): n for n in range(len(self.images))}, self.sha256)


def table_3(p: float | None = None) -> dict:
    """The transforms of abdulqader2026's Table 3 but MixUp and CutMix, in its order; ``p`` overrides all probabilities.

    Where the table leaves something open: copies turn and shift with reflected borders; a blur of 3 is a kernel of
    3 pixels, for which OpenCV takes sigma 0.8; variance 10 to 50 is in grey levels, as the parameter was when the
    library still had it (it cuts noise to whole levels towards zero, so that 7.8 to 44.7 arrive); "max=8, min=5" are
    5 to 8 black square holes, each 8/450 of the side (8 pixels, the former default, on an original of 450).
    """
    import albumentations as A

    border = cv2.BORDER_REFLECT_101
    noise = tuple(float(np.sqrt(v)) / 255 for v in NOISE_VARIANCE)
    hole = (8 / 450, 8 / 450)

    def probability(printed: float) -> dict:
        return {"p": printed if p is None else p, "strict": True}

    return {
        "horizontal_flip": A.HorizontalFlip(**probability(0.5)),
        "vertical_flip": A.VerticalFlip(**probability(0.5)),
        "shift_scale_rotate": A.Affine(
            translate_percent=(-0.1, 0.1), scale=(0.8, 1.2), keep_ratio=True, rotate=(-45, 45), border_mode=border,
            **probability(0.9),
        ),
        "brightness_contrast": A.RandomBrightnessContrast(
            brightness_limit=(-0.2, 0.2), contrast_limit=(-0.2, 0.2), **probability(0.7)
        ),
        "hue_saturation_value": A.HueSaturationValue(
            hue_shift_limit=(-10, 10), sat_shift_limit=(-3, 3), val_shift_limit=(-20, 20), **probability(0.7)
        ),
        "gauss_noise": A.GaussNoise(std_range=noise, **probability(0.5)),
        "gaussian_blur": A.GaussianBlur(blur_limit=(3, 3), sigma_limit=(0.8, 0.8), **probability(0.5)),
        "motion_blur": A.MotionBlur(blur_limit=(3, 3), **probability(0.5)),
        "grid_distortion": A.GridDistortion(border_mode=border, **probability(0.2)),
        "coarse_dropout": A.CoarseDropout(
            num_holes_range=(5, 8), hole_height_range=hole, hole_width_range=hole, fill=0, **probability(0.3)
        ),
    }  # fmt: skip


def copies(targets: np.ndarray, offline: Offline) -> np.ndarray:
    """Positions int64 [M] of the images to copy, class by class: what each class lacks to ``offline.target``.

    A class's images take turns in random order, so that none is copied twice more often than another.
    """
    parts = [np.empty(0, np.int64)]
    for target in np.unique(targets):
        members = np.flatnonzero(targets == target)
        lacking = offline.target - len(members)
        if lacking > 0:
            rng = np.random.default_rng([offline.seed, target])
            turns = [rng.permutation(members) for _ in range(-(-lacking // len(members)))]
            parts.append(np.concatenate(turns)[:lacking])
    return np.concatenate(parts)


def copy_seed(offline: Offline, number: int) -> int:
    """The seed of copy ``number``: its own for each copy of a set."""
    return int(np.random.SeedSequence([offline.seed, number]).generate_state(1, np.uint64)[0])


def offline_images(cache: ImageCache, train: pd.DataFrame, offline: Offline) -> OfflineImages:
    """The copies for the training images ``train`` (``image_id``, ``target``), made on first use.

    Kept under ``<cache>/offline`` by a digest of everything that decides them: recipe, library, pixels, images, seed.

    Raises:
        StudyError: no class is smaller than the target.
    """
    positions = copies(train["target"].to_numpy(np.int64), offline)
    if not len(positions):
        raise StudyError(f"no class has fewer than offline.target = {offline.target} training images: raise it.")
    sources = tuple(train["image_id"].iloc[positions])
    size = cache.images.shape[1]
    content = [RECIPE, version("albumentations"), cache.sha256, size, offline.model_dump(), sources]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    path = cache_dir() / "offline" / f"{size}px-{len(positions)}-{digest}.npy"
    note = {"n": len(positions), "size": size}
    images, pixels = stored_array(path, lambda p: _make(p, cache, sources, offline), note)
    return OfflineImages(images, train["target"].to_numpy(np.int64)[positions], sources, pixels)


def _make(path, cache: ImageCache, sources: tuple[str, ...], offline: Offline) -> None:
    size, rows = cache.images.shape[1], cache.at(sources)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(len(sources), size, size, 3))

    def fill(start: int) -> None:
        augment = Augmenter(list(table_3().values()))  # one for each thread: it holds the state of its draws
        for number in range(start, min(start + CHUNK, len(sources))):
            array[number] = augment(np.ascontiguousarray(cache.images[rows[number]]), copy_seed(offline, number))

    Parallel(n_jobs=-1, backend="threading")(delayed(fill)(s) for s in range(0, len(sources), CHUNK))
    array.flush()
