"""Figures of notebook 11: methods under one protocol, and the grand table as a picture."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.style import ACCENT, NEUTRAL, panels, styled
from lib.studies.one_protocol.tables import MEASURES

NAMES = {measure: measure.replace("_", " ") for measure in MEASURES}
PAPER_LOOKS = {"abdulqader2026": ("#E69F00", "o"), "dhanalakshmi2025": ("#D55E00", "s"), "kadric2025": (ACCENT, "^"),
               "saykat2025": ("#CC79A7", "D"), "xia2025": ("#4D4D4D", "v")}  # fmt: skip


@styled
def rank_intervals(table: pd.DataFrame) -> Figure:
    """Rank of each method by each measure (1 is best), with its 95 % interval over lesions and seeds."""
    methods = list(table.groupby("method")["rank"].mean().sort_values(kind="stable").index)
    blocks = []
    for measure, label in NAMES.items():
        rows = table[table["measure"] == measure].set_index("method").loc[methods]
        blocks.append(Block(f"Rank by {label}", methods, [series(rows, "rank", ends=("low", "high"), scale=1)]))
    return forest(blocks, "rank", zero=None, key=False, sharex=True)


@styled
def trade_off(table: pd.DataFrame) -> Figure:
    """Accuracy, balanced accuracy and melanoma sensitivity of each method with 95 % intervals; behind its name the
    minutes of its training."""
    labels = table["method"] + table["training_minutes"].map(", {:.2g} min".format)
    blocks = [
        Block(f"{label.capitalize()} (%), n = {table['n'].iloc[0]:,}", list(labels), [series(table, name)])
        for name, label in NAMES.items()
    ]
    return forest(blocks, zero=None, key=False)


@styled
def grand_figure(table: pd.DataFrame) -> Figure:
    """Every headline accuracy that a run answers: ours, with its 95 % interval, against the printed one. On the line
    both are equal; below it ours is lower. Filled: the run follows the paper's protocol; hollow: it is smaller, which
    gives no verdict."""
    rows = table[table["ours"].notna() & (table["quantity"] == "accuracy")]
    published = rows["ours"] - rows["difference"]
    figure, (ax,) = panels(1, 1, 4.8)
    ax.axline((100, 100), slope=1, color=NEUTRAL, lw=0.8)
    handles = []
    for paper, own in rows.groupby("paper", sort=False):
        colour, marker = PAPER_LOOKS.get(paper, (NEUTRAL, "o"))
        ax.vlines(published[own.index], own["low"], own["high"], color=colour, lw=1, alpha=0.6)
        for tested, part in own.groupby(own["verdict"] != "not testable"):
            face = colour if tested else "white"
            ax.plot(published[part.index], part["ours"], marker, color=colour, mfc=face, ms=6, ls="")
        handles.append(Line2D([], [], color=colour, marker=marker, mfc="white", label=paper, ls=""))
    ax.set(
        xlim=(published.min() - 2, 100),
        ylim=(rows["low"].min() - 2, 100),
        xlabel="printed accuracy (%)",
        ylabel="ours (%)",
    )
    key_above(figure, handles)
    return figure
