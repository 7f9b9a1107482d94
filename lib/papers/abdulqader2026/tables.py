"""Tables 2, 7 to 9 and 12 to 15 from run records, published beside ours; in per cent, as the paper prints them."""

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.papers.abdulqader2026.cells import PAPER, PHASES, SIZES, cell_deviations, cell_sets, proposed
from lib.papers.abdulqader2026.scores import OVERALL, Scored
from lib.published.values import load_published
from lib.records.seeds import Recipe, part_counts, split_kind

NUMBERS = ("2", "3", "6", "7", "8", "9", "12", "13", "14", "15")
ORDER = {
    "9": PHASES,
    "12": ("convnext_small", "convnext_base", "convnextv2_base", "convnextv2_tiny", "convnext_tiny"),
    "13": tuple(map(str, SIZES)),
    "14": ("adam", "nadam", "sgd", "adamw"),
    "15": ("8", "16", "32", "64"),
}


def published_tables(numbers: tuple[str, ...] = NUMBERS) -> dict[str, pd.DataFrame]:
    """Tables as printed, by number; by default those of notebooks 03 and 05."""
    published = load_published(PAPER)
    found = {}
    for number in numbers:
        rows = published[published["table"] == number].drop_duplicates(["row", "column"])
        grid = rows.pivot(index="row", columns="column", values="cell")
        order = grid.loc[rows["row"].unique(), rows["column"].unique()]
        found[number] = order.rename_axis(None, axis=1).reset_index().fillna("--")
    return found


def tolerances(numbers: tuple[str, ...] = ("7", "8", "9")) -> pd.DataFrame:
    """What counts as reproduced in these tables (settings hold or do not): fixed before anything was run."""
    published = load_published(PAPER)
    rows = published[published["table"].isin(numbers) & (published["tolerance_kind"] != "exact")]
    names = {"quantity": "quantity", "tolerance_kind": "kind", "tolerance_reason": "reason"}
    found = rows.groupby(list(names), sort=False)["tolerance_value"].agg(["min", "max"]).reset_index()
    return found.rename(columns={**names, "min": "smallest", "max": "largest"})[
        ["quantity", "kind", "smallest", "largest", "reason"]
    ]


def table_2(recipes: list[Recipe]) -> pd.DataFrame:
    """Images of each class in each part, published beside ours, for every split (training: the class's rest).

    Raises:
        StudyError: a run on the paper's split of HAM10000 has other counts than Table 2.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for recipe in {g.spec.split: g for g in recipes}.values():
        for dx, counts in part_counts(recipe).iterrows():
            row = {"data": recipe.spec.dataset, "split": split_kind(recipe.spec), "dx": dx}
            for part, ours in counts.items():
                theirs = published[f"table2.{dx}.{part}"]
                row |= {f"{part}_published": theirs, part: ours}
                if recipe.spec.dataset == "ham10000" and row["split"] == "paper" and ours != theirs:
                    raise StudyError(
                        f"{recipe.spec.run_id} has {ours:g} {dx} images in {part}, not Table 2's {theirs:g}: "
                        "delete its record and run it again."
                    )
            rows.append(row)
    return pd.DataFrame(rows)


def offline_counts(recipes: list[Recipe]) -> pd.DataFrame:
    """Training images of each class and the copies that the offline phase added, one row per split, size and class."""
    rows = {}
    for recipe in recipes:
        record = recipe.records[0]
        made = record.info["data"][recipe.spec.dataset].get("offline")
        if made:
            labels = {"data": recipe.spec.dataset, "split": split_kind(recipe.spec), "px": recipe.spec.image_size}
            counts = part_counts(recipe)["train"]
            for dx, copies in made["n"].items():
                row = {**labels, "dx": dx, "images": counts[dx], "copies": copies, "target": recipe.spec.offline.target}
                rows[(*labels.values(), dx, recipe.spec.offline.target)] = row
    return pd.DataFrame(rows.values())


def table_7(scored: list[Scored]) -> pd.DataFrame:
    """Table 7: the whole method's metrics, one row per metric; with the ECE, which the paper does not give.

    ``recall`` is also the balanced accuracy. ``sd``: spread over seeds.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for one in proposed(scored):
        for name in (*OVERALL, "ece"):
            ours = 100 * one.overall[name]
            row = {**one.recipe.labels(), "n": one.n, "metric": name}
            row["published"] = published.get(f"table7.proposed.{name}", np.nan)
            rows.append(row | ours.row("ours", "low", "high") | {"sd": ours.sd, "interval_of": ours.speaks_of})
    return pd.DataFrame(rows)


def table_8(scored: list[Scored]) -> pd.DataFrame:
    """Table 8: each class of the whole method, ours with ``_published`` behind it; recall, F1 and AUC with intervals.

    ``equation_5`` is per-class accuracy as the paper defines it; the paper's column "Acc" equals its recall instead
    and stands beside it.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for one in proposed(scored):
        targets = one.recipe.arrays("test")[0]
        for number, dx in enumerate(one.recipe.classes):
            support = int((targets == number).sum())
            row = {**one.recipe.labels(), "dx": dx, "support": support}
            row["acc_published"] = published.get(f"table8.{dx}.accuracy", np.nan)
            row["equation_5"] = 100 * one.classes["accuracy"][number].value
            for name in OVERALL[1:]:
                ours = 100 * one.classes[name][number]
                row |= ours.row(name) if name in ("recall", "f1", "auc") else {name: ours.value}
                row[f"{name}_published"] = published.get(f"table8.{dx}.{name}", np.nan)
            rows.append(row)
    return pd.DataFrame(rows)


def ablation_table(scored: list[Scored], number: str) -> pd.DataFrame:
    """Table 9 or 12 to 15: one row per run, each metric with ``_published`` behind it, the interval of the accuracy.

    ``row`` is the published row that a run stands beside. ``deviations``: what sets it apart from that row.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for cells in cell_sets(scored, number):
        for name in ORDER[number]:
            if name not in cells:
                continue
            one = cells[name]
            row = {"row": name, **one.recipe.labels(), "n": one.n}
            for metric in OVERALL:
                ours = 100 * one.overall[metric]
                row |= ours.row(metric) if metric == "accuracy" else {metric: ours.value}
                row[f"{metric}_published"] = published.get(f"table{number}.{name}.{metric}", np.nan)
            row |= {"ece": 100 * one.overall["ece"].value, "deviations": cell_deviations(one, number, name)}
            rows.append(row)
    return pd.DataFrame(rows)
