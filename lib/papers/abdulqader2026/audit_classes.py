"""Checks of abdulqader2026's Tables 7 and 8: the whole method, each class and the averages."""

import pandas as pd

from lib.audit import facts
from lib.audit.checks import cells, marginals
from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Ledger
from lib.audit.values import Published, published

METRICS = ("accuracy", "precision", "recall", "specificity", "f1", "auc")


def supports_of(paper: Published) -> dict[str, int]:
    """Test images per class, Table 2."""
    counts = paper.counts("table2", "test")
    return {c: counts[c] for c in facts.HAM10000}


def _candidates(paper: Published) -> dict[str, list[marginals.ClassMarginal]]:
    """Counts of each class from support, recall and precision of Table 8."""
    n = paper.count("table2.total.test")
    read = {c: paper.cells(f"table8.{c}", ("recall", "precision")) for c in facts.HAM10000}
    return {c: marginals.class_marginals(s, n, **read[c]) for c, s in supports_of(paper).items()}


def rebuilt_counts() -> pd.DataFrame:
    """Table 8: support, right answers and predictions of each class, and F1 printed and rebuilt."""
    paper, rows = published("abdulqader2026"), []
    for c, found in _candidates(paper).items():
        row = {"dx": c, "support": found[0].support, "right": found[0].tp, "predicted": found[0].predicted}
        row |= {"f1_rebuilt": found[0].f1, "f1_printed": paper.value(f"table8.{c}.f1").value, "solutions": len(found)}
        rows.append(row)
    return pd.DataFrame(rows)


def audit_classes(paper: Published, ledger: Ledger) -> None:
    """Add the findings of Table 8 (each class) and of its averages in Table 7."""
    candidates = _candidates(paper)
    ledger.add("table8", "confusion marginals", "recall, precision", marginals.reconstruct(candidates), "headline")
    accuracy = paper.value("table7.proposed.accuracy")
    outcome = marginals.report_against_accuracy(accuracy, candidates)
    ledger.add("table7.proposed.accuracy", "accuracy against report", accuracy, outcome, "headline")
    joint = list(marginals.joint_marginals(candidates))
    misprinted = _cells(paper, ledger, joint) if joint else {}
    for name in METRICS[1:]:
        published = paper.value(f"table7.proposed.{name}")
        if name != "auc":
            values = [sum(getattr(m, name) for m in found.values()) / len(found) for found in joint]
            outcome = marginals.derived(published, values, f"macro {name}")
            ledger.add(f"table7.proposed.{name}", "macro average from counts", published, outcome, "headline")
        cells_of = {c: misprinted.get((c, name), value) for c, value in paper.table("table8", name).items()}
        outcome = marginals.macro_mean(published, list(cells_of.values()))
        ledger.add(f"table7.proposed.{name}", "macro average of printed cells", published, outcome)


def _cells(paper: Published, ledger: Ledger, joint: list[dict]) -> dict[tuple[str, str], Rounded]:
    """Check each cell against the rebuilt counts; (class, metric) of each misprint with the value that is meant."""
    misprinted = {}
    for c in facts.HAM10000:
        row = paper.cells(f"table8.{c}", METRICS)
        for name in ("specificity", "f1"):
            expected = [getattr(found[c], name) for found in joint]
            others = {f"{c}'s {k}": v for k, v in row.items() if k != name}
            outcome = cells.copied_cell(f"{name} of {c}", row[name], expected, others)
            ledger.add(f"table8.{c}.{name}", "cell from counts", row[name], outcome)
            if outcome.verdict == "typo":
                misprinted[c, name] = Rounded(expected[0], row[name].half)
        column = {f"{k}'s accuracy": v for k, v in paper.table("table8", "accuracy").items() if k != c}
        outcome = cells.copied_cell(f"accuracy of {c} read as recall", row["accuracy"], [row["recall"].value], column)
        ledger.add(f"table8.{c}.accuracy", "class accuracy equal to recall", row["accuracy"], outcome, "detail")
    accuracy = paper.table("table8", "accuracy")
    by_equation = {c: [found[c].accuracy for found in joint] for c in accuracy}
    recalls = ("recall", paper.table("table8", "recall"))
    outcome = marginals.column_by_formula(accuracy, by_equation, "(TP + TN) / n, Equation 5,", recalls)
    ledger.add("table8, column Acc", "class accuracy by Equation 5", " ".join(map(str, accuracy.values())), outcome)
    return misprinted
