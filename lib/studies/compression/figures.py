"""Figures of compressed networks."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from lib.figures.style import NEUTRAL, WIDTH, styled

ORIGINS = {"paper": ("#D55E00", "the paper's"), "clinic": ("#0072B2", "what would serve a clinic"),
           "control": (NEUTRAL, "control")}  # fmt: skip


@styled
def trade_off(table: pd.DataFrame, batch: int, where: str) -> Figure:
    """Accuracy against latency of every variant, numbered above; area of a marker is the file's size, a black rim: not
    dominated in all three, dashed: the base's accuracy."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.4))
    _log_axis(ax, (1, 2, 5))
    ax.axhline(100 * table["accuracy"].iloc[0], color=NEUTRAL, lw=0.8, ls="--")
    for row in table.to_dict("records"):
        colour = ORIGINS[row["origin"]][0]
        x, y = row["median_ms"], 100 * row["accuracy"]
        ax.plot([row["q1"], row["q3"]], [y, y], color=colour, lw=1, alpha=0.6)
        ax.plot([x, x], [100 * row["low"], 100 * row["high"]], color=colour, lw=1, alpha=0.6)
        rim = "black" if row["front"] else "none"
        ax.scatter(x, y, s=area(row["file_MiB"]), color=colour, alpha=0.5, edgecolor=rim, linewidth=1.2, zorder=3)
    _numbers(ax, table)
    ax.set_xlabel(f"milliseconds for {batch} image{'s' * (batch > 1)} (median, line: quartiles)\n{where}")
    ax.set_ylabel(f"accuracy (%), 95 % interval, n = {table['n'].iloc[0]}")
    named = enumerate(zip(table["variant"], table["file_MiB"], strict=True), start=1)
    names = [f"{number}  {variant}, {mib:.3g} MiB" for number, (variant, mib) in named]
    figure.legend(_dots(table["origin"]), names, loc="outside right upper", fontsize=7, frameon=False)
    present = [o for o in ORIGINS if o in set(table["origin"])]
    figure.legend(_dots(present), [ORIGINS[o][1] for o in present], loc="outside right lower", fontsize=7,
                  frameon=False)  # fmt: skip
    return figure


def area(mib: float) -> float:
    """Marker area in points² of a file of ``mib`` MiB: proportional, with a floor at which it can still be seen."""
    return max(16.0, 5.0 * mib)


def _log_axis(ax, steps: tuple[int, ...]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=steps))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())


def _dots(origins) -> list[plt.Line2D]:
    return [plt.Line2D([], [], ls="", marker="o", color=ORIGINS[o][0], alpha=0.7, ms=5) for o in origins]


def _numbers(ax, table: pd.DataFrame) -> None:
    """Numbers above the panel, each over its point; those that would touch are stacked, the leftmost lowest."""
    places = np.log10(table["median_ms"].to_numpy())
    reach = 0.04 * max(np.ptp(places), 0.1)
    rights: list[float] = []  # where the last number of each level stands
    for index in np.argsort(places, kind="stable"):
        level = next((n for n, right in enumerate(rights) if places[index] - right > reach), len(rights))
        rights[level : level + 1] = [places[index]]
        at = (table["median_ms"].iloc[index], 1.02 + 0.045 * level)
        ax.annotate(str(index + 1), at, xycoords=ax.get_xaxis_transform(), fontsize=7, ha="center")
        ax.axvline(at[0], color=NEUTRAL, lw=0.4, alpha=0.5, zorder=0)


@styled
def latencies(table: pd.DataFrame, times: pd.DataFrame, variants: pd.DataFrame, where: str) -> Figure:
    """Milliseconds per image of every variant, one panel per batch size: calls as dots, median and quartiles above."""
    batches = sorted(table["batch"].unique())
    figure, axes = plt.subplots(1, len(batches), figsize=(WIDTH, 0.9 + 0.27 * table["variant"].nunique()), sharey=True,
                                squeeze=False)  # fmt: skip
    known = variants.set_index("label")
    order = list(dict.fromkeys(table["variant"]))
    for ax, batch in zip(axes.flat, map(int, batches), strict=True):
        rows = table[table["batch"] == batch].set_index("variant")
        for number, label in enumerate(order):
            colour = ORIGINS[known.loc[label, "origin"]][0]
            own = times[(times["name"] == known.loc[label, "name"]) & (times["batch"] == batch)]["ms"] / batch
            jitter = np.random.default_rng(number).uniform(-0.25, 0.25, len(own))
            ax.plot(own, number + jitter, ".", color=colour, ms=2, alpha=0.35)
            row = rows.loc[label]
            ax.plot([row["q1"] / batch, row["q3"] / batch], [number, number], color="black", lw=1.5)
            ax.plot(row["ms_per_image"], number, "|", color="black", ms=9, mew=1.5)
        _log_axis(ax, (1, 3))
        ax.set_title(f"{batch} image{'s' * (batch > 1)} a call\nn = {rows['n'].iloc[0]} calls", fontsize=8)
        ax.tick_params(labelsize=7)
        ax.set_xlabel("milliseconds per image", fontsize=8)
    axes[0, 0].set_yticks(range(len(order)), order, fontsize=7)
    axes[0, 0].invert_yaxis()
    figure.suptitle(where, fontsize=8, x=0.01, ha="left")
    return figure
