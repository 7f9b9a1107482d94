"""Lesion masks, brought to the same pixels as the images."""

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.data import read_image
from lib.data.cache import fit_square


def read_masks(frame: pd.DataFrame, size: int, resize: str = "squash") -> np.ndarray:
    """Lesion masks of the rows of ``frame`` (column ``mask_path``), bool [N, size, size], resized as their images.

    A pixel belongs to the lesion if at least half of its area does. A mask may come out empty, where a crop leaves
    the lesion outside.

    Raises:
        StudyError: the data set has no masks, an image has none, or one cannot be read.
    """
    if "mask_path" not in frame:
        raise StudyError(
            f"data set {frame.attrs.get('name')!r} has no lesion masks: fetch HAM10000's "
            "(`python -m lib data fetch ham10000`) or choose a data set that has them."
        )
    absent = frame.loc[frame["mask_path"].isna(), "image_id"]
    if len(absent):
        raise StudyError(f"image {absent.iloc[0]} has no lesion mask: fetch the data set's masks again.")
    masks = [fit_square(read_image(path), size, resize)[..., 0] >= 128 for path in frame["mask_path"]]
    return np.stack(masks) if masks else np.zeros((0, size, size), bool)
