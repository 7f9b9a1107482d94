"""ROC curves, reliability diagrams, and metrics on the own test set against external ones."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score, roc_curve

from lib.figures.results import Name, panels, title
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, class_colours, styled

AFTER = "#D55E00"
SET_COLOURS = (ACCENT, "#E69F00", "#CC79A7", "#009E73", "#4D4D4D")


def _name(predictor) -> str:
    first, _, rest = title(predictor).partition("\n")
    row = predictor.paper_model
    return f"{row}\n{first}\n{rest}" if row != first.split(" ")[0] else f"{first}\n{rest}"


@styled
def roc_curves(predictors: list, subset: str = "test", columns: int = 3, named: Name = _name) -> Figure:
    """One-vs-rest ROC curve of every class and, dashed, of all classes pooled; one panel per model, first seed."""
    figure, axes = panels(len(predictors), columns, 3.9)
    for ax, predictor in zip(axes, predictors, strict=True):
        targets, stack, _ = predictor.arrays(subset)
        probs, classes = stack[0], predictor.classes
        ax.plot([0, 1], [0, 1], color=NEUTRAL, lw=0.6, ls=":")
        for number, (dx, colour) in enumerate(zip(classes, class_colours(classes), strict=True)):
            positive = targets == number
            if 0 < positive.sum() < len(targets):
                _roc(ax, positive, probs[:, number], color=colour, lw=1.2, label=dx)
        _roc(ax, np.eye(len(classes))[targets].ravel(), probs.ravel(), color="black", lw=1, ls="--", label="micro")
        ax.set_title(f"{named(predictor)}\nn = {len(targets)}", fontsize=7)
        ax.set_xlabel("1 − specificity", fontsize=7)
        ax.set_ylabel("sensitivity", fontsize=7)
        ax.set_aspect("equal")
        ax.tick_params(labelsize=7)
        ax.legend(frameon=False, fontsize=6, loc="upper center", bbox_to_anchor=(0.45, -0.22), ncols=2, title="AUC",
                  handlelength=1, labelspacing=0.2, columnspacing=0.8, title_fontsize=6)  # fmt: skip
    return figure


def _roc(ax, positive: np.ndarray, scores: np.ndarray, label: str, **style) -> None:
    x, y, _ = roc_curve(positive, scores)
    ax.plot(x, y, label=f"{label} {roc_auc_score(positive, scores):.3f}", **style)


@styled
def reliability_diagrams(
    predictors: list, bins: list[tuple[pd.DataFrame, pd.DataFrame]], what: str = "test", columns: int = 4
) -> Figure:
    """Accuracy against confidence in bins, before and after temperature scaling; one panel per model, first seed.

    Points on the diagonal are calibrated; their area is the share of images. ``bins``: (before, after) of each model.
    """
    figure, axes = panels(len(predictors), columns, 2.7)
    for ax, predictor, sides in zip(axes, predictors, bins, strict=True):
        ax.plot([0, 1], [0, 1], color=NEUTRAL, lw=0.6, ls=":")
        for table, colour, label in zip(sides, (ACCENT, AFTER), ("before scaling", "after scaling"), strict=True):
            n = table["n"].sum()
            gap = (table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / n
            ax.plot(table["confidence"], table["accuracy"], color=colour, lw=1)
            ax.scatter(table["confidence"], table["accuracy"], s=3 + 120 * table["n"] / n, color=colour, alpha=0.7,
                       lw=0, label=f"{label}, ECE {gap:.3f}")  # fmt: skip
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        ax.set_title(f"{_name(predictor)}\n{what}, n = {n}", fontsize=7)
        ax.set_xlabel("confidence", fontsize=7)
        ax.set_ylabel("accuracy", fontsize=7)
        ax.tick_params(labelsize=7)
        legend = ax.legend(frameon=False, fontsize=5.5, loc="lower right", handlelength=1)
        for handle in legend.legend_handles:
            handle.set_sizes([12])
    return figure


@styled
def shift_chart(table: pd.DataFrame) -> Figure:
    """Metrics of ``external_table`` for each model on its own test set and on the others, with 95 % intervals."""
    names = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_auc_ovr": "macro AUC",
             "ece": "calibration error"}  # fmt: skip
    sets = {name: part["n"].iloc[0] for name, part in table.groupby("set", sort=False)}
    models = list(dict.fromkeys(table["model"]))
    figure, axes = plt.subplots(1, len(names), figsize=(WIDTH, 1.0 + 0.32 * len(models)), sharey=True)
    step = 0.4 / max(1, len(sets) - 1)
    for ax, (metric, label) in zip(axes, names.items(), strict=True):
        for place, (name, n) in enumerate(sets.items()):
            rows = table[table["set"] == name].set_index("model").loc[lambda t: [m for m in models if m in t.index]]
            y = np.array([models.index(m) for m in rows.index]) - 0.2 + step * place
            colour = SET_COLOURS[place % len(SET_COLOURS)]
            ax.hlines(y, rows[f"{metric}_low"], rows[f"{metric}_high"], color=colour, lw=1.3)
            ax.plot(rows[metric], y, "o", color=colour, ms=3.5, label=f"{name} (n = {n:,})")
        ax.set_xlabel(label, fontsize=8)
        ax.tick_params(labelsize=7)
    axes[0].set_yticks(range(len(models)), models, fontsize=7)
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, frameon=False, fontsize=7, loc="outside upper center")
    return figure
