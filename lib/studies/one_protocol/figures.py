"""Figures of notebook 11: methods under one protocol, and the grand table as a picture."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.evaluation.ranking import cliques
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#4D4D4D")
SENTENCE = "Table Results on the HAM10000 test set (95 % bootstrap CI)"  # saykat2025's name of its table
VERDICTS = {"reproduced": "#009E73", "undecided": "#E69F00", "not reproduced": "#D55E00", "not testable": NEUTRAL}


@styled
def critical_difference_diagram(ranks: pd.DataFrame, test: dict[str, float]) -> Figure:
    """Mean rank of each method over the classes (1 is best); a bar joins methods closer than the critical difference.

    Friedman's test and Nemenyi's difference stand in the title (Demšar 2006).
    """
    count, worst = len(ranks), int(test["methods"])
    figure, ax = plt.subplots(figsize=(WIDTH, 1.6 + 0.2 * count))
    ax.set_axis_off()
    ax.set_xlim(worst + 1.2, -0.2)
    ax.plot([1, worst], [0, 0], color="black", lw=1)
    for rank in range(1, worst + 1):
        ax.plot([rank, rank], [0, 0.1], color="black", lw=1)
        ax.text(rank, 0.15, rank, ha="center", va="bottom", fontsize=8)
    joined = cliques(ranks["mean_rank"].to_numpy(), test["critical_difference"])
    for number, members in enumerate(joined):
        ends = ranks["mean_rank"].to_numpy()[list(members)]
        ax.plot([ends.min() - 0.03, ends.max() + 0.03], [-0.25 - 0.18 * number] * 2, color=NEUTRAL, lw=4)
    base, half = -0.5 - 0.18 * len(joined), (count + 1) // 2
    for place, row in ranks.iterrows():
        best = place < half
        height = base - 0.4 * (place if best else count - 1 - place)
        side = 0.9 if best else worst + 0.1
        ax.plot([row["mean_rank"], row["mean_rank"], side], [0, height, height], color="black", lw=0.8)
        parts = (f"{row['mean_rank']:.2f}", row["method"]) if best else (row["method"], f"{row['mean_rank']:.2f}")
        ax.annotate("  ".join(parts), (side, height), (5 if best else -5, 0), textcoords="offset points",
                    ha="left" if best else "right", va="center", fontsize=8)  # fmt: skip
    ax.plot([worst, worst - test["critical_difference"]], [0.75, 0.75], color=ACCENT, lw=2)
    label = f"critical difference {test['critical_difference']:.2f}"
    ax.text(worst, 0.85, label, color=ACCENT, fontsize=8, va="bottom")
    ax.set_ylim(base - 0.4 * half, 1.5)
    ax.set_title(f"mean rank over {test['blocks']:.0f} classes (F1); Friedman p = {test['p']:.3f}", fontsize=9)
    return figure


@styled
def trade_off(table: pd.DataFrame) -> Figure:
    """Accuracy, balanced accuracy and melanoma sensitivity of each method (95 % intervals) against training minutes."""
    names = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "sensitivity": "melanoma sensitivity"}
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.9))
    for ax, (name, label) in zip(axes, names.items(), strict=True):
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
