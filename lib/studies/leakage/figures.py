"""Figures of notebook 10."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.results import GROUPED, PAPER, SPLITS
from lib.figures.style import NEUTRAL, class_colours, panels, styled
from lib.records import names
from lib.studies.leakage.kinds import kinds_in_words

ORIGINS = {"elsewhere": NEUTRAL, "mel": class_colours(["mel"])[0], "nv": class_colours(["nv"])[0]}


@styled
def leak(table: pd.DataFrame) -> Figure:
    """What the paper's split adds to accuracy, in points with 95 % intervals: one row per kind of model and data set,
    with its accuracy under the paper's split and the grouped one. Grey where the interval holds zero."""
    blocks = []
    for data, own in table[table["leak"].notna()].groupby("data", sort=False):
        spans = own["paper_accuracy"].map(" ({:.1f} → ".format) + own["grouped_accuracy"].map("{:.1f} %)".format)
        labels = kinds_in_words(own) + spans
        found = (own["leak_low"] > 0) | (own["leak_high"] < 0)
        drawn = series(own, "leak", scale=1, colour=list(np.where(found, PAPER, NEUTRAL)))
        blocks.append(Block(names.data_set(data), list(labels), [drawn]))
    return forest(blocks, "accuracy, paper's split minus grouped (points)", key=False, sharex=True)


@styled
def class_differences(table: pd.DataFrame) -> Figure:
    """Sensitivity under the paper's split minus under the grouped one, by class, in points with 95 % intervals."""
    blocks = []
    for (features, head), own in table.groupby(["features", "head"], sort=False):
        labels = own["dx"] + own["n_paper"].map(" (n = {:.0f})".format)
        drawn = series(own, "difference", ends=("low", "high"), colour=class_colours(own["dx"]))
        backbone, _, size = features.rpartition("-")
        title = f"{names.network(backbone)}, {size.removesuffix('px')} px\n{head} head"
        blocks.append(Block(title, list(labels), [drawn]))
    xlabel = "sensitivity, paper's minus\ngrouped split (points)"
    return forest(blocks, xlabel, columns=2, key=False, sharex=True, sharey=True)


@styled
def probes(rows: pd.DataFrame) -> Figure:
    """What copying the class of the nearest training image gives: its accuracy (bar, with its 95 % interval; black
    stroke: always naming the commonest class), and how often that image shows the same lesion or subject."""
    figure, axes = panels(2, 1, 0.7 + 0.24 * len(rows))
    colours = rows["kind"].map({"paper": PAPER, "grouped": GROUPED})
    labels = rows["data"].map(names.data_set) + rows["n_test"].map(" (n = {:,.0f})".format)
    columns = {"accuracy": "accuracy (%)", "same_group": "same lesion or subject (%)"}
    for ax, (column, title) in zip(axes, columns.items(), strict=True):
        ax.barh(rows.index, 100 * rows[column], color=colours, height=0.7)
        ax.set_yticks(rows.index, labels)
        ax.set(xlabel=title, xlim=(0, 100))
        ax.invert_yaxis()
    axes[0].hlines(rows.index, 100 * rows["accuracy_low"], 100 * rows["accuracy_high"], color="black", lw=1)
    axes[0].vlines(100 * rows["majority"], rows.index - 0.35, rows.index + 0.35, color="black", lw=2)
    key_above(figure, [Rectangle((0, 0), 1, 1, color=c, label=label) for c, label in SPLITS.values()])
    return figure


@styled
def composition(made_of: pd.DataFrame) -> Figure:
    """What the folders of malignant-vs-benign hold: images by HAM10000's diagnosis, or from elsewhere."""
    figure, (ax,) = panels(1, 1, 2.2)
    shown = made_of.set_index(made_of["split"] + " / " + made_of["dx"])[[o for o in ORIGINS if o in made_of]]
    names = ["not in HAM10000" if origin == "elsewhere" else f"HAM10000: {origin}" for origin in shown]
    colours = [ORIGINS[origin] for origin in shown]
    shown.set_axis(names, axis=1).plot.barh(stacked=True, color=colours, width=0.7, legend=False, ax=ax)
    ax.invert_yaxis()
    ax.set(xlabel=f"images (n = {made_of['total'].sum():,})", ylabel="")
    key_above(figure, ax.containers)
    return figure


@styled
def site_confusion(confusion: pd.DataFrame) -> Figure:
    """Of the images of each acquisition site (a row) the share in per cent predicted for each site, from features."""
    scopes = list(confusion.groupby("scope", sort=False))
    figure, axes = panels(len(scopes), 1, 3.3)
    for ax, (scope, own) in zip(axes, scopes, strict=True):
        counts = own.pivot(index="site", columns="predicted", values="images").fillna(0)
        counts = counts.rename(columns=lambda name: name.replace("_", "\n"))
        share = 100 * counts.div(counts.sum(axis=1), axis=0)
        rows = [f"{site.replace('_', ' ')} ({n:,.0f})" for site, n in counts.sum(axis=1).items()]
        sns.heatmap(share, ax=ax, annot=True, fmt=".0f", vmin=0, vmax=100, cmap="Blues", cbar=False, yticklabels=rows)
        ax.set(title="all images" if scope == "all" else "nevi only", xlabel="predicted site", ylabel="")
        ax.tick_params(labelrotation=0, length=0)
    return figure


@styled
def acquisition_site_transfer(sites: pd.DataFrame) -> Figure:
    """A site left out of training minus the same site in it: difference in points with 95 % intervals."""
    labels = sites["site"].str.replace("_", " ") + sites["n"].map(" (n = {:,})".format)
    blocks = [
        Block(name.replace("_", " ").capitalize(), list(labels),
              [series(sites, f"{name}_difference", ends=(f"{name}_low", f"{name}_high"))])
        for name in ("accuracy", "balanced_accuracy")
    ]  # fmt: skip
    return forest(blocks, "left out minus in training (points)", columns=1, key=False, sharex=True)


@styled
def strata_forest(strata: pd.DataFrame) -> Figure:
    """Melanoma sensitivity (dot) and specificity (diamond) by stratum at one threshold, with 95 % intervals."""
    labels = strata["stratum"] + ": " + strata["value"].str.replace("_", " ")
    labels = labels.where(strata["stratum"] != "all", "all images")
    labels += strata["lesions_mel"].map(" ({:,} melanomas, ".format)
    labels += strata["lesions_other"].map("{:,} others)".format)
    drawn = [series(strata, "sensitivity", colour=PAPER),
             series(strata, "specificity", colour=GROUPED, marker="D")]  # fmt: skip
    return forest([Block("", list(labels), drawn)], "per cent; intervals with lesions as n", zero=None)
