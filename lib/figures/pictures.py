"""Photographs side by side, each with its words and all with their attribution."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.figures.style import ACROSS, WIDTH, text_height


def tiles(cells: Sequence[tuple[np.ndarray | None, str]], columns: int, note: str, rows: Sequence[str] = ()) -> Figure:
    """Pictures (uint8 [H, W, 3], None for an empty place) with their words above, row by row.

    ``note``: what the colours mean and whose the pictures are, below all; ``rows``: names at the left.
    """
    lines = -(-len(cells) // columns)
    side = (WIDTH - 0.3 * bool(rows)) / columns
    shape = next(picture.shape for picture, _ in cells if picture is not None)
    text = [text_height(*(words for _, words in cells[n * columns : (n + 1) * columns])) for n in range(lines)]
    below = textwrap.fill(note, ACROSS)
    height = sum(text) + lines * (side * shape[0] / shape[1] + 0.05) + text_height(below)
    figure, axes = plt.subplots(lines, columns, figsize=(WIDTH, height), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (picture, words) in zip(axes.flat, cells, strict=False):
        if picture is not None:
            ax.imshow(picture, interpolation="bicubic")
            ax.set_title(words, fontsize=9, pad=2, loc="left", linespacing=1.05)
    for ax, name in zip(axes[:, 0], rows, strict=False):
        ax.text(-0.06, 0.5, name, transform=ax.transAxes, rotation=90, ha="right", va="center")
    figure.supxlabel(below, fontsize=9, x=0.01, ha="left")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, hspace=0.01, wspace=0.01)
    return figure
