"""Augmentation behind one function, so that the library that does it can be replaced."""

import os

import cv2
import numpy as np

from lib.plan.spec import Augmentation

# Or else importing albumentations asks the network for a newer version, and warns when it gets no answer.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")


class Augmenter:
    """Callable from (uint8 [H, W, 3], seed) to uint8 [size, size, 3].

    The seed alone decides the draw: albumentations 2.0.8 repeats its draws in every worker and epoch when it is
    left to seed itself.
    """

    def __init__(self, steps: list):
        import albumentations as A

        self.compose = A.Compose(steps)

    def __call__(self, image: np.ndarray, seed: int) -> np.ndarray:
        self.compose.set_random_seed(seed)
        return self.compose(image=image)["image"]


def build_augmenter(augmentation: Augmentation, size: int) -> Augmenter | None:
    """The augmentation at ``size`` pixels; None where nothing is to be done."""
    steps = _steps(augmentation, size)
    return Augmenter(steps) if steps else None


def _steps(a: Augmentation, size: int) -> list:
    if a == Augmentation():
        return []
    import albumentations as A

    steps = []
    if a.horizontal_flip:
        steps.append(A.HorizontalFlip(p=a.horizontal_flip, strict=True))
    if a.vertical_flip:
        steps.append(A.VerticalFlip(p=a.vertical_flip, strict=True))
    if a.rotate:
        # Reflection, so that no black corners tell the network how far an image was turned.
        steps.append(A.Rotate(limit=(-a.rotate, a.rotate), border_mode=cv2.BORDER_REFLECT_101, p=1.0, strict=True))
    if a.random_crop:
        steps.append(A.RandomCrop(height=size, width=size, p=1.0, strict=True))
    if a.crop_scale:
        steps.append(A.RandomResizedCrop(size=(size, size), scale=a.crop_scale, ratio=(1.0, 1.0), p=1.0, strict=True))
    if a.brightness or a.contrast or a.saturation or a.hue:
        steps.append(
            A.ColorJitter(
                brightness=(1 - a.brightness, 1 + a.brightness),
                contrast=(1 - a.contrast, 1 + a.contrast),
                saturation=(1 - a.saturation, 1 + a.saturation),
                hue=(-a.hue, a.hue),
                p=1.0,
                strict=True,
            )
        )
    return steps
