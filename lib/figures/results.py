"""Figures shared by the papers' notebooks."""

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lib.evaluation.metrics import confusion_matrix
from lib.figures.forest import Block, Series, forest, key_above, series
from lib.figures.style import ACCENT, NEUTRAL, class_names, panels, styled, text_height
from lib.records import names
from lib.records.baseline import constants
from lib.records.seeds import Recipe, value

TRAIN, VALIDATION, TEST = "#4D4D4D", ACCENT, "#D55E00"
PAPER, GROUPED = "#D55E00", "#0072B2"  # splits, in every figure
SPLITS = {"paper": (PAPER, "paper's split"), "grouped": (GROUPED, "grouped split")}
PARTS = {"train": (TRAIN, "training"), "val": (VALIDATION, "validation"), "test": (TEST, "test")}
COLUMNS = 2

Extra = Callable[[Recipe], str]  # what else tells two runs of a figure apart


def heading(recipe, extra: Extra | None = None, width: int = 27) -> str:
    """Lines over a panel: what was trained, on what data and split."""
    label = recipe.labels()
    parts = [names.trained(label), setting(label), extra(recipe) if extra else ""]
    return "\n".join(textwrap.fill(part, width) for part in parts if part)


def setting(label) -> str:
    """Data and split of a run's labels: ``HAM10000, paper's split``."""
    return f"{names.data_set(label['data'])}, {SPLITS[label['split']][1]}"


@styled
def training_curves(recipes: list[Recipe], quantity: str = "accuracy", extra: Extra | None = None) -> Figure:
    """Accuracy (or loss) per epoch on training and reported images, one panel per model, one thin line per seed;
    dotted: the epoch that was kept."""
    headings = [heading(recipe, extra) for recipe in recipes]
    figure, axes = panels(len(recipes), COLUMNS, 1.7 + text_height(*headings))
    scale, label = (100, "accuracy (%)") if quantity == "accuracy" else (1, "loss (nats)")
    drawn = {}
    for ax, recipe, text in zip(axes, recipes, headings, strict=True):
        for record in recipe.records:
            history = record.history
            for part, (colour, name) in PARTS.items():
                if f"{part}_{quantity}" in history:
                    (drawn[name],) = ax.plot(history["epoch"], scale * history[f"{part}_{quantity}"], color=colour,
                                             lw=1.2, label=name)  # fmt: skip
            ax.axvline(record.info["best_epoch"], color=NEUTRAL, lw=0.6, ls=":")
        ax.set(title=text, xlabel="epoch", ylabel=label)
        ax.xaxis.get_major_locator().set_params(integer=True)
    key_above(figure, list(drawn.values()))
    return figure


@styled
def confusion_matrices(recipes: list[Recipe], checkpoint: str = "final", extra: Extra | None = None) -> Figure:
    """Of the test images of each true class (a row, with their number) the share in per cent that each class is
    predicted for; one panel per model, over its seeds."""
    classes = max(len(recipe.classes) for recipe in recipes)
    longest = max(len(name) for recipe in recipes for name in class_names(recipe.classes))
    headings = [heading(recipe, extra, 29 - longest) for recipe in recipes]
    height = text_height(*headings) + min(0.45, 2.0 / classes) * classes + 0.085 * longest + 0.35
    figure, axes = panels(len(recipes), COLUMNS, height)
    for ax, recipe, text in zip(axes, recipes, headings, strict=True):
        targets, stack, _ = recipe.arrays("test", checkpoint)
        counts = sum(confusion_matrix(targets, p) for p in stack)
        share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        columns = class_names(recipe.classes)
        rows = [f"{name} ({n:,})" for name, n in zip(columns, counts.sum(axis=1) // len(stack), strict=True)]
        sns.heatmap(share, ax=ax, annot=True, fmt=".0f", vmin=0, vmax=100, cmap="Blues", cbar=False, square=True,
                    xticklabels=columns, yticklabels=rows)  # fmt: skip
        ax.set(title=text, xlabel="predicted")
        ax.tick_params(axis="y", labelrotation=0, length=0)
        ax.tick_params(axis="x", labelrotation=90 if longest > 5 or classes > 4 else 0, length=0)
    return figure


def constant_answer(recipes: Sequence[Recipe], data: str) -> float | None:
    """Accuracy in per cent of always answering the commonest class on the paper's split of ``data``, a label of
    ``recipes`` with or without more behind it; None where none of them has it."""
    for answer in constants(recipes):
        labels = answer.labels()
        if labels["split"] == "paper" and f"{data},".startswith(f"{labels['data']},"):
            return 100 * value(answer, "accuracy")
    return None


@styled
def published_against_ours(comparison: pd.DataFrame, recipes: Sequence[Recipe] = ()) -> Figure:
    """The published value (diamond) beside ours with its 95 % interval, on the paper's split and on the grouped one,
    where no lesion or subject is on both sides; accuracy in per cent. Smaller runs than the paper's name what ran;
    dashed: the constant answer on the paper's split."""
    rows = in_per_cent(comparison).rename(columns={"trained": "name"})
    rows["draw"] = rows.groupby(["name", "data", "split"], sort=False).cumcount()
    blocks = []
    for data, of_data in rows.groupby("data", sort=False):
        keys = of_data[["name", "draw"]].drop_duplicates()
        published = keys.merge(of_data.drop_duplicates(["name", "draw"]), how="left")
        drawn = [Series("published", published["published"].to_numpy(), colour="black", marker="D", hollow=True)]
        for split, (colour, label) in SPLITS.items():
            if (rows["split"] == split).any():
                own = keys.merge(of_data[of_data["split"] == split], how="left")
                drawn.append(series(own, "ours", f"ours, {label}", ("low", "high"), 1, colour=colour))
        counts = "/".join(f"{n:,}" for n in dict.fromkeys(of_data["n"]))
        title = f"{names.data_set(data)} ({counts} test images)"
        blocks.append(Block(title, list(keys["name"]), drawn, constant=constant_answer(recipes, data)))
    return forest(blocks, "accuracy (%)", zero=None, sharex=True)


def in_per_cent(comparison: pd.DataFrame) -> pd.DataFrame:
    """Rows of proportions of ``lib.published.compare.compare`` in per cent, ``published`` being the printed value as a
    number; ``trained`` names what ran, beside whose row."""
    rows = comparison.assign(published=comparison["ours"] - comparison["difference"])
    numbers = ["published", "ours", "low", "high", "difference"]
    rows[numbers] = rows[numbers].mul(rows["unit"].map({"fraction": 100.0, "percent": 1.0}), axis=0)
    return rows.assign(unit="percent", trained=comparison.apply(ran, axis=1))


def ran(row: Mapping) -> str:
    """The paper's row and what was trained in its place, as far as the row's deviations tell it."""
    if fewer := re.search(r"mean of \d+ models(?=, not)", row["deviations"]):
        return names.trained({"model": row["model"], "backbone": fewer[0]})
    instead = re.findall(r"(\S+) in place of", row["deviations"])
    size = re.findall(r"\d+ px(?=, not)", row["deviations"])
    alone = len(instead) == 1
    name = names.trained({"model": row["model"], "backbone": instead[0]}) if alone else names.paper_row(row["model"])
    return ", ".join([name, *size[:1]])


@styled
def ensemble_gains(table: pd.DataFrame) -> Figure:
    """Gain of each ensemble and strategy over its best member, in percentage points, with 95 % intervals."""
    keys = ["ensemble", "data", "split", "px", "weights", "trained", "n"]
    blocks = []
    for (ensemble, data, split, px, weights, trained, n), rows in table.groupby(keys, sort=False):
        members = " + ".join(names.paper_row(m) for m in ensemble.split("+"))
        made = f"{names.how_trained(trained, weights)}, {px} px, {setting({'data': data, 'split': split})}, n = {n}"
        blocks.append(Block(f"{members}\n{made}", list(rows["strategy"].str.replace("_", " ")), [series(rows, "gain")]))
    return forest(blocks, "gain in accuracy (points)", key=False, sharex=True)
