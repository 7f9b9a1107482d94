"""What a lesion mask says of a class activation map, and the maps that it is measured against.

A map is float [S, S], not negative; a mask bool [S, S]. An empty mask leaves every score undefined (NaN). An empty
map (no pixel above zero) points nowhere: its energy, pointing and overlap are 0.
"""

import numpy as np

from lib.core.errors import StudyError

SCORES = ("energy_inside", "pointing", "iou")


def score(cam: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """The ``SCORES`` of a map, each 0..1.

    - ``energy_inside``: share of the map's sum inside the mask (Wang et al. 2020, Score-CAM, section 4.3); a flat map
      scores the mask's share of the image.
    - ``pointing``: whether the maximum lies inside (Zhang et al. 2018, without its tolerance in pixels).
    - ``iou``: intersection over union of the mask and the map's k highest pixels, k the mask's number of pixels.

    Pixels that tie, as at an enlarged map's edge, count by their share: the mean over random choices among them.

    Raises:
        StudyError: shapes that do not fit, values that are negative or not finite.
    """
    cam, mask = np.asarray(cam, np.float64), np.asarray(mask, bool)
    if cam.shape != mask.shape or cam.ndim != 2:
        raise StudyError(f"a map {cam.shape} and a mask {mask.shape} do not fit: give both as [S, S].")
    if not np.isfinite(cam).all() or cam.min() < 0:
        raise StudyError("a class activation map must be finite and not negative: apply ReLU first.")
    k = int(mask.sum())
    if not k or cam.max() == 0:
        return dict.fromkeys(SCORES, 0.0 if k else np.nan)
    least = np.partition(cam.ravel(), -k)[-k]
    above, tied = cam > least, cam == least
    inside = mask[above].sum() + (k - above.sum()) * mask[tied].mean()
    values = cam[mask].sum() / cam.sum(), mask[cam == cam.max()].mean(), inside / (2 * k - inside)
    return dict(zip(SCORES, map(float, values), strict=True))


def centred_gaussian(size: int) -> np.ndarray:
    """float64 [size, size]: what looks at the middle whatever the image; standard deviation a quarter of the side.

    The width decides its energy alone: pointing and overlap depend on the order of pixels only.
    """
    distance = (np.arange(size) - (size - 1) / 2) / (size / 4)
    side = np.exp(-(distance**2) / 2)
    return np.outer(side, side)
