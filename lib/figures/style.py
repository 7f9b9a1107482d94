"""How every figure of the study looks and is kept: one colour per class, one size of text, drawings as SVG."""

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core.errors import lookup
from lib.core.files import write_atomic

P = ParamSpec("P")

WIDTH = 5.4  # inches: on a phone, at two thirds of its size, its text can still be read
ACROSS = 66  # characters that fit it
DPI = 96  # pixels an inch of a page
DECIMALS = re.compile(r"(\.\d\d)\d+")  # of coordinates in points: more cannot be seen

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
SHORT = {"NonDemented": "none", "VeryMildDemented": "very mild", "MildDemented": "mild",
         "ModerateDemented": "moderate"}  # of classes whose names are too long for an axis  # fmt: skip
ACCENT, NEUTRAL = "#0072B2", "#8C8C8C"  # for what is not a class: the value in question, and its background

RC = {
    **sns.axes_style("ticks"),
    "font.size": 10,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # shipped with matplotlib; with browsers, as wide as the first
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "legend.handlelength": 1.2,
    "lines.linewidth": 1.5,
    "lines.markersize": 5,
    "figure.dpi": DPI,
    "figure.constrained_layout.use": True,
    "image.cmap": "cividis",
    "image.interpolation": "nearest",
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "figures",  # the same drawing gives the same bytes
}


def class_colours(classes: Iterable[str]) -> list[str]:
    """Colours ("#rrggbb") of ``classes`` in their order; StudyError for a name without one."""
    return [lookup("class", name, CLASS_COLOURS) for name in classes]


def class_names(classes: Iterable[str]) -> list[str]:
    """Names of ``classes`` that are short enough for an axis."""
    return [SHORT.get(name, name) for name in classes]


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


def text_height(*texts: str) -> float:
    """Inches that the longest of ``texts`` takes over a panel."""
    return 0.17 * (1 + max(text.count("\n") for text in texts))


def panels(n: int, columns: int, height: float, **options) -> tuple[Figure, list[Axes]]:
    """A figure of ``n`` axes in at most ``columns`` columns, each ``height`` inches high."""
    columns = min(columns, n)
    rows = -(-n // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height * rows), squeeze=False, **options)
    for ax in axes.flat[n:]:
        ax.set_axis_off()
    return figure, list(axes.flat[:n])


def save_figure(figure: Figure, out_dir: str | Path, name: str) -> Path:
    """Write ``figure`` to ``<out_dir>/figures/<name>.svg`` (atomically) and return that path.

    One that shows photographs becomes a JPEG of twice the pixels that it takes on a page: full colours in a tenth of
    the bytes of a PNG.
    """
    photographs = any(ax.images for ax in figure.axes)
    file = Path(out_dir) / "figures" / f"{name}.{'jpg' if photographs else 'svg'}"

    def write(path: Path) -> None:
        if photographs:
            options = {"quality": 76, "subsampling": 0, "optimize": True}
            figure.savefig(path, dpi=2 * DPI, format="jpeg", pil_kwargs=options)
        else:
            said = {"Date": None, "Creator": None, "Title": figure.get_label()}
            figure.savefig(path, format="svg", metadata=said)
            text = path.read_text(encoding="utf-8")
            text = text[text.index("<svg") :]  # without the declarations, which no page needs
            path.write_text(re.sub(r'="[^"]*"', lambda m: DECIMALS.sub(r"\1", m[0]), text), encoding="utf-8")

    with plt.rc_context(RC):
        return write_atomic(file, write)
