"""Tables of notebook 00."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from lib.core.errors import StudyError
from lib.core.paths import data_root
from lib.data import load_index, read_image
from lib.data.catalogue import CLASS_NAMES, SOURCES
from lib.data.index import locate_folder
from lib.data.splits import SPLITS, leakage_report, make_split

METADATA = ("site", "dx_type", "localization", "sex", "age")


def need(index: pd.DataFrame, column: str) -> None:
    """StudyError unless ``index`` has ``column``."""
    if column not in index:
        raise StudyError(f"data set {index.attrs['name']} has no {column!r}: choose a column among {list(index)}.")


def class_order(index: pd.DataFrame) -> list[str]:
    """The data set's classes in label order, then diagnoses outside them (such as ISIC 2019's scc), by name."""
    classes = list(index.attrs["classes"])
    return classes + sorted(set(index["dx"]) - set(classes))


def unit(index: pd.DataFrame) -> str:
    """What a group of images is: "lesion", "subject" or, where neither is known, "image"."""
    return next((name for name in ("lesion", "subject") if f"{name}_id" in index), "image")


def at_hand(root: str, known: Collection[str]) -> dict[str, pd.DataFrame]:
    """Indexes of the published data sets on this machine that are not ``known``; ``root``: as the profile gives it."""
    folder = data_root(root)
    others = [name for name, source in SOURCES.items() if name not in known and locate_folder(source, folder)]
    return {name: load_index(name, folder) for name in others}


def overview(indexes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per data set: images, groups (lesions or subjects), share of images whose group has several images,
    classes, the largest class's share, ratio of the largest to the smallest class, licence, and whether synthetic."""
    rows = {}
    for name, index in indexes.items():
        classes = index["dx"].value_counts()
        rows[name] = {
            "images": len(index),
            "groups": index["group"].nunique(),
            "share_in_repeated_groups": index["group"].duplicated(keep=False).mean(),
            "classes": len(classes),
            "largest_class": classes.index[0],
            "share_of_largest_class": classes.iloc[0] / len(index),
            "imbalance_ratio": classes.iloc[0] / classes.iloc[-1],
            "synthetic": index.attrs["synthetic"],
            "licence": index.attrs["licence"],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("data_set")


def class_counts(index: pd.DataFrame) -> pd.DataFrame:
    """Per class, in label order, and total: images, share, groups, images per group, and the published count.

    ``published`` (images) comes from :data:`lib.data.catalogue.SOURCES`; for HAM10000 these are also the numbers of
    abdulqader2026, Table 1. The column is absent for data that nobody published.
    """
    by_class = index.groupby("dx", observed=True)
    table = pd.DataFrame({"images": by_class.size(), "groups": by_class["group"].nunique()})
    table = table.reindex(class_order(index), fill_value=0)
    source = SOURCES.get(index.attrs["name"])
    if source is not None:
        table["published"] = pd.Series(source.counts).reindex(table.index)
    table.loc["total"] = table.sum()
    table["share"] = table["images"] / len(index)
    table["images_per_group"] = table["images"] / table["groups"]
    table.insert(0, "diagnosis", [CLASS_NAMES.get(dx, "") for dx in table.index])
    return table.rename_axis("dx")


def missing_values(index: pd.DataFrame) -> pd.DataFrame:
    """Per metadata column: images without a value (NaN or "unknown"), and their share."""
    known = index[[column for column in METADATA if column in index]]
    images = (known.isna() | known.eq("unknown")).sum()
    return pd.DataFrame({"images": images, "share": images / len(index)}).rename_axis("column")


def categories(index: pd.DataFrame, column: str) -> pd.DataFrame:
    """Images per value of ``column`` (rows, most frequent first; a missing value is "unknown") and class (columns)."""
    need(index, column)
    values = index[column].astype(object).where(index[column].notna(), "unknown").rename(column)
    table = pd.crosstab(values, index["dx"]).reindex(columns=class_order(index), fill_value=0)
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return table.loc[order].rename_axis(columns=None)


def age_summary(index: pd.DataFrame) -> pd.DataFrame:
    """Age in years per class, one value per group: groups with an age, mean, standard deviation, quartiles."""
    need(index, "age")
    ages = index.drop_duplicates("group").groupby("dx", observed=True)["age"]
    table = ages.describe().rename(columns={"count": "groups", "25%": "q1", "50%": "median", "75%": "q3"})
    table = table.reindex([dx for dx in class_order(index) if dx in table.index])
    return table.astype({"groups": int})


def associations(index: pd.DataFrame) -> pd.DataFrame:
    """How strongly each metadata column goes with the diagnosis, one row per group of images.

    Cramér's V with Bergsma's bias correction (J. Korean Stat. Soc. 42:323, 2013), 0 (independent) to 1; ages in
    decades. ``guess`` is the share of groups that the commonest class of each value gets right, and
    ``guess_without`` that of the commonest class overall: their difference is what the column alone tells.
    """
    groups = index.drop_duplicates("group")
    rows = {}
    for column in METADATA:
        if column not in index:
            continue
        known = groups[groups[column].notna()]
        values = known[column] // 10 if column == "age" else known[column]
        table = pd.crosstab(values, known["dx"]).to_numpy()
        row = {"groups": len(known), "values": len(table), "cramers_v": _cramers_v(table)}
        row["guess"] = table.max(axis=1).sum() / table.sum()
        rows[column] = row | {"guess_without": table.sum(axis=0).max() / table.sum()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def _cramers_v(counts: np.ndarray) -> float:
    n, (rows, columns) = counts.sum(), counts.shape
    if min(rows, columns) < 2:
        return float("nan")
    phi2 = chi2_contingency(counts, correction=False).statistic / n
    phi2 = max(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)
    return float(np.sqrt(phi2 / (min(rows, columns) - 1)))


def repeats(index: pd.DataFrame) -> pd.DataFrame:
    """Groups by their number of images (rows) and class (columns); ``total`` sums the classes."""
    sizes = index.groupby("group").agg(images_in_group=("image_id", "size"), dx=("dx", "first"))
    table = pd.crosstab(sizes["images_in_group"], sizes["dx"])
    table = table.reindex(columns=class_order(index), fill_value=0).rename_axis(columns=None)
    return table.assign(total=table.sum(axis=1))


def mask_areas(index: pd.DataFrame, limit: int = 2000) -> pd.DataFrame:
    """Lesion mask of at most ``limit`` images with one, drawn at random: image_id, dx, area (share of the image,
    0..1) and cut (whether the lesion reaches the edge of the image)."""
    need(index, "mask_path")
    masked = index[index["mask_path"].notna()]
    masked = masked.sample(min(limit, len(masked)), random_state=0).sort_index()
    rows = []
    for path in masked["mask_path"]:
        inside = read_image(path)[..., 0] > 127
        edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
        rows.append((inside.mean(), bool(edge.any())))
    areas = masked[["image_id", "dx"]].reset_index(drop=True).join(pd.DataFrame(rows, columns=["area", "cut"]))
    areas.attrs = dict(index.attrs)
    return areas


def mask_summary(areas: pd.DataFrame) -> pd.DataFrame:
    """Per class of :func:`mask_areas`: images, quartiles of the area, share of lesions cut by the image's edge."""
    by_class = areas.groupby("dx")
    table = by_class["area"].quantile([0.25, 0.5, 0.75]).unstack()
    table.columns = ["area_q1", "area_median", "area_q3"]
    table.insert(0, "images", by_class.size())
    table["share_cut"] = by_class["cut"].mean()
    return table.reindex([dx for dx in class_order(areas) if dx in table.index])


def splits_of(index: pd.DataFrame) -> list[str]:
    """Names of the data set's splits."""
    return [name for name, split in SPLITS.items() if split.dataset == index.attrs["name"]]


def seeds_of(split: str, seeds: Iterable[int]) -> list[int]:
    """``seeds``, or one for a split that is fixed."""
    return [0] if SPLITS[split].fractions is None else list(seeds)


def leakage(index: pd.DataFrame, seeds: Iterable[int] = range(5)) -> pd.DataFrame:
    """What every split of the data set leaks, per class and total.

    Args:
        index: one row per image; column ``group`` decides what a leak is.
        seeds: of the random splits; a fixed split is made once.

    Returns:
        One row per split and class (and "total"): columns split, dx, seeds (how many), n_test and n_shared (mean
        images), share (mean of n_shared / n_test) and sd (of the share over the seeds; NaN for one).
    """
    tables = []
    for name in splits_of(index):
        reports = [leakage_report(index, make_split(name, index, seed=seed)) for seed in seeds_of(name, seeds)]
        grouped = pd.concat(reports).groupby(level=0, sort=False)
        table = grouped.mean().assign(sd=grouped["share"].std(), seeds=len(reports), split=name)
        tables.append(table.rename_axis("dx").reset_index())
    columns = ["split", "dx", "seeds", "n_test", "n_shared", "share", "sd"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
