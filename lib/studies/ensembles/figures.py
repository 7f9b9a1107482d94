"""Figures of notebook 09: what combining models gains, beside how unlike they are and what they cost."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.results import SPLITS
from lib.figures.style import ACCENT, NEUTRAL, panels, styled
from lib.records.names import network
from lib.studies.ensembles.tables import KINDS

KIND_LOOKS = dict(zip(KINDS, (("#E69F00", "^"), ("#CC79A7", "s"), ("#0072B2", "o")), strict=True))


def _pools(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """(title, rows) of every pool."""
    return [(where, rows.reset_index(drop=True)) for where, rows in table.groupby("where", sort=False)]


@styled
def strategy_gains(table: pd.DataFrame) -> Figure:
    """Gain in accuracy of the mean of all members over the one that validation prefers, in points with 95 % intervals,
    mean over the draws of each split."""
    colours = [SPLITS[split][0] for split in table["split"]]
    drawn = series(table, "gain", scale=1, colour=colours)
    return forest([Block("", table["where"].tolist(), [drawn])], "gain (points)", key=False)


@styled
def diversity_gain(pairs: pd.DataFrame) -> Figure:
    """Every pair of models: share of images on which they disagree, against what averaging them gains over the one
    that validation prefers (points)."""
    pools = _pools(pairs)
    figure, axes = panels(len(pools), 2, 2)
    for ax, (where, rows) in zip(axes, pools, strict=True):
        ax.axhline(0, color=NEUTRAL, lw=0.8)
        for kind, (colour, marker) in KIND_LOOKS.items():
            own = rows[rows["kind"] == kind]
            ax.plot(100 * own["disagreement"], 100 * own["gain_over_better"], marker, ms=3.5, alpha=0.7, color=colour,
                    mec="none", label=kind)  # fmt: skip
        ax.set(title=textwrap.fill(where, 27), xlabel="disagreement (%)", ylabel="gain (points)")
    key_above(figure, axes[0].lines[1:])
    return figure


@styled
def seeds_or_architectures(table: pd.DataFrame) -> Figure:
    """Gain of ensembles of seeds and of recipes over their members' average, in points with 95 % intervals over
    lesions."""
    kinds = {"seeds of one recipe": "#E69F00", "different recipes": ACCENT}
    pools, labels, drawn = _pools(table), [], []
    for title, rows in pools:
        labels.append(f"{title}: {rows['members'][0]} members")
    for kind, colour in kinds.items():
        own = pd.concat([rows[rows["kind"] == kind].head(1) for _, rows in pools])
        drawn.append(series(own, "gain", kind, colour=colour))
    return forest([Block("", labels, drawn)], "gain in accuracy over the members' average (points)")


@styled
def cost_curves(table: pd.DataFrame) -> Figure:
    """Accuracy of the mean of the best 1, 2, ... members against their multiply-accumulates, with the 95 % interval of
    its gain over the first (band); one panel per pool."""
    pools = _pools(table)
    figure, axes = panels(len(pools), 2, 2.3)
    for ax, (title, rows) in zip(axes, pools, strict=True):
        start = 100 * rows["accuracy"][0]
        ax.axhline(start, color=NEUTRAL, lw=0.8)
        ax.fill_between(rows["gmacs"], start + 100 * rows["gain_low"], start + 100 * rows["gain_high"], color=ACCENT,
                        alpha=0.2, lw=0)  # fmt: skip
        ax.plot(rows["gmacs"], 100 * rows["accuracy"], "o-", color=ACCENT, ms=3.5, lw=1)
        ax.set(title=textwrap.fill(title, 27), xlabel="GMACs per image", ylabel="accuracy (%)")
    return figure


@styled
def model_sizes(costs: pd.DataFrame) -> Figure:
    """Parameters of every network and the multiply-accumulates of one image at its input size, on logarithmic axes."""
    rows = costs.sort_values(["gmacs", "parameters"], ascending=False)
    labels = [f"{network(row.backbone)}, {row.px} px" for row in rows.itertuples()]
    blocks = [Block("", labels, [series(rows, column, scale=1)], label)
              for column, label in (("parameters", "million parameters"), ("gmacs", "GMACs per image"))]  # fmt: skip
    figure = forest(blocks, zero=None, columns=2, key=False, sharey=True)
    for ax in figure.axes:
        ax.set_xscale("log")
        ax.grid(axis="y", lw=0.4)
    return figure
