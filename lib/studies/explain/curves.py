"""Deletion and insertion (Petsiuk et al. 2018, RISE): what a prediction loses, or regains, pixel by pixel."""

from collections.abc import Callable

import numpy as np
import torch
from scipy import integrate

FRACTIONS = np.round(np.linspace(0, 1, 11), 1)


def removal_order(cam: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int64 [S, S]: place of each pixel from the map's highest (0) to its lowest; equal ones in random order."""
    order = np.lexsort((rng.random(cam.size), -cam.ravel()))
    return np.argsort(order).reshape(cam.shape)  # of an order, the places


def deletion(
    predict: Callable[[torch.Tensor], np.ndarray], images: torch.Tensor, order: np.ndarray, fill: np.ndarray
) -> np.ndarray:
    """float64 [N, F]: the score when the first ``FRACTIONS`` of the pixels are taken away.

    Args:
        predict: uint8 [N, 3, S, S] to scores [N], in the images' order.
        images: uint8 [N, 3, S, S].
        order: int [N, S, S], the places of :func:`removal_order`.
        fill: uint8 [3], the colour of a pixel that is not there.
    """
    place = torch.from_numpy(order)[:, None]
    blank = torch.from_numpy(fill).view(1, 3, 1, 1)
    counts = [round(float(fraction) * place[0].numel()) for fraction in FRACTIONS]
    return np.stack([predict(torch.where(place < count, blank, images)) for count in counts], axis=1)


def insertion(
    predict: Callable[[torch.Tensor], np.ndarray], images: torch.Tensor, order: np.ndarray, fill: np.ndarray
) -> np.ndarray:
    """float64 [N, F]: the score when nothing but the first ``FRACTIONS`` of the pixels is there: :func:`deletion` in
    the reverse order, read backwards."""
    return deletion(predict, images, order[0].size - 1 - order, fill)[:, ::-1]


def area_under(curve: np.ndarray) -> np.ndarray:
    """Area [N] under curves [N, F] over the fraction 0..1, by trapezoids."""
    return integrate.trapezoid(curve, FRACTIONS, axis=-1)
