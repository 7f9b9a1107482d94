"""Values with their intervals, one row each, as most comparisons of the study are shown."""

import functools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.figures.style import ACCENT, ACROSS, NEUTRAL, WIDTH, text_height

BESIDE = 26  # characters of a label that fits beside the axes; longer ones stand above their row
LINE, STEP = 0.19, 0.13  # inches: a line of text, an interval


@dataclass(frozen=True)
class Series:
    """One value with its interval in every row. ``colour``: one for all rows, or one for each."""

    label: str
    value: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    colour: str | Sequence[str] = ACCENT
    marker: str = "o"
    hollow: bool = False

    def handle(self) -> Artist:
        colour = self.colour if isinstance(self.colour, str) else NEUTRAL
        line = "none" if self.low is None else "-"
        face = "none" if self.hollow else colour
        return plt.Line2D([], [], color=colour, marker=self.marker, ls=line, mfc=face, label=self.label)


def series(rows: pd.DataFrame, value: str, label: str = "", ends: tuple[str, str] | None = None, scale: float = 100,
           **look) -> Series:  # fmt: skip
    """The column ``value`` of ``rows`` times ``scale``, with the interval of the columns ``ends`` (by default
    ``<value>_low`` and ``<value>_high``, if there are any)."""
    low, high = ends or (f"{value}_low", f"{value}_high")
    interval = [scale * rows[low].to_numpy(), scale * rows[high].to_numpy()] if low in rows else []
    return Series(label or value.replace("_", " "), scale * rows[value].to_numpy(), *interval, **look)


@dataclass(frozen=True)
class Block:
    """Rows under one heading; ``xlabel`` where it differs from the figure's; ``constant``: the constant answer's value,
    a dashed line."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    xlabel: str = ""
    constant: float | None = None


def forest(
    blocks: Sequence[Block], xlabel: str = "", zero: float | None = 0, columns: int = 1, key: bool = True,
    step: float = STEP, **options,
) -> Figure:  # fmt: skip
    """``blocks`` from top to bottom in ``columns``, every series of a row beneath the other, the key above all.

    ``zero``: where a line stands, None for none; ``step``: inches between a row's series; ``options``: of the axes
    (``sharex``, ``sharey``).
    """
    longest = max(len(label) for b in blocks for label in b.labels)
    above = longest > BESIDE
    width = int(0.88 * (ACROSS // columns - (0 if above else longest // columns)))  # bold is wider
    fill = functools.partial(textwrap.fill, width=width, break_on_hyphens=False)
    blocks = [replace(b, title="\n".join(map(fill, b.title.split("\n")))) for b in blocks]
    heights = [_height(b, above, step) + (text_height(b.title) + 0.15 if b.title else 0) for b in blocks]
    rows = -(-len(blocks) // columns)
    ratios = [max(heights[columns * r : columns * (r + 1)]) for r in range(rows)]
    labels = 0.45 * (rows if any(b.xlabel for b in blocks) or not options.get("sharex") else 1)
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, sum(ratios) + labels + 0.3), height_ratios=ratios, squeeze=False, **options
    )
    for ax in axes.flat[len(blocks) :]:
        ax.set_axis_off()
    for number, (ax, block) in enumerate(zip(axes.flat, blocks, strict=False)):
        intervals(ax, block, above, step, named=number % columns == 0 or not options.get("sharey"))
        if zero is not None:
            ax.axvline(zero, color=NEUTRAL, lw=0.8, zorder=0)
        if block.constant is not None:
            ax.axvline(block.constant, color=NEUTRAL, lw=1, ls="--", zorder=0)
        last = number + columns >= len(blocks) or not options.get("sharex")
        ax.set_xlabel(block.xlabel or (xlabel if last else ""))
        ax.set_title(block.title, weight="bold")
    if key:
        dashed = [plt.Line2D([], [], color=NEUTRAL, lw=1, ls="--", label="constant answer")]
        handles = [s.handle() for s in blocks[0].series]
        key_above(figure, handles + dashed * any(b.constant is not None for b in blocks))
    return figure


def _height(block: Block, above: bool, step: float) -> float:
    return sum(_lines(label, above) * LINE + _room(block, above, step) + 0.06 for label in block.labels)


def _room(block: Block, above: bool, step: float) -> float:
    return max(step * len(block.series), STEP if above else LINE)


def _lines(label: str, above: bool) -> int:
    return len(textwrap.wrap(label, ACROSS)) if above else 0


def intervals(ax: Axes, block: Block, above: bool, step: float, named: bool) -> None:
    """Draw a block's rows; ``above``: labels stand over their row, else beside the axes if ``named``."""
    y, ticks = 0.0, []
    for number, label in enumerate(block.labels):
        lines = _lines(label, above)
        if lines:
            text = "\n".join(textwrap.wrap(label, ACROSS))
            ax.text(0, y, text, transform=ax.get_yaxis_transform(), va="top", linespacing=1.1,
                    bbox={"fc": "white", "ec": "none", "pad": 0.3})  # fmt: skip
        room = _room(block, above, step)
        middle = y + lines * LINE + room / 2
        for place, one in enumerate(block.series):
            _draw(ax, one, number, middle + step * (place - (len(block.series) - 1) / 2))
        ticks.append(middle)
        y += lines * LINE + room + 0.06
    ax.set_ylim(y, 0)
    ax.set_yticks([] if above else ticks, [] if above else block.labels)
    ax.tick_params(axis="y", length=0, labelleft=named)
    ax.spines["left"].set_visible(False)


def _draw(ax: Axes, one: Series, number: int, y: float) -> None:
    colour = one.colour if isinstance(one.colour, str) else one.colour[number]
    if one.low is not None and one.high is not None:
        ax.plot([one.low[number], one.high[number]], [y, y], color=colour)
    ax.plot(one.value[number], y, one.marker, color=colour, mfc="none" if one.hollow else colour)


def key_above(figure: Figure, handles: Sequence[Artist], title: str = "") -> None:
    """The key over the whole figure, in as many columns as its words leave room for."""
    handles = [h for h in handles if h.get_label()]
    if not handles:
        return
    longest = max(len(str(h.get_label())) for h in handles)
    columns = int(np.clip(ACROSS // (longest + 4), 1, len(handles)))
    figure.legend(handles=handles, ncols=columns, loc="outside upper left", borderaxespad=0, title=title or None)
