"""Charts of notebook 00."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lib.data.splits import SPLITS
from lib.figures.forest import key_above
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, class_colours, styled
from lib.records.names import data_set
from lib.studies.exploration.tables import categories, class_counts, class_order, need, repeats, unit


@styled
def plot_class_counts(index: pd.DataFrame) -> Figure:
    """Images and groups per class, on a logarithmic axis."""
    counts = class_counts(index).drop(index="total").iloc[::-1]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.5 + 0.42 * len(counts)))
    place = np.arange(len(counts))
    colours = class_colours(counts.index)
    for offset, column, alpha in ((0.2, "images", 1.0), (-0.2, "groups", 0.45)):
        bars = ax.barh(place + offset, counts[column], 0.38, color=colours, alpha=alpha)
        labels = [f"{n:,} {column if column == 'images' else unit(index) + 's'}" for n in counts[column]]
        ax.bar_label(bars, labels, padding=3)
    ax.set_yticks(place, counts.index)
    ax.set(xscale="log", xlabel="count (logarithmic)", title=_title(index, "Classes"))
    ax.set_xlim(right=counts["images"].max() * 3)
    return figure


@styled
def plot_ages(index: pd.DataFrame) -> Figure:
    """Age per class, one value per group: box of the quartiles, whiskers of 1.5 interquartile ranges."""
    need(index, "age")
    groups = index.drop_duplicates("group").dropna(subset="age")
    return _boxes(groups, "age", "age in years", _title(index, f"Age, one per {unit(index)}"))


@styled
def plot_mask_area(areas: pd.DataFrame) -> Figure:
    """Area of the lesion per class, from the masks.

    ``areas``: of :func:`lib.studies.exploration.tables.mask_areas`.
    """
    title = _title(areas, "Size of the lesion in the photograph")
    return _boxes(areas, "area", "lesion area, share of the image", title)


@styled
def plot_categories(index: pd.DataFrame, column: str) -> Figure:
    """Share of the classes, with the number of images, within each value of one column."""
    table = categories(index, column)
    figure, ax = _stacked(table, class_colours(table))
    ax.set(xlabel="share of the images", title=_title(index, f"Diagnoses by {column}"))
    return figure


@styled
def plot_repeats(index: pd.DataFrame) -> Figure:
    """Share of the groups of each class by their number of images."""
    table = repeats(index).drop(columns="total")
    table = table.loc[:, table.sum() > 0]
    table = table.groupby([str(n) if n <= 3 else "4 or more" for n in table.index]).sum().T
    figure, ax = _stacked(table, sns.color_palette("cividis_r", table.shape[1]), "images")
    ax.set(xlabel=f"share of the {unit(index)}s", title=_title(index, f"Images per {unit(index)}"))
    return figure


def _stacked(table: pd.DataFrame, colours, key: str | None = None) -> tuple[Figure, Axes]:
    """A bar for each row of counts, divided by columns as shares of the row, whose sum stands beside its name."""
    totals = table.sum(axis=1)
    figure, ax = plt.subplots(figsize=(WIDTH, 1 + 0.3 * len(table)))
    shares = table.div(totals, axis=0).set_axis([f"{name} (n = {n:,})" for name, n in totals.items()])
    shares.iloc[::-1].plot.barh(stacked=True, color=list(colours), width=0.75, ax=ax, xlim=(0, 1))
    ax.set_ylabel("")
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.legend(title=key, loc="upper left", bbox_to_anchor=(1, 1))
    return figure, ax


@styled
def plot_nearest(nearest: pd.DataFrame) -> Figure:
    """Correlation of each image with its nearest other image, by whether they share a group."""
    figure, ax = plt.subplots(figsize=(WIDTH, 2.6))
    bins = np.linspace(nearest["correlation"].min(), 1, 60)
    for same, colour, label in ((False, NEUTRAL, "another"), (True, ACCENT, "the same")):
        part = nearest.loc[nearest["same_group"] == same, "correlation"]
        ax.hist(part, bins, color=colour, alpha=0.75, label=f"in {label} {unit(nearest)} (n = {len(part):,})")
    ax.set(yscale="log", xlabel="correlation with the nearest other image (32 x 32 RGB)", ylabel="images")
    ax.set_title(_title(nearest, "Near-duplicates"))
    ax.legend()
    return figure


@styled
def plot_leakage(table: pd.DataFrame, title: str) -> Figure:
    """Share of test images whose lesion or subject is in training too, per class, for each way to split; lines: one
    standard deviation over draws.

    ``table``: of :func:`lib.studies.exploration.tables.leakage`.
    """
    splits, classes = list(table["split"].unique()), list(table["dx"].unique())
    wide = table.pivot(index="dx", columns="split").loc[classes]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.17 * len(classes) * (len(splits) + 0.6)))
    height = 0.8 / len(splits)
    for number, (split, colour) in enumerate(zip(splits, sns.color_palette("colorblind", len(splits)), strict=True)):
        place = np.arange(len(classes)) + (number - (len(splits) - 1) / 2) * height
        shares, spread = 100 * wide["share"][split], 100 * wide["sd"][split].fillna(0)
        ax.barh(place, shares, height, xerr=spread, color=colour, label=SPLITS[split].description)
        for y in place[shares == 0]:
            ax.text(1, y, "0", va="center", color=colour)
    ax.set_yticks(np.arange(len(classes)), [f"{dx} (n = {wide['n_test'][splits[0]][dx]:.0f})" for dx in classes])
    ax.set(xlabel="test images seen in training (%)", title=title)
    ax.invert_yaxis()
    key_above(figure, [bars for bars in ax.containers if isinstance(bars, BarContainer)])
    return figure


def _boxes(values: pd.DataFrame, column: str, label: str, title: str) -> Figure:
    order = [dx for dx in class_order(values) if (values["dx"] == dx).any()]
    figure, ax = plt.subplots(figsize=(WIDTH, 2.8))
    sns.boxplot(
        values, x="dx", y=column, hue="dx", order=order, hue_order=order, palette=class_colours(order), ax=ax,
        width=0.6, fliersize=1.5, linewidth=0.8, legend=False,
    )  # fmt: skip
    counts = values["dx"].value_counts()
    ax.set_xticks(np.arange(len(order)), [f"{dx}\nn = {counts[dx]:,}" for dx in order])
    ax.set(xlabel="", ylabel=label, title=title)
    return figure


def _title(index: pd.DataFrame, what: str) -> str:
    return f"{what}\n{data_set(index.attrs['name'])}, {len(index):,} images"
