"""Tables 2, 7 to 9 and 12 to 15 from run records, published beside ours; in per cent, as the paper prints them."""

import numpy as np
import pandas as pd

from lib.papers.abdulqader2026.cells import PAPER, PHASES, SIZES, cell_deviations, cell_sets, proposed
from lib.papers.abdulqader2026.scores import METRICS, OVERALL, of_classes, overall
from lib.published.values import load_published, published_values
from lib.records import names
from lib.records.baseline import with_constant
from lib.records.draws import Drawn
from lib.records.parts import part_counts, split_table
from lib.records.seeds import Recipe, split_kind

ORDER = {
    "9": PHASES,
    "12": ("convnext_small", "convnext_base", "convnextv2_base", "convnextv2_tiny", "convnext_tiny"),
    "13": tuple(map(str, SIZES)),
    "14": ("adam", "nadam", "sgd", "adamw"),
    "15": ("8", "16", "32", "64"),
}


ROWS = {
    "base": "no phase",
    "offline": "offline phase",
    "online": "online phase",
    "proposed": "both phases",
    "adam": "Adam",
    "nadam": "NAdam",
    "sgd": "SGD",
    "adamw": "AdamW",
}


def row_name(number: str, row: str) -> str:
    """A published row of Table 9 or 12 to 15 in words."""
    unit = {"13": " px", "15": " images a batch"}.get(number, "")
    return ROWS.get(row) or names.network(row) + unit


def table_2(recipes: list[Recipe]) -> pd.DataFrame:
    """Table 2: :func:`lib.records.parts.split_table`; runs on the paper's split of HAM10000 must have its counts."""
    return split_table(PAPER, "table2", recipes, lambda s: s.dataset == "ham10000" and split_kind(s) == "paper")


def offline_counts(recipes: list[Recipe]) -> pd.DataFrame:
    """Training images of each class and the copies that the offline phase added, one row per split, size and class."""
    rows = {}
    for recipe in recipes:
        made = recipe.records[0].info["data"][recipe.spec.dataset].get("offline")
        if made:
            labels = {"data": recipe.spec.dataset, "split": split_kind(recipe.spec), "px": recipe.spec.image_size}
            counts, target = part_counts(recipe)["train"], recipe.spec.offline.target
            for dx, copies in made["n"].items():
                row = {**labels, "dx": dx, "images": counts[dx], "copies": copies, "target": target}
                rows[(*labels.values(), dx, target)] = row
    return pd.DataFrame(rows.values())


def table_7(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Table 7: the whole method's metrics, one row per metric; with the ECE, which the paper does not give.

    ``recall`` is also the balanced accuracy. ``sd``: spread over draws.
    """
    published = published_values(PAPER)
    rows = []
    for one in proposed(recipes):
        for name in METRICS:
            ours = overall(one, name, repeats)
            row = {**one.labels(), "n": one.first.n, "metric": name}
            row["published"] = published.get(f"table7.proposed.{name}", np.nan)
            rows.append(row | ours.row("ours", "low", "high") | {"sd": ours.sd, "interval_of": ours.speaks_of})
    return pd.DataFrame(rows)


def table_8(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Table 8: each class of the whole method, ours with ``_published`` behind it; recall, F1 and AUC with intervals.

    ``equation_5`` is per-class accuracy as the paper defines it; the paper's column "Acc", as corrected, equals its
    recall instead and stands beside it.
    """
    published = published_values(PAPER)
    rows = []
    for one in proposed(recipes):
        support = np.bincount(one.first.arrays("test")[0], minlength=len(one.first.classes)).tolist()
        found = {name: of_classes(one, name, repeats) for name in OVERALL}
        for number, dx in enumerate(one.first.classes):
            row = {**one.labels(), "dx": dx, "support": support[number]}
            row["acc_published"] = published.get(f"table8.{dx}.accuracy", np.nan)
            row["equation_5"] = found["accuracy"][number].value
            for name in OVERALL[1:]:
                ours = found[name][number]
                row |= ours.row(name) if name in ("recall", "f1", "auc") else {name: ours.value}
                row[f"{name}_published"] = published.get(f"table8.{dx}.{name}", np.nan)
            rows.append(row)
    return pd.DataFrame(rows)


def shown_table_8(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`table_8` as it is shown: recall and F1 on the paper's split; a corrected cell says what is printed."""
    published = load_published(PAPER).set_index("id")
    rows = table[table["split"] == "paper"]
    shown = rows[["dx", "support"]]
    for name in ("recall", "f1"):
        cells = published.reindex([f"table8.{dx}.{name}" for dx in rows["dx"]])
        mended = cells["corrected"] + " (printed " + cells["printed"] + ")"
        shown[f"{name}_published"] = mended.fillna(cells["value"].map("{:.1f}".format)).to_numpy()
        shown = shown.join(rows[[name, f"{name}_low", f"{name}_high"]])
    return shown


def ablation_table(recipes: list[Recipe], number: str, repeats: int) -> pd.DataFrame:
    """Table 9 or 12 to 15: one row per recipe over its draws, each metric with ``_published`` behind it, the interval
    of the accuracy.

    ``row`` is the published row that it stands beside, ``deviations`` what sets it apart from that row.
    """
    published = published_values(PAPER)
    rows = []
    for cells in cell_sets(recipes, number):
        for name in filter(cells.get, ORDER[number]):
            one = cells[name]
            row = {"row": name, "row_name": row_name(number, name), **one.labels(), "n": one.first.n}
            for metric in OVERALL:
                ours = overall(one, metric, repeats)
                row |= ours.row(metric) if metric == "accuracy" else {metric: ours.value}
                row[f"{metric}_published"] = published.get(f"table{number}.{name}.{metric}", np.nan)
            row |= {"ece": overall(one, "ece", repeats).value, "deviations": cell_deviations(one, number, name)}
            rows.append(row)
    return pd.DataFrame(rows)


def shown_ablation(table: pd.DataFrame, runs: list[Drawn], repeats: int) -> pd.DataFrame:
    """:func:`ablation_table` as it is shown: the paper's split, three metrics beside the printed ones, per cent."""
    rows = table[table["split"] == "paper"]
    shown = pd.DataFrame({"model": rows["row_name"]} | {k: rows[k] for k in ("data", "split", "learned", "draws", "n")})
    shown["how"] = [names.trained(row) for row in rows.to_dict("records")]
    shown = shown.assign(accuracy=rows["accuracy"], low=rows["accuracy_low"], high=rows["accuracy_high"])
    shown["accuracy_printed"] = rows["accuracy_published"]
    shown = shown.assign(balanced_accuracy=rows["recall"], balanced_accuracy_printed=rows["recall_published"])
    shown = shown.assign(macro_auc_ovr=rows["auc"])
    return with_constant(shown, [d.first for d in runs if split_kind(d.first.spec) == "paper"], repeats, 100)
