"""Figures of notebook 11: methods under one protocol, and the grand table as a picture."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#4D4D4D")
SENTENCE = "Table Results on the HAM10000 test set (95 % bootstrap CI)"  # saykat2025's name of its table
VERDICTS = {"reproduced": "#009E73", "undecided": "#E69F00", "not reproduced": "#D55E00", "not testable": NEUTRAL}


NAMES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "sensitivity": "melanoma sensitivity"}


@styled
def rank_intervals(table: pd.DataFrame) -> Figure:
    """Rank of each method by each measure (1 is best), with its 95 % interval over lesions and seeds."""
    methods = list(table.groupby("method")["rank"].mean().sort_values(kind="stable").index)
    figure, axes = plt.subplots(1, len(NAMES), figsize=(WIDTH, 0.9 + 0.3 * len(methods)), sharey=True)
    for ax, (measure, label) in zip(axes, NAMES.items(), strict=True):
        rows = table[table["measure"] == measure].set_index("method").loc[methods]
        ax.hlines(range(len(methods)), rows["low"], rows["high"], color=ACCENT, lw=1.5)
        ax.plot(rows["rank"], range(len(methods)), "o", color=ACCENT, ms=5)
        ax.set_xticks(range(1, len(methods) + 1))
        ax.set_xlabel(f"rank by {label}", fontsize=8)
        ax.tick_params(labelsize=7)
    axes[0].set_yticks(range(len(methods)), methods, fontsize=8)
    axes[0].invert_yaxis()
    return figure


@styled
def trade_off(table: pd.DataFrame) -> Figure:
    """Accuracy, balanced accuracy and melanoma sensitivity of each method (95 % intervals) against training minutes."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.9))
    for ax, (name, label) in zip(axes, NAMES.items(), strict=True):
        for row, colour in zip(table.to_dict("records"), COLOURS, strict=False):
            x = row["training_minutes"]
            ax.plot([x, x], [100 * row[f"{name}_low"], 100 * row[f"{name}_high"]], color=colour, lw=1.5)
            ax.plot(x, 100 * row[name], "o", color=colour, ms=5, label=row["method"] if ax is axes[0] else None)
        ax.set_xlim(left=-0.05 * table["training_minutes"].max())  # a dot at zero is whole
        ax.set_xlabel("training (minutes)", fontsize=8)
        ax.set_ylabel(f"{label} (%), n = {table['n'].iloc[0]}", fontsize=8)
        ax.tick_params(labelsize=7)
    figure.legend(ncols=min(3, len(table)), frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def grand_figure(table: pd.DataFrame) -> Figure:
    """Ours minus published of every headline proportion that a run answers, in points with 95 % intervals.

    The colour is the verdict: grey where the run deviates from the paper's protocol.
    """
    rows = table[table["ours"].notna() & (table["unit"] == "percent")].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 1.0 + 0.17 * len(rows)))
    ax.axvline(0, color=NEUTRAL, lw=0.8)
    for number, row in rows.iterrows():
        colour = VERDICTS[row["verdict"]]
        ax.plot([row["difference_low"], row["difference_high"]], [number] * 2, color=colour, lw=1.3)
        ax.plot(row["difference"], number, "o", color=colour, ms=3.5)
    where = rows["where"].str.replace(
        "Table Results on the HAM10000 test set (95 % bootstrap CI)", "results", regex=False
    )
    names = rows["paper"] + ": " + where
    ax.set_yticks(range(len(rows)), names, fontsize=6)
    ax.invert_yaxis()
    figure.supxlabel("ours minus published (points)", fontsize=8)
    shown = [v for v in VERDICTS if (rows["verdict"] == v).any()]
    handles = [plt.Line2D([], [], color=VERDICTS[v], marker="o", lw=1.3, ms=4) for v in shown]
    figure.legend(handles, shown, ncols=4, frameon=False, fontsize=7, loc="outside upper center")
    return figure
