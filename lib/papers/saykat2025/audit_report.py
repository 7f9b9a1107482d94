"""The size of saykat2025's test set, as its numbers imply it."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.audit.checks.comparisons import implied_n, width_implied_n
from lib.audit.values import published
from lib.figures.style import ACCENT, WIDTH, styled


def implied_sizes() -> pd.DataFrame:
    """The number of test images that each published comparison and interval implies (low, middle, high)."""
    paper, rows = published("saykat2025"), []
    for model, delta in paper.table("ensemble_minus_model", "accuracy").items():
        b, c = paper.count(f"mcnemar.{model}.b"), paper.count(f"mcnemar.{model}.c")
        low, high = implied_n(b, c, delta)
        source = "(b − c) / accuracy difference"
        rows.append({"model": model, "source": source, "low": low, "n": (low + high) / 2, "high": high})
    for model, value in paper.table("results", "accuracy").items():
        low, high = (paper.value(f"results.{model}.accuracy.{end}").value for end in ("ci_low", "ci_high"))
        n = width_implied_n(value.value, low, high)
        rows.append({"model": model, "source": "width of the bootstrap interval", "low": n, "n": n, "high": n})
    return pd.DataFrame(rows)


@styled
def implied_sizes_figure(sizes: pd.DataFrame, stated: int) -> Figure:
    """The number of images that each published comparison implies, beside the stated one (dashed)."""
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.2 * len(sizes)))
    marks = {s: m for s, m in zip(dict.fromkeys(sizes["source"]), ("o", "D"), strict=True)}
    for source, rows in sizes.groupby("source", sort=False):
        colour = ACCENT if marks[source] == "o" else "#E69F00"
        ax.hlines(rows.index, rows["low"], rows["high"], color=colour, lw=2)
        ax.plot(rows["n"], rows.index, marks[source], color=colour, ms=4, ls="", label=source)
    ax.axvline(stated, color="black", lw=1, ls="--", label="stated")
    ax.set_yticks(sizes.index, sizes["model"])
    ax.set_xlabel("implied number of test images")
    ax.invert_yaxis()
    ax.legend(loc="upper center")
    return figure
