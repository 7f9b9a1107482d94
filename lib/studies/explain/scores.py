"""What a lesion mask says of a class activation map, and the maps that it is measured against.

A map is float [S, S], not negative; a mask bool [S, S]. An empty mask leaves every score undefined (NaN). An empty
map (no pixel above zero) points nowhere: its energy, pointing and overlap are 0.
"""

import numpy as np

from lib.core.errors import StudyError

SCORES = ("energy_inside", "pointing", "iou")


def energy_inside(cam: np.ndarray, mask: np.ndarray) -> float:
    """Share of the map's sum that lies inside the mask, 0..1 (Wang et al. 2020, Score-CAM, section 4.3).

    A map that is flat scores the mask's share of the image.
    """
    cam, mask = _checked(cam, mask)
    if not mask.any():
        return np.nan
    total = cam.sum()
    return float(cam[mask].sum() / total) if total > 0 else 0.0


def pointing(cam: np.ndarray, mask: np.ndarray) -> float:
    """Whether the map's maximum lies inside the mask, 0 or 1 (Zhang et al. 2018, without its tolerance in pixels).

    Of several equal maxima, as at the enlarged map's edge, the share inside: the mean over random choices among them.
    """
    cam, mask = _checked(cam, mask)
    if not mask.any():
        return np.nan
    return float(mask[cam == cam.max()].mean()) if cam.max() > 0 else 0.0


def iou(cam: np.ndarray, mask: np.ndarray) -> float:
    """Intersection over union of the mask and the map's k highest pixels, k the mask's number of pixels, 0..1.

    Pixels that tie at the k-th value count by their share, as in the mean over random choices among them.
    """
    cam, mask = _checked(cam, mask)
    k = int(mask.sum())
    if k == 0:
        return np.nan
    if cam.max() <= 0:
        return 0.0
    least = np.partition(cam.ravel(), -k)[-k]
    above, tied = cam > least, cam == least
    inside = mask[above].sum() + (k - above.sum()) * mask[tied].mean()
    return float(inside / (2 * k - inside))


def score(cam: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """All of ``SCORES`` by name."""
    return {"energy_inside": energy_inside(cam, mask), "pointing": pointing(cam, mask), "iou": iou(cam, mask)}


def centred_gaussian(size: int) -> np.ndarray:
    """float64 [size, size]: what looks at the middle whatever the image; standard deviation a quarter of the side.

    The width decides its energy alone: pointing and overlap depend on the order of pixels only.
    """
    distance = (np.arange(size) - (size - 1) / 2) / (size / 4)
    side = np.exp(-(distance**2) / 2)
    return np.outer(side, side)


def _checked(cam: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cam, mask = np.asarray(cam, np.float64), np.asarray(mask, bool)
    if cam.shape != mask.shape or cam.ndim != 2:
        raise StudyError(f"a map {cam.shape} and a mask {mask.shape} do not fit: give both as [S, S].")
    if not np.isfinite(cam).all() or cam.min() < 0:
        raise StudyError("a class activation map must be finite and not negative: apply ReLU first.")
    return cam, mask
