"""Figures of notebook 09: what combining models gains, beside how unlike they are and what they cost."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.studies.ensembles.pools import KINDS

KIND_COLOURS = dict(zip(KINDS, ("#E69F00", "#009E73", "#0072B2"), strict=True))
KIND_MARKERS = dict(zip(KINDS, "^so", strict=True))


def _panels(n: int, columns: int, height: float, **options):
    columns = min(columns, n)
    rows = -(-n // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height * rows), squeeze=False, **options)
    for ax in axes.flat[n:]:
        ax.set_axis_off()
    return figure, list(axes.flat[:n])


def _settings(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(title, rows) per pool."""
    found = []
    for (data, split, n), rows in table.groupby(["data", "split", "n"], sort=False):
        found.append((f"{data}\n{split} split, n = {n}", rows.reset_index(drop=True)))
    return found


@styled
def strategy_gains(table: pd.DataFrame) -> Figure:
    """Gain in accuracy of each strategy over the best member, in points with 95 % intervals; one panel per pool."""
    parts = _settings(table)
    figure, axes = _panels(len(parts), 3, 2.1, sharex=True)
    for number, (ax, (title, rows)) in enumerate(zip(axes, parts, strict=True)):
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for position, row in rows.iterrows():
            ax.plot([100 * row["gain_low"], 100 * row["gain_high"]], [position] * 2, color=ACCENT, lw=1.5)
            ax.plot(100 * row["gain"], position, "o", color=ACCENT, ms=4)
        ax.set_yticks(range(len(rows)), rows["strategy"].str.replace("_", " ") if number % 3 == 0 else [], fontsize=7)
        ax.invert_yaxis()
        ax.set_title(f"{title}, {rows['members'][0]} members", fontsize=7)
        ax.set_xlabel("gain in accuracy (points)", fontsize=7)
    return figure


@styled
def diversity_gain(pairs: pd.DataFrame) -> Figure:
    """Every pair of models: share of images on which they disagree, against what averaging them gains (points)."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.2), sharey=True)
    names = {"gain_over_mean": "over the members' average", "gain_over_better": "over the better member"}
    for ax, (column, label) in zip(axes, names.items(), strict=True):
        ax.axhline(0, color=NEUTRAL, lw=0.8)
        for kind in KINDS:
            own = pairs[pairs["kind"] == kind]
            ax.plot(100 * own["disagreement"], 100 * own[column], KIND_MARKERS[kind], ms=3.5, alpha=0.7,
                    color=KIND_COLOURS[kind], mec="none", label=f"{kind} (n = {len(own)} pairs)")  # fmt: skip
        ax.set_xlabel("images to which the two give different classes (%)")
        ax.set_ylabel(f"gain in accuracy {label}\n(points)", fontsize=8)
        ax.tick_params(labelleft=True)
    axes[0].legend(frameon=False, fontsize=7)
    return figure


@styled
def seeds_or_architectures(table: pd.DataFrame) -> Figure:
    """Gain of ensembles of seeds and of recipes over their members' average, in points with 95 % intervals."""
    rows = table.reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.26 * len(rows)))
    ax.axvline(0, color=NEUTRAL, lw=0.8)
    colours = {"seeds of one recipe": KIND_COLOURS["two seeds"], "different recipes": KIND_COLOURS["two families"]}
    for number, row in rows.iterrows():
        colour = colours[row["kind"]]
        ax.plot([100 * row["gain_low"], 100 * row["gain_high"]], [number] * 2, color=colour, lw=1.5)
        ax.plot(100 * row["gain"], number, "o", color=colour, ms=4)
    names = rows["data"] + ", " + rows["split"] + " split · " + rows["members"].astype(str) + " " + rows["kind"]
    ax.set_yticks(range(len(rows)), names, fontsize=7)
    ax.invert_yaxis()
    figure.supxlabel("gain in accuracy over the members' average (points), 95 % interval over lesions", fontsize=8)
    return figure


@styled
def cost_curves(table: pd.DataFrame) -> Figure:
    """Accuracy of the mean of the best 1, 2, ... members against their multiply-accumulates; one panel per pool."""
    parts = _settings(table)
    figure, axes = _panels(len(parts), 3, 2.1)
    for ax, (title, rows) in zip(axes, parts, strict=True):
        start = 100 * rows["accuracy"][0]
        ax.axhline(start, color=NEUTRAL, lw=0.8)
        ax.fill_between(rows["gmacs"], start + 100 * rows["gain_low"], start + 100 * rows["gain_high"], color=ACCENT,
                        alpha=0.2, lw=0)  # fmt: skip
        ax.plot(rows["gmacs"], 100 * rows["accuracy"], "o-", color=ACCENT, ms=3.5, lw=1)
        ax.set_xlim(left=0)
        ax.set_title(title, fontsize=7)
        ax.set_xlabel("10⁹ multiply-accumulates per image", fontsize=7)
        ax.set_ylabel("accuracy (%)", fontsize=7)
        ax.tick_params(labelsize=7)
    return figure
