"""Figures of the audit."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.audit.finding import VERDICTS
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled

# Okabe and Ito's colours, as in lib.figures.style; consistent is the background.
VERDICT_COLOURS = {
    "consistent": NEUTRAL,
    "underpowered": "#BDBDBD",
    "typo": "#56B4E9",
    "ambiguous": "#E69F00",
    "inconsistent": "#D55E00",
}


@styled
def verdicts(counts: pd.DataFrame) -> Figure:
    """Share of the checks of each paper by verdict, one bar per paper; ``counts`` as from ``report.verdict_counts``."""
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.36 * len(counts)))
    start = pd.Series(0.0, index=counts.index)
    for verdict in VERDICTS:
        width = 100 * counts[verdict] / counts["checks"]
        ax.barh(counts["paper"], width, left=start, color=VERDICT_COLOURS[verdict], label=verdict, height=0.7)
        for y, (left, w, number) in enumerate(zip(start, width, counts[verdict], strict=True)):
            if w > 1.5:
                ax.text(left + w / 2, y, number, ha="center", va="center", color="white")
        start = start + width
    ax.set(xlabel="checks (%)", xlim=(0, 100))
    ax.invert_yaxis()
    ax.legend(ncols=5, loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def _label(row: pd.Series) -> str:
    return ", ".join(str(row[k]) for k in ("model", "setting", "epoch") if row[k] is not None and row[k] == row[k])


@styled
def accuracy_forest(intervals: pd.DataFrame, most: int = 12) -> Figure:
    """Every accuracy with its 95 % Wilson interval, one panel per paper, at most ``most`` rows each, highest first.

    Rows whose interval reaches the highest accuracy of the panel are drawn in colour.
    """
    papers = list(dict.fromkeys(intervals["paper"]))
    best = intervals.sort_values("accuracy", ascending=False, kind="stable")
    panels = {p: best[best["paper"] == p].drop_duplicates(["accuracy", "n"]).head(most) for p in papers}
    heights = [len(p) + 2.5 for p in panels.values()]
    figure, axes = plt.subplots(len(papers), figsize=(WIDTH, 0.23 * sum(heights)), height_ratios=heights, squeeze=False)
    for ax, (paper, rows) in zip(axes[:, 0], panels.items(), strict=True):
        top = rows["accuracy"].max()
        for y, (_, row) in enumerate(rows.iterrows()):
            colour = ACCENT if row["wilson_high"] >= top else NEUTRAL
            ax.plot([100 * row["wilson_low"], 100 * row["wilson_high"]], [y, y], color=colour, lw=1.5)
            ax.plot(100 * row["accuracy"], y, "o", color=colour, ms=4)
        ax.axvline(100 * top, color=NEUTRAL, lw=0.6, ls=":")
        ax.set_yticks(range(len(rows)), [f"{_label(row)} ({row['n']})" for _, row in rows.iterrows()])
        ax.set_title(paper)
        ax.margins(y=0.6 / len(rows))
        ax.invert_yaxis()
    axes[-1, 0].set_xlabel("accuracy (%) with 95 % Wilson interval; number of images in brackets")
    return figure
