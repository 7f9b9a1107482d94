"""Figures of the audit."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.audit.finding import VERDICTS
from lib.figures.forest import Block, forest, key_above, series
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.records.names import paper_row

MOST = 12  # accuracies of a paper
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
    """Share of each paper's checks by verdict; the numbers in the bars are checks.

    ``counts``: of :func:`lib.audit.report.verdict_counts`.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.36 * len(counts)))
    start = pd.Series(0.0, index=counts.index)
    for verdict in VERDICTS:
        width = 100 * counts[verdict] / counts["checks"]
        ax.barh(counts["paper"], width, left=start, color=VERDICT_COLOURS[verdict], label=verdict, height=0.7)
        for y, (left, w, number) in enumerate(zip(start, width, counts[verdict], strict=True)):
            if w > 4:
                ax.text(left + w / 2, y, number, ha="center", va="center", color="white")
        start = start + width
    ax.set(xlabel="checks (%)", xlim=(0, 100))
    ax.invert_yaxis()
    key_above(figure, ax.containers)
    return figure


def _label(row: pd.Series) -> str:
    known = (row[k] for k in ("setting", "epoch") if pd.notna(row[k]))
    return ", ".join([paper_row(row["model"]), *map(str, known)]).replace("_", " ")


@styled
def accuracy_forest(intervals: pd.DataFrame) -> Figure:
    """Printed accuracies with their 95 % Wilson intervals, one panel per paper, highest first; coloured where the
    interval reaches the highest of the panel; in brackets the number of images."""
    best = intervals.sort_values("accuracy", ascending=False, kind="stable")
    blocks = []
    for paper in dict.fromkeys(intervals["paper"]):
        rows = best[best["paper"] == paper].drop_duplicates(["accuracy", "n"]).head(MOST)
        reaches = rows["wilson_high"] >= rows["accuracy"].max()
        labels = [f"{_label(row)} ({row['n']:,})" for _, row in rows.iterrows()]
        drawn = series(rows, "accuracy", ends=("wilson_low", "wilson_high"), colour=[
            ACCENT if reached else NEUTRAL for reached in reaches
        ])  # fmt: skip
        blocks.append(Block(paper, labels, [drawn]))
    return forest(blocks, "accuracy (%)", zero=None, key=False)
