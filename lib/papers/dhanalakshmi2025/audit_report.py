"""Accuracies of dhanalakshmi2025 beside its classification report."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.audit.checks import marginals
from lib.audit.values import published
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.papers.dhanalakshmi2025.audit import classification_report, last_named
from lib.papers.dhanalakshmi2025.audit_claims import PAIR, SINGLE, TRIPLE


def report_accuracies() -> pd.DataFrame:
    """Accuracy of Table 1, in the text, and the range that Table 3's report allows (fractions)."""
    paper, rows = published("dhanalakshmi2025"), []
    for model in (*SINGLE, TRIPLE, PAIR):
        correct = marginals.correct_counts(classification_report(paper, model))
        n = sum(paper.count(f"table3.{model}.{c}.support") for c in ("benign", "malignant"))
        row = {"model": model, "table1_best": paper.value(f"table1.{model}.best_val_accuracy").value}
        row |= {"last_in_text": paper.value(last_named(paper, model)).value}
        row |= {"rounded_in_text": paper.value(f"results.{model}.accuracy.rounded").value}
        row |= {"report_low": correct[0] / n, "report_high": correct[-1] / n}
        rows.append(row)
    return pd.DataFrame(rows)


@styled
def report_accuracies_figure(table: pd.DataFrame) -> Figure:
    """Accuracies that a report's cells allow (bar) beside the stated ones; ``table`` as ``report_accuracies``."""
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.3 * len(table)))
    y = table.index
    ax.hlines(y, 100 * table["report_low"], 100 * table["report_high"], color=NEUTRAL, lw=8, label="report allows")
    ax.plot(100 * (table["report_low"] + table["report_high"]) / 2, y, "|", color=NEUTRAL, ms=10)
    ax.plot(100 * table["table1_best"], y, "D", color=ACCENT, ms=5, label="Table 1, best epoch")
    ax.plot(100 * table["last_in_text"], y, "o", color="#E69F00", ms=4, label="last one named in the text")
    ax.plot(100 * table["rounded_in_text"], y, "x", color="black", ms=5, label="rounded, in the text")
    ax.set_yticks(y, table["model"])
    ax.set_xlabel("accuracy (%)")
    ax.invert_yaxis()
    ax.legend(loc="lower left", ncols=4, bbox_to_anchor=(0, 1))
    return figure
