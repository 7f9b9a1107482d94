"""Figures shared by the papers' notebooks."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lib.evaluation.metrics import confusion_matrix
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.published.compare import WITHIN
from lib.records.seeds import Recipe

TRAIN, TEST = "#009E73", "#D55E00"
DISTANCE = dict(zip(WITHIN.values(), ("#009E73", "#E69F00", "#D55E00", NEUTRAL), strict=True))


Name = Callable[[Recipe], str]  # what a panel is headed by


def title(recipe: Recipe) -> str:
    """Lines that tell a panel apart: backbone and size, weights, data, split."""
    label = recipe.labels()
    part = ", head only" if label["trained"] == "head" else ""
    names = {"none": "from scratch", "local": "stand-in weights", "imagenet": "ImageNet"}
    weights = ", ".join(names[w] for w in label["weights"].split(", "))  # a mean of models may have several
    return (
        f"{label['backbone'].split('.')[0]} {label['px']} px\n{weights}{part}\n{label['data']}\n{label['split']} split"
    )


def panels(n: int, columns: int, height: float):
    columns = min(columns, n)
    rows = -(-n // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height * rows), squeeze=False)
    for ax in axes.flat[n:]:
        ax.set_axis_off()
    return figure, list(axes.flat[:n])


@styled
def training_curves(recipes: list[Recipe], columns: int = 4, named: Name = title) -> Figure:
    """Accuracy per epoch on training and reported images, one panel per model, one thin line per seed."""
    figure, axes = panels(len(recipes), columns, 2.1)
    for ax, recipe in zip(axes, recipes, strict=True):
        for number, record in enumerate(recipe.records):
            h = record.history
            for column, colour, label in (("train_accuracy", TRAIN, "training"), ("test_accuracy", TEST, "test"),
                                          ("val_accuracy", ACCENT, "validation")):  # fmt: skip
                if column in h:
                    ax.plot(h["epoch"], 100 * h[column], color=colour, lw=1.2, label=label if number == 0 else None)
            ax.axvline(record.info["best_epoch"], color=NEUTRAL, lw=0.6, ls=":")
        ax.set_title(named(recipe), fontsize=7)
        ax.set_xlabel("epoch")
        ax.set_ylabel("accuracy (%)")
        ax.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=3, frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def confusion_matrices(
    recipes: list[Recipe], columns: int = 4, checkpoint: str = "final", named: Name = title
) -> Figure:
    """Confusion matrix of each model on its test set, summed over seeds; colour is the share of the true class."""
    longest = max(len(dx) for g in recipes for dx in g.classes)
    lines = max(named(g).count("\n") for g in recipes)
    height = 1.6 + 0.2 * max(len(g.classes) for g in recipes) + 0.08 * max(0, longest - 5) + 0.14 * lines
    figure, axes = panels(len(recipes), columns, height)
    for ax, recipe in zip(axes, recipes, strict=True):
        targets, stack, _ = recipe.arrays("test", checkpoint)
        counts = sum(confusion_matrix(targets, p) for p in stack)
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        names = recipe.classes
        sns.heatmap(share, ax=ax, annot=counts, fmt="d", vmin=0, vmax=1, cmap="cividis", cbar=False, square=True,
                    xticklabels=names, yticklabels=names, annot_kws={"fontsize": 7})  # fmt: skip
        ax.set_title(named(recipe) + f"\nn = {len(targets)}, seeds = {len(stack)}", fontsize=7)
        ax.set_xlabel("predicted")
        ax.set_ylabel("true")
        ax.tick_params(labelsize=7)
        ax.tick_params(axis="y", labelrotation=0)
        ax.tick_params(axis="x", labelrotation=90 if len(names) > 2 else 0)
    return figure


@styled
def published_against_ours(comparison: pd.DataFrame) -> Figure:
    """Published value (diamond), ours with its 95 % interval (dot and line), one row per comparison, in per cent.

    A run that deviates from the paper's protocol says so in its label; the column ``deviations`` names how.
    """
    rows = comparison.reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.24 * len(rows)))
    scale = rows["unit"].map({"fraction": 100.0, "percent": 1.0}).to_numpy()
    for number, row in rows.iterrows():
        ours, low, high = (row[k] * scale[number] for k in ("ours", "low", "high"))
        published = (row["ours"] - row["difference"]) * scale[number]
        colour = DISTANCE[row["within_tolerance"]]
        ax.plot([low, high], [number, number], color=colour, lw=1.5)
        ax.plot(ours, number, "o", color=colour, ms=4)
        ax.plot(published, number, "D", color="black", ms=4, mfc="none")
        ax.annotate(f"n = {row['n']}", (1.01, number), xycoords=ax.get_yaxis_transform(), va="center", fontsize=7)
    reduced = rows["deviations"].map(lambda text: " · REDUCED RUN" if text else "")
    twice = rows.duplicated(["model", "data", "split", "deviations"], keep=False)
    models = rows["model"].where(~twice, rows["published_id"])
    names = models + " · " + rows["data"] + ", " + rows["split"] + " split" + reduced
    ax.set_yticks(range(len(rows)), names, fontsize=7)
    ax.invert_yaxis()
    # Centred on the figure, since the labels of the rows leave the axes little width.
    figure.supxlabel("accuracy (%), diamond: published, dot: ours with its 95 % interval", fontsize=8)
    handles = [plt.Line2D([], [], color=c, marker="o", lw=1.5, ms=4) for c in DISTANCE.values()]
    labels = [f"{k} the tolerance" if k in ("inside", "outside") else k for k in DISTANCE]
    figure.legend(handles, labels, ncols=4, frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def ensemble_gains(table: pd.DataFrame) -> Figure:
    """Gain of each ensemble and strategy over its best member, in percentage points, with 95 % intervals."""
    keys = ["ensemble", "data", "split", "px", "weights", "trained"]
    settings = table[keys].drop_duplicates().to_records(index=False).tolist()
    figure, axes = panels(len(settings), 2, 2.2)
    for ax, key in zip(axes, settings, strict=True):
        rows = table[(table[keys] == list(key)).all(axis=1)].reset_index(drop=True)
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for number, row in rows.iterrows():
            ax.plot([100 * row["gain_low"], 100 * row["gain_high"]], [number, number], color=ACCENT, lw=1.5)
            ax.plot(100 * row["gain"], number, "o", color=ACCENT, ms=4)
        ax.set_yticks(range(len(rows)), rows["strategy"].str.replace("_", " "), fontsize=7)
        ax.invert_yaxis()
        name, data, split, px, weights, trained = key
        name = name.removeprefix("ensemble_").replace("_", " ")
        made = f"{px} px, weights: {weights}, trained: {trained}"
        ax.set_title(f"{name}\n{made}\n{data}, {split} split", fontsize=7)
        ax.set_xlabel(f"gain in accuracy (points), n = {rows['n'][0]}")
    return figure
