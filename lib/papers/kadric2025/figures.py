"""Two factors and their effects, and precision-recall curves of many variants."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.style import ACCENT, NEUTRAL, WIDTH, class_colours, styled

EDITIONS = ("#D55E00", ACCENT, "#009E73", "#CC79A7")
VARIANTS = (ACCENT, "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#4D4D4D", "#882255", "#56B4E9")
MARKERS = "os^DvPX*"
METRICS = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "melanoma_sensitivity": "mel sensitivity"}


@styled
def factor_lines(cells: pd.DataFrame) -> Figure:
    """Test accuracy (with 95 % interval) and balanced accuracy against pixels per side, one line per edition.

    Dotted: accuracy of always naming the edition's most frequent class.
    """
    settings = cells[["backbone", "axis"]].drop_duplicates().to_records(index=False).tolist()
    colours = dict(zip(cells["data"].unique(), EDITIONS * 2, strict=False))
    figure, axes = plt.subplots(2, len(settings), figsize=(WIDTH, 4.8), squeeze=False, sharey="row", sharex="col")
    for column, (backbone, axis) in enumerate(settings):
        rows = cells[(cells["backbone"] == backbone) & (cells["axis"] == axis)]
        for number, (data, r) in enumerate(rows.sort_values("pixels").groupby("data", sort=False)):
            x = r["pixels"] * 1.025 ** (number - 1)  # side by side, not on top of each other
            accuracy = 100 * r["accuracy"]
            reach = [accuracy - 100 * r["low"], 100 * r["high"] - accuracy]
            style = {"color": colours[data], "ms": 4, "lw": 1.2, "marker": MARKERS[list(colours).index(data)]}
            n = r["n"].iloc[0]
            axes[0, column].errorbar(x, accuracy, reach, capsize=2, label=f"{data} (test n = {n})", **style)
            axes[0, column].axhline(100 * r["majority"].iloc[0], color=colours[data], lw=0.8, ls=":")
            axes[1, column].plot(x, 100 * r["balanced_accuracy"], **style)
        seeds = rows["seeds"]
        span = f"{seeds.min()}" if seeds.min() == seeds.max() else f"{seeds.min()} to {seeds.max()}"
        axes[0, column].set_title(f"{backbone.split('.')[0]}\n{axis}\nmeans of {span} seeds", fontsize=7)
        sizes = sorted(rows["pixels"].unique())
        for ax in axes[:, column]:
            ax.set_xscale("log")
            ax.set_xticks(sizes, [str(s) for s in sizes])
            ax.minorticks_off()
        axes[1, column].set_xlabel("image (pixels per side)")
    axes[0, 0].set_ylabel("accuracy (%)")
    axes[1, 0].set_ylabel("balanced accuracy (%)")
    handles = {t: h for ax in axes[0] for h, t in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles, ncols=2, frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def effect_points(effects: pd.DataFrame) -> Figure:
    """Main effects and interaction in percentage points with 95 % intervals: one panel per metric, one colour per kind
    of test images.
    """
    metrics = [m for m in METRICS if m in set(effects["metric"])]
    settings = effects[["backbone", "axis", "effect"]].drop_duplicates().reset_index(drop=True)
    kinds = list(effects["evaluated_on"].unique())
    figure, axes = plt.subplots(
        1, len(metrics), figsize=(WIDTH, 1.2 + 0.34 * len(settings)), squeeze=False, sharey=True
    )
    for ax, metric in zip(axes[0], metrics, strict=True):
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for number, kind in enumerate(kinds):
            rows = effects[(effects["metric"] == metric) & (effects["evaluated_on"] == kind)]
            rows = settings.merge(rows, how="left")
            y = np.arange(len(settings)) + 0.16 * (2 * number - 1)
            style = {"color": EDITIONS[number], "marker": MARKERS[number]}
            ax.hlines(y, 100 * rows["low"], 100 * rows["high"], color=EDITIONS[number], lw=1.4)
            n = "; ".join(dict.fromkeys(rows["n"].dropna()))
            ax.plot(100 * rows["estimate"], y, ms=4, lw=0, label=f"{kind} (n = {n})", **style)
        ax.set_title(METRICS[metric], fontsize=8)
    names = settings["effect"] + " · " + settings["backbone"].str.split(".").str[0] + ", " + settings["axis"]
    axes[0, 0].set_yticks(range(len(settings)), names, fontsize=7)
    axes[0, 0].invert_yaxis()
    figure.supxlabel("effect (percentage points)", fontsize=8)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), ncols=2, frameon=False, fontsize=7,
                  loc="outside upper center")  # fmt: skip
    return figure


@styled
def precision_recall(
    lines: dict[str, dict[str, np.ndarray]], points: pd.DataFrame, recall: np.ndarray, columns: int = 4
) -> Figure:
    """Precision against recall on test images: one panel per class, one line per head or class weight (mean of seeds).

    Markers: where each operates if the most probable class is called; dotted: the class's share of the test images.
    """
    classes = list(dict.fromkeys(points["dx"]))
    columns = min(columns, len(classes) + 1)
    n_rows = -(-(len(classes) + 1) // columns)  # the legend takes a panel
    figure, axes = plt.subplots(n_rows, columns, figsize=(WIDTH, 2.2 * n_rows), squeeze=False)
    total = points.drop_duplicates("dx")["support"].sum()
    for ax, dx in zip(axes.flat, classes, strict=False):
        for number, (variant, curves) in enumerate(lines.items()):
            style = {"color": VARIANTS[number % len(VARIANTS)]}
            ax.plot(100 * recall, 100 * curves[dx], lw=1.1, **style)
            point = points[(points["variant"] == variant) & (points["dx"] == dx)].iloc[0]
            ax.plot(100 * point["recall"], 100 * point["precision"], MARKERS[number % len(MARKERS)], ms=5,
                    mec="white", mew=0.5, label=variant, **style)  # fmt: skip
        support = points.loc[points["dx"] == dx, "support"].iloc[0]
        ax.axhline(100 * support / total, color=NEUTRAL, lw=0.8, ls=":")
        ax.set_title(f"{dx}, n = {support} of {total}", fontsize=8, color=class_colours([dx])[0])
        ax.set(xlim=(-2, 102), ylim=(0, 103))
        ax.tick_params(labelsize=7)
    for ax in axes.flat[len(classes) :]:
        ax.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    axes.flat[len(classes)].legend(handles, labels, frameon=False, fontsize=7, loc="center left")
    figure.supxlabel("recall (sensitivity, %)", fontsize=8)
    figure.supylabel("precision (%)", fontsize=8)
    return figure
