"""ROC curves, reliability diagrams, and metrics on the own test set against external ones."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sklearn.metrics import roc_auc_score, roc_curve

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.results import COLUMNS, Extra, heading
from lib.figures.style import ACCENT, NEUTRAL, class_colours, class_names, panels, styled, text_height
from lib.records import names

AFTER = "#D55E00"
GRID = np.linspace(0, 1, 101)  # of 1 − specificity: finer steps cannot be seen
SET_COLOURS = (ACCENT, "#E69F00", "#CC79A7", "#D55E00", "#4D4D4D")
METRICS = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_auc_ovr": "macro AUC",
           "ece": "calibration error, less is better"}  # fmt: skip
HOW = ["backbone", "weights", "trained"]


@styled
def roc_curves(predictors: list, extra: Extra | None = None) -> Figure:
    """One-vs-rest ROC curve of every class with the area under it and, in black, of all classes pooled; one panel per
    model, first seed."""
    headings = [heading(predictor, extra) for predictor in predictors]
    figure, axes = panels(len(predictors), COLUMNS, 2.6 + text_height(*headings))
    for ax, predictor, text in zip(axes, predictors, headings, strict=True):
        targets, stack, _ = predictor.arrays("test")
        probs, classes = stack[0], predictor.classes
        positive = np.eye(len(classes), dtype=bool)[targets]
        lines = [("all", "black", positive.ravel(), probs.ravel())]
        named = zip(class_names(classes), class_colours(classes), positive.T, probs.T, strict=True)
        lines += [line for line in named if 0 < line[2].sum() < len(targets)]
        for number, (name, colour, is_class, scores) in enumerate(lines):
            sensitivity = np.interp(GRID, *roc_curve(is_class, scores)[:2])
            bends = np.r_[True, np.abs(np.diff(sensitivity, 2)) > 1e-9, True]  # the points between lie on the line
            ax.plot([0, *GRID[bends]], [0, *sensitivity[bends]], color=colour, lw=1.2)
            said = f"{name} {roc_auc_score(is_class, scores):.2f}".replace("0.", ".")
            ax.text(1.02, 0.01 + 0.085 * number, said, color=colour, ha="right", fontsize=9)
        ax.set(title=text, xlabel="1 − specificity", ylabel="sensitivity", aspect="equal")
    return figure


@styled
def reliability_diagrams(predictors: list, bins: list[tuple[pd.DataFrame, pd.DataFrame]]) -> Figure:
    """Accuracy against confidence in bins, before and after temperature scaling; one panel per model, first seed.
    On the dotted line confidence is what it says; a dot's area is the share of the images.

    ``bins``: (before, after) of each model.
    """
    headings = [heading(predictor) for predictor in predictors]
    figure, axes = panels(len(predictors), COLUMNS, 2.3 + text_height(*headings), sharex=True, sharey=True)
    for ax, text, sides in zip(axes, headings, bins, strict=True):
        ax.plot([0, 1], [0, 1], color=NEUTRAL, lw=0.8, ls=":")
        for table, colour in zip(sides, (ACCENT, AFTER), strict=True):
            n = table["n"].sum()
            ax.plot(table["confidence"], table["accuracy"], color=colour, lw=1)
            ax.scatter(table["confidence"], table["accuracy"], s=3 + 120 * table["n"] / n, color=colour, lw=0)
        ax.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal", title=text)
    figure.supxlabel(f"confidence (test images, n = {n:,})", fontsize=10)
    figure.supylabel("accuracy", fontsize=10)
    key_above(figure, [Line2D([], [], color=ACCENT, marker="o", label="before scaling"),
                       Line2D([], [], color=AFTER, marker="o", label="after scaling")])  # fmt: skip
    return figure


@styled
def shift_chart(table: pd.DataFrame) -> Figure:
    """What was trained, on its own test images and on other people's, with 95 % intervals.

    How it was trained is told where one network was in two ways.
    """
    network, full = table["backbone"].map(names.network), table[HOW].apply(names.trained, axis=1)
    table = table.assign(row=full.where(full.groupby(network).transform("nunique") > 1, network))
    rows = list(dict.fromkeys(table["row"]))
    sets = {name: part.set_index("row").reindex(rows) for name, part in table.groupby("set", sort=False)}
    named = [f"{names.data_set(name)} (n = {part['n'].max():,.0f})" for name, part in sets.items()]
    blocks = []
    for metric, title in METRICS.items():
        drawn = [
            series(part, metric, label, scale=1, colour=colour)
            for part, label, colour in zip(sets.values(), named, SET_COLOURS, strict=False)
        ]
        blocks.append(Block(title, rows, drawn))
    return forest(blocks, zero=None, columns=2, sharey=True)
