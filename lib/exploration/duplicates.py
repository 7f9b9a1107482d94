"""Near-duplicates: which other image of the data set resembles each image most."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.data.cache import open_cache
from lib.data.matching import SIDE, best_matches


def nearest_images(index: pd.DataFrame) -> pd.DataFrame:
    """For each image the other image with the highest correlation of 32 x 32 colour thumbnails.

    A turned or much enlarged photograph of the same lesion correlates little: what is found are near-duplicates,
    not all photographs of a lesion.

    Returns:
        One row per image: image_id, dx, group, path, lesion_id or subject_id where known; nearest_id, nearest_dx,
        nearest_group and nearest_path; same_group and same_dx (bool); correlation (Pearson, -1..1).
    """
    images = open_cache(index, SIDE).images
    row, correlation = best_matches(images, images, skip_self=True)
    unit_ids = [column for column in ("lesion_id", "subject_id") if column in index]
    own = index[["image_id", "dx", "group", "path", *unit_ids]].reset_index(drop=True)
    other = own.iloc[row].reset_index(drop=True)
    table = own.assign(
        nearest_id=other["image_id"],
        nearest_dx=other["dx"],
        nearest_group=other["group"],
        nearest_path=other["path"],
        same_group=own["group"] == other["group"],
        same_dx=own["dx"] == other["dx"],
        correlation=correlation.astype(np.float64),
    )
    table.attrs = dict(index.attrs)
    return table


def nearest_summary(nearest: pd.DataFrame, thresholds: Sequence[float] = (0.9, 0.95, 0.98, 0.99)) -> pd.DataFrame:
    """Images whose nearest other image correlates at least so much: how many, in the same group, in another group,
    and in another group with another diagnosis."""
    rows = {}
    for threshold in thresholds:
        near = nearest[nearest["correlation"] >= threshold]
        rows[threshold] = {
            "images": len(near),
            "share_of_images": len(near) / len(nearest),
            "same_group": int(near["same_group"].sum()),
            "other_group": int((~near["same_group"]).sum()),
            "other_group_and_dx": int((~near["same_group"] & ~near["same_dx"]).sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("correlation_at_least")


def suspect_pairs(nearest: pd.DataFrame, at_least: float = 0.95) -> pd.DataFrame:
    """Pairs of images in different groups that correlate at least so much, each pair once, most alike first."""
    pairs = nearest[~nearest["same_group"] & (nearest["correlation"] >= at_least)]
    ids = np.sort(pairs[["image_id", "nearest_id"]].to_numpy().astype(str), axis=1)
    first = ~pd.Series([tuple(pair) for pair in ids], index=pairs.index, dtype=object).duplicated()
    return pairs[first].sort_values(["correlation", "image_id"], ascending=[False, True], ignore_index=True)
