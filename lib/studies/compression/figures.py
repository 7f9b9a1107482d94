"""Figures of compressed networks."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.style import NEUTRAL, panels, styled
from lib.records import names

ORIGINS = {"paper": ("#D55E00", "the paper's"), "clinic": ("#0072B2", "what would serve a clinic"),
           "control": (NEUTRAL, "control")}  # fmt: skip


@styled
def trade_off(table: pd.DataFrame, batch: int, where: str) -> Figure:
    """Accuracy (95 % interval) and milliseconds (median, quartiles) of the forms of one network that beat the constant
    answer, with their files' sizes; a star: no other is better in all three. Dotted: the original."""
    table = table[table["learned"]] if table["learned"].any() else table
    labels = [f"{names.in_text(row.variant)}, {row.file_MiB:.3g} MiB{' ★' * row.front}" for row in table.itertuples()]
    colours = [ORIGINS[origin][0] for origin in table["origin"]]
    accuracy = series(table, "accuracy", ends=("low", "high"), colour=colours)
    time = series(table, "median_ms", ends=("q1", "q3"), scale=1, colour=colours)
    images = f"{batch} image{'s' * (batch > 1)}"
    blocks = [Block(f"Accuracy (%), n = {table['n'].iloc[0]:,}", labels, [accuracy]),
              Block(f"Milliseconds for {images} ({where})", labels, [time])]  # fmt: skip
    figure = forest(blocks, zero=None, key=False)
    for ax, block in zip(figure.axes, blocks, strict=True):
        ax.axvline(block.series[0].value[0], color=NEUTRAL, lw=0.8, ls=":", zorder=0)
    _log_axis(figure.axes[1], (1, 2, 5))
    key_above(figure, _dots(table["origin"]))
    return figure


def _log_axis(ax: Axes, steps: tuple[int, ...]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=steps))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())


def _dots(origins) -> list[Line2D]:
    looks = [look for origin, look in ORIGINS.items() if origin in set(origins)]
    return [Line2D([], [], ls="", marker="o", color=colour, label=label) for colour, label in looks]


@styled
def latencies(table: pd.DataFrame, times: pd.DataFrame, variants: pd.DataFrame, where: str) -> Figure:
    """Milliseconds per image of every variant, a panel per batch size: all calls as strokes, median and quartiles."""
    known, order = variants.set_index("label"), list(dict.fromkeys(table["variant"]))
    batches = sorted(map(int, table["batch"].unique()))
    figure, axes = panels(len(batches), 1, 0.75 + 0.23 * len(order))
    for ax, batch in zip(axes, batches, strict=True):
        rows = table[table["batch"] == batch].set_index("variant")
        for number, label in enumerate(order):
            colour = ORIGINS[known.loc[label, "origin"]][0]
            own = times[(times["name"] == known.loc[label, "name"]) & (times["batch"] == batch)]["ms"] / batch
            strokes = np.tile([-0.25, 0.25, np.nan], len(own))
            ax.plot(np.repeat(own, 3), number + strokes, color=colour, lw=0.6, alpha=0.5)
            row = rows.loc[label]
            ax.plot([row["q1"] / batch, row["q3"] / batch], [number, number], color="black")
            ax.plot(row["ms_per_image"], number, "|", color="black", ms=9, mew=1.5)
        _log_axis(ax, (1, 3))
        ax.set_yticks(range(len(order)), [names.in_text(label) for label in order])
        ax.invert_yaxis()
        ax.set_title(f"{batch} image{'s' * (batch > 1)} a call, {rows['n'].iloc[0]} calls", x=0, ha="left")
    axes[-1].set_xlabel(f"milliseconds per image\n({where})")
    key_above(figure, _dots(known["origin"]))
    return figure
