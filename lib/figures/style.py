"""How every figure of the study looks: one colour per class, one font, one resolution."""

import functools
import inspect
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from PIL import Image

from lib.core.errors import unknown_name
from lib.core.files import write_atomic

P = ParamSpec("P")

WIDTH = 8.0  # inches, the text width of a rendered notebook
DPI = 96

# Okabe & Ito (2008; scc: Paul Tol), distinguishable with the common colour-vision deficiencies; the degrees of
# dementia are ordered, so they take steps of plasma.
CLASS_COLOURS = {
    "akiec": "#E69F00",
    "bcc": "#0072B2",
    "bkl": "#009E73",
    "df": "#CC79A7",
    "mel": "#D55E00",
    "nv": "#56B4E9",
    "vasc": "#4D4D4D",
    "scc": "#882255",
    "benign": "#56B4E9",
    "malignant": "#D55E00",
    "NonDemented": "#FDAE32",
    "VeryMildDemented": "#E16462",
    "MildDemented": "#A11B9B",
    "ModerateDemented": "#1B068D",
}
ACCENT, NEUTRAL = "#0072B2", "#8C8C8C"  # for what is not a class: the value in question, and its background

RC = {
    **sns.axes_style("ticks"),
    **sns.plotting_context("notebook", font_scale=0.75),
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "font.family": "DejaVu Sans",  # shipped with matplotlib: figures look alike on every machine
    "image.cmap": "cividis",
    "image.interpolation": "nearest",
}


def class_colours(classes: Iterable[str]) -> list[str]:
    """Colours ("#rrggbb") of ``classes`` in their order; StudyError for a name without one."""
    classes = list(classes)
    for name in classes:
        if name not in CLASS_COLOURS:
            raise unknown_name("class", name, CLASS_COLOURS)
    return [CLASS_COLOURS[name] for name in classes]


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Decorator of functions that return a figure: drawn in the study's style, without touching the global one.

    The figure is closed in pyplot, so that a notebook shows it once, and long runs do not collect figures. Its label
    is the first paragraph of the function's docstring: the caption, and what a reader hears who does not see it.
    """
    caption = " ".join((inspect.getdoc(draw) or "").split("\n\n")[0].split())

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with plt.rc_context(RC):
            before = set(plt.get_fignums())
            try:
                figure = draw(*args, **kwargs)
                figure.canvas.draw()  # text and layout take the style now
                figure.set_label(caption)
                return figure
            finally:
                for number in set(plt.get_fignums()) - before:
                    plt.close(number)

    return drawn


def save_figure(figure: Figure, out_dir: str | Path, name: str) -> Figure:
    """Write ``figure`` to ``<out_dir>/figures/<name>.png`` (atomically, 96 dpi) and return it for display.

    The file has a palette of 256 colours: a third of the size, which matters for grids of photographs.
    """

    def write(path: Path) -> None:
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=DPI, format="png")
        _with_palette(Image.open(buffer).convert("RGB")).save(path, optimize=True)

    write_atomic(Path(out_dir) / "figures" / f"{name}.png", write)
    return figure


def _with_palette(picture: Image.Image) -> Image.Image:
    """``picture`` in its 240 best colours and 16 greys, so that text beside photographs stays grey, white white."""
    colours = picture.quantize(240).getpalette()[: 3 * 240]
    greys = [level for step in range(16) for level in [17 * step] * 3]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours + greys)
    indexed = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    blank = (np.asarray(picture) == 255).all(axis=-1)  # Pillow's nearest colour is an approximation
    white = len(colours + greys) // 3 - 1  # a plain drawing has fewer than 240 colours
    indexed.paste(white, mask=Image.fromarray(blank))
    return indexed
