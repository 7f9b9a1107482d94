"""Near-duplicates: which other image of the data set resembles each image most."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lib.data.cache import open_cache
from lib.data.matching import SIDE, best_matches
from lib.data.splits import SPLITS, make_split
from lib.records.names import data_set
from lib.studies.exploration.tables import seeds_of, splits_of


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
    other = own.loc[row, ["image_id", "dx", "group", "path"]].reset_index(drop=True)
    other.columns = ["nearest_id", "nearest_dx", "nearest_group", "nearest_path"]
    table = own.join(other).assign(correlation=correlation.astype(np.float64))
    table["same_group"], table["same_dx"] = (table[c] == table[f"nearest_{c}"] for c in ("group", "dx"))
    table.attrs = dict(index.attrs)
    return table


def nearest_summary(nearest: pd.DataFrame, thresholds: Sequence[float] = (0.9, 0.95, 0.98, 0.99)) -> pd.DataFrame:
    """Images whose nearest other image correlates at least so much: how many, in the same group, in another group,
    and in another group with another diagnosis."""
    rows = {}
    for threshold in thresholds:
        near = nearest[nearest["correlation"] >= threshold]
        row = {"images": len(near), "share_of_images": len(near) / len(nearest), "same_group": near["same_group"].sum()}
        row |= {"other_group": (~near["same_group"]).sum()}
        rows[threshold] = row | {"other_group_and_dx": (~near["same_group"] & ~near["same_dx"]).sum()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("correlation_at_least")


def suspect_pairs(nearest: pd.DataFrame, at_least: float = 0.95) -> pd.DataFrame:
    """Pairs of images in different groups that correlate at least so much, each pair once, most alike first."""
    pairs = nearest[~nearest["same_group"] & (nearest["correlation"] >= at_least)]
    ids = np.sort(pairs[["image_id", "nearest_id"]].to_numpy().astype(str), axis=1)
    first = ~pd.DataFrame(ids, index=pairs.index).duplicated()
    return pairs[first].sort_values(["correlation", "image_id"], ascending=[False, True], ignore_index=True)


def copies_in_training(
    nearest: pd.DataFrame, index: pd.DataFrame, at_least: float = 0.99, seeds: Sequence[int] = range(5)
) -> pd.DataFrame:
    """Test images whose nearest image (:func:`nearest_images`) is in training and correlates at least so much.

    Unlike ``tables.leakage`` this asks the pixels, not the groups: it finds copies that the groups do not know, and
    misses other photographs of the same lesion.

    Returns:
        One row per split of the data set: split, seeds (how many), n_test, n_copied (mean images), share (mean).
    """
    ids = nearest["image_id"].to_numpy()
    rows = []
    for name in splits_of(index):
        counts = []
        for seed in seeds_of(name, seeds):
            part = make_split(name, index, seed=seed).set_axis(index["image_id"])
            test = part[ids].to_numpy() == "test"
            copied = test & (part[nearest["nearest_id"]].to_numpy() == "train") & (nearest["correlation"] >= at_least)
            counts.append((test.sum(), copied.sum()))
        n_test, n_copied = np.mean(counts, axis=0)
        rows.append((name, len(counts), n_test, n_copied, n_copied / n_test))
    return pd.DataFrame(rows, columns=["split", "seeds", "n_test", "n_copied", "share"])


def shared_images(indexes: Mapping[str, pd.DataFrame], at_least: float = 0.99) -> pd.DataFrame:
    """Which data sets show the same photographs: one row per pair of data sets.

    An image counts as shared if its 32 x 32 colour thumbnail correlates at least so much with one of the other set.
    Copies that were squashed, resized or compressed are found; copies cropped to another part are not.

    Returns:
        Columns of, among (data sets), images (of the first), shared (how many of them), share, best_other (highest
        correlation of an image that is not shared).
    """
    thumbnails = {name: open_cache(index, SIDE).images for name, index in indexes.items()}
    rows = []
    for name, other in itertools.permutations(thumbnails, 2):
        correlation = pd.Series(best_matches(thumbnails[name], thumbnails[other])[1])
        shared = correlation >= at_least
        rows.append((name, other, len(shared), shared.sum(), shared.mean(), float(correlation[~shared].max())))
    return pd.DataFrame(rows, columns=["of", "among", "images", "shared", "share", "best_other"])


def told(shared: pd.DataFrame, pairs: Mapping[str, int], copied: pd.DataFrame) -> str:
    """What the pixels know and the names do not: of :func:`shared_images`, of how many :func:`suspect_pairs` each data
    set has, and of :func:`copies_in_training` (with the column ``data``) on splits that know groups."""
    parts = []
    if shared["share"].max() > 0:
        row = shared.loc[shared["share"].idxmax()]
        parts.append(f"**{row['share']:.0%}** of {data_set(row['of'])} are images of {data_set(row['among'])}")
    parts += [f"{n} near-identical pairs of {data_set(name)} lie in different groups" for name, n in pairs.items() if n]
    left = copied[copied["split"].map(lambda name: SPLITS[name].grouped) & (copied["share"] > 0)]
    parts += [f"split by lesion, {row['share']:.1%} of the test images of {data_set(row['data'])} still have a copy in "
              "training" for row in left.to_dict("records")]  # fmt: skip
    return f"**Copies**: {'; '.join(parts) or 'none between data sets, groups or the parts of a grouped split'}."
