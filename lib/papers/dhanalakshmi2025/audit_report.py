"""Accuracies of dhanalakshmi2025 beside its classification report."""

import pandas as pd
from matplotlib.figure import Figure

from lib.audit.checks import marginals
from lib.audit.values import published
from lib.figures.forest import Block, forest, series
from lib.figures.style import ACCENT, NEUTRAL, styled
from lib.papers.dhanalakshmi2025.audit import classification_report, last_named
from lib.papers.dhanalakshmi2025.audit_claims import MODELS, supports_of
from lib.records.names import paper_row


def report_accuracies() -> pd.DataFrame:
    """Accuracy of Table 1, in the text, and the range that Table 3's report allows (fractions)."""
    paper, rows = published("dhanalakshmi2025"), []
    for model in MODELS:
        correct = marginals.correct_counts(classification_report(paper, model))
        n = sum(supports_of(paper, model).values())
        row = {"model": model, "table1_best": paper.value(f"table1.{model}.best_val_accuracy").value}
        row |= {"last_in_text": paper.value(last_named(paper, model)).value}
        row |= {"rounded_in_text": paper.value(f"results.{model}.accuracy.rounded").value}
        row |= {"report_low": correct[0] / n, "report_high": correct[-1] / n}
        rows.append(row)
    return pd.DataFrame(rows)


@styled
def report_accuracies_figure(table: pd.DataFrame) -> Figure:
    """Accuracies that a report's cells allow (bar) beside the stated ones.

    ``table``: of :func:`report_accuracies`.
    """
    table = table.assign(allowed=table[["report_low", "report_high"]].mean(axis=1))
    drawn = [
        series(table, "allowed", "report allows", ("report_low", "report_high"), colour=NEUTRAL, marker="|"),
        series(table, "table1_best", "Table 1, best epoch", colour=ACCENT, marker="D"),
        series(table, "last_in_text", "last one in the text", colour="#E69F00"),
        series(table, "rounded_in_text", "rounded, in the text", colour="black", marker="x"),
    ]
    return forest([Block("", list(table["model"].map(paper_row)), drawn)], "accuracy (%)", zero=None, step=0.05)
