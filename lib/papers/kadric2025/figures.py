"""Two factors and their effects, and precision-recall curves of many variants."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.forest import Block, forest, key_above, series
from lib.figures.style import ACCENT, NEUTRAL, class_colours, panels, styled
from lib.records import names

EDITIONS = ("#D55E00", ACCENT, "#E69F00", "#CC79A7")
VARIANTS = (ACCENT, "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#4D4D4D", "#882255", "#56B4E9")
MARKERS = "os^DvPX*"


@styled
def factor_lines(cells: pd.DataFrame) -> Figure:
    """Test accuracy with its 95 % interval (left) and balanced accuracy (right) against pixels per side, one line per
    edition of the data; dotted: always naming the edition's most frequent class."""
    settings = cells[["backbone", "axis"]].drop_duplicates().to_records(index=False).tolist()
    looks = dict(zip(cells["data"].unique(), zip(EDITIONS * 2, MARKERS, strict=False), strict=False))
    figure, axes = panels(2 * len(settings), 2, 2.4, sharey=True)
    drawn = {}
    for line, (backbone, axis) in enumerate(settings):
        left, right = axes[2 * line : 2 * line + 2]
        rows = cells[(cells["backbone"] == backbone) & (cells["axis"] == axis)]
        for number, (data, r) in enumerate(rows.sort_values("pixels").groupby("data", sort=False)):
            x = r["pixels"] * 1.025 ** (number - 1)  # side by side, not on top of each other
            accuracy, (colour, marker) = 100 * r["accuracy"], looks[data]
            style = {"color": colour, "marker": marker, "lw": 1.2}
            label = f"{names.data_set(data)} (n = {r['n'].iloc[0]:,})"
            reach = [accuracy - 100 * r["low"], 100 * r["high"] - accuracy]
            drawn[label] = left.errorbar(x, accuracy, reach, capsize=2, label=label, **style)
            left.axhline(100 * r["majority"].iloc[0], color=colour, lw=0.8, ls=":")
            right.plot(x, 100 * r["balanced_accuracy"], **style)
        left.set_title(f"{names.network(backbone)}, {axis}", x=0, ha="left")
        left.set_ylabel("accuracy (%)")
        right.set_ylabel("balanced accuracy (%)")
        sizes = sorted(rows["pixels"].unique())
        for ax in (left, right):
            ax.set_xscale("log")
            ax.set_xticks(sizes, [str(s) for s in sizes])
            ax.minorticks_off()
            ax.set_xlabel("pixels per side")
    key_above(figure, list(drawn.values()))
    return figure


@styled
def effect_points(effects: pd.DataFrame) -> Figure:
    """Main effects on accuracy in percentage points with 95 % intervals: one panel per effect, a colour for what the
    test images are."""
    accuracy, blocks = effects[effects["metric"] == "accuracy"], []
    for effect in ("cleaning", "resolution"):
        rows, drawn = accuracy[accuracy["effect"] == effect], []
        for number, (kind, own) in enumerate(rows.groupby("evaluated_on", sort=False)):
            drawn.append(series(own, "estimate", kind, ("low", "high"), colour=EDITIONS[number],
                                marker=MARKERS[number]))  # fmt: skip
        labels = own["backbone"].map(names.network) + ", " + own["axis"]
        blocks.append(Block(effect, list(labels), drawn))
    return forest(blocks, "effect (points of accuracy)", sharex=True)


@styled
def precision_recall(lines: dict[str, dict[str, np.ndarray]], points: pd.DataFrame, recall: np.ndarray) -> Figure:
    """Precision against recall on test images, one panel per class, a line for each head or class weight (mean over
    seeds). Markers: where each operates if the most probable class is called; dotted: the class's share of the test
    images."""
    classes = list(dict.fromkeys(points["dx"]))
    figure, axes = panels(len(classes), 2, 2.1, sharex=True, sharey=True)
    total = points.drop_duplicates("dx")["support"].sum()
    for ax, dx in zip(axes, classes, strict=True):
        drawn = []
        for number, (variant, curves) in enumerate(lines.items()):
            style = {"color": VARIANTS[number % len(VARIANTS)]}
            ax.plot(100 * recall, 100 * curves[dx], lw=1.1, **style)
            point = points[(points["variant"] == variant) & (points["dx"] == dx)].iloc[0]
            drawn += ax.plot(100 * point["recall"], 100 * point["precision"], MARKERS[number % len(MARKERS)], ms=6,
                             mec="white", mew=0.5, label=variant, **style)  # fmt: skip
        support = points.loc[points["dx"] == dx, "support"].iloc[0]
        ax.axhline(100 * support / total, color=NEUTRAL, lw=0.8, ls=":")
        ax.set(title=f"{dx}, n = {support} of {total:,}", xlim=(-2, 102), ylim=(0, 103))
        ax.title.set_color(class_colours([dx])[0])
    figure.supxlabel("recall (sensitivity, %)", fontsize=10)
    figure.supylabel("precision (%)", fontsize=10)
    key_above(figure, drawn)
    return figure
