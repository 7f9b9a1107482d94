"""The size of saykat2025's test set, as its numbers imply it."""

import pandas as pd
from matplotlib.figure import Figure

from lib.audit.checks.comparisons import width_implied_n
from lib.audit.values import published
from lib.figures.forest import Block, forest, series
from lib.figures.style import styled
from lib.papers.saykat2025.audit import implied_ranges
from lib.records.names import paper_row


def implied_sizes() -> pd.DataFrame:
    """The number of test images that each published comparison and interval implies (low, middle, high)."""
    paper, rows = published("saykat2025"), []
    for model, (low, high) in implied_ranges(paper).items():
        source = "(b − c) / accuracy difference"
        rows.append({"model": model, "source": source, "low": low, "n": (low + high) / 2, "high": high})
    for model, value in paper.table("results", "accuracy").items():
        low, high = (paper.value(f"results.{model}.accuracy.{end}").value for end in ("ci_low", "ci_high"))
        n = width_implied_n(value.value, low, high)
        rows.append({"model": model, "source": "width of the bootstrap interval", "low": n, "n": n, "high": n})
    return pd.DataFrame(rows)


@styled
def implied_sizes_figure(sizes: pd.DataFrame, stated: int) -> Figure:
    """The number of test images that each published comparison implies; dashed: the stated one."""
    blocks = [
        Block(f"From the {source}", list(rows["model"].map(paper_row)),
              [series(rows, "n", ends=("low", "high"), scale=1)])
        for source, rows in sizes.groupby("source", sort=False)
    ]  # fmt: skip
    figure = forest(blocks, "implied number of test images", zero=None, key=False, sharex=True)
    for ax in figure.axes:
        ax.axvline(stated, color="black", lw=1, ls="--")
    return figure
