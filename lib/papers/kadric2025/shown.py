"""What notebook 07 shows of its tables: the rows and columns that answer a question."""

import pandas as pd

from lib.papers.kadric2025.factors import NEWEST
from lib.papers.kadric2025.settings import DATA

IMAGES = {"own test images": "own", "common test images": "common"}


def corners(cells: pd.DataFrame) -> pd.DataFrame:
    """The four corners of every network below the constant answers, from ``factors.cell_table``."""
    own = cells[(cells["axis"] == "input size") & cells["pixels"].isin((cells["pixels"].min(), cells["pixels"].max()))]
    older = [name for split, name in DATA.items() if split.startswith("dermamnist-c") and split not in NEWEST]
    own = own[~own["data"].isin(older)]
    constant = own.drop_duplicates("data").assign(accuracy=lambda t: t["majority"], model="constant answer")
    table = pd.concat([constant[["data", "model", "accuracy"]], own])
    table = table.sort_values("data", kind="stable").astype({"pixels": "Int64"})
    return table[["data", "model", "backbone", "pixels", "accuracy", "low", "high", "balanced_accuracy",
                  "melanoma_sensitivity"]]  # fmt: skip


def effects(two_factor: pd.DataFrame) -> pd.DataFrame:
    """Main effects on accuracy, one row per network and axis: on own and on common test images."""
    rows = []
    accuracy = two_factor[(two_factor["metric"] == "accuracy") & (two_factor["effect"] != "interaction")]
    for (backbone, axis), own in accuracy.groupby(["backbone", "axis"], sort=False):
        row = {"backbone": backbone, "resolution_as": axis}
        for r in own.to_dict("records"):
            name = f"{r['effect']}_{IMAGES[r['evaluated_on']]}"
            row |= {name + end: r[c] for end, c in (("", "estimate"), ("_low", "low"), ("_high", "high"))}
        rows.append(row)
    return pd.DataFrame(rows)


def steps(cleaning: pd.DataFrame) -> pd.DataFrame:
    """What cleaning changes, one row per edition, network and metric, from ``factors.cleaning_steps``."""
    keys = ["clean", "backbone", "metric"]
    own = cleaning[cleaning["metric"] != "melanoma_sensitivity"]
    table = own.pivot_table(index=keys, columns="effect", values="estimate", sort=False)
    return table[["total", "test images", "training images"]].reset_index().rename_axis(columns=None)
