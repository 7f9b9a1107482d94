"""Tables that tell the findings, for the notebook."""

import pandas as pd

from lib.audit import facts
from lib.audit.checks import marginals
from lib.audit.checks.comparisons import implied_n, width_implied_n
from lib.audit.checks.compression import results
from lib.audit.checks.networks import MIB
from lib.audit.checks.rounding import counts_behind
from lib.audit.finding import BEARINGS, SEVERITIES, SEVERITY, VERDICTS
from lib.audit.values import published


def rule() -> pd.DataFrame:
    """The severity rule: a row per verdict, a column per bearing."""
    return pd.DataFrame([{"verdict": v} | {b: SEVERITY[v][b] for b in BEARINGS} for v in VERDICTS])


def verdict_counts(findings: pd.DataFrame) -> pd.DataFrame:
    """Checks per paper: how many values were printed, how many checks were made, and their verdicts."""
    counts = findings.groupby(["paper", "verdict"], sort=False).size().unstack(fill_value=0)
    counts = counts.reindex(columns=VERDICTS, fill_value=0)
    counts.insert(0, "checks", counts.sum(axis=1))
    counts.insert(0, "published_values", [len(published(p).frame) for p in counts.index])
    severe = findings[findings["severity"] == "severe"].groupby("paper").size()
    counts["severe"] = severe.reindex(counts.index, fill_value=0)
    return counts.rename_axis(columns=None).reset_index()


def passed(findings: pd.DataFrame, paper: str) -> pd.DataFrame:
    """What holds: a row per kind of check, how often it was made and how often passed; only kinds that passed."""
    own = findings[findings["paper"] == paper]
    table = own.groupby("check", sort=False)["verdict"].agg(made="size", passed=lambda v: (v == "consistent").sum())
    return table[table["passed"] > 0].reset_index()


def opened(findings: pd.DataFrame, paper: str, least: str = "minor") -> pd.DataFrame:
    """What does not hold or is not decided, worst first, from severity ``least`` on."""
    rank = {s: i for i, s in enumerate(SEVERITIES)}
    own = findings[(findings["paper"] == paper) & (findings["verdict"] != "consistent")]
    own = own[own["severity"].map(rank) >= rank[least]]
    order = own["severity"].map(rank).sort_values(ascending=False, kind="stable").index
    return own.loc[order].drop(columns="paper")


def severe(findings: pd.DataFrame) -> pd.DataFrame:
    """The severe findings of all papers."""
    return findings[findings["severity"] == "severe"].drop(columns="severity")


def _readable(text: str) -> str:
    """An id in words that can wrap, and nothing that Markdown reads as a mark."""
    words = text.replace("_", " ") if " " in text else text.replace("_", " ").replace(".", " · ")
    return words.replace("|", "\\|").replace("*", "\\*")


def as_list(findings: pd.DataFrame) -> str:
    """Findings as a Markdown list: severity and verdict, item, check, explanation.

    Several findings of one check share a line, with the first one's explanation; claims stay apart.
    """
    lines = []
    for (severity, verdict, check), group in findings.groupby(["severity", "verdict", "check"], sort=False):
        together = len(group) > 2 and check != "claim in words"
        for _, f in (group.head(1) if together else group).iterrows():
            line = f"- **{severity}**, {verdict}: {_readable(f['item'])} ({check}). {_marked(f['explanation'])}"
            lines.append(line)
        if together:
            lines[-1] += f" Likewise {len(group) - 1} more: {', '.join(map(_readable, group['item'][1:]))}."
    return "\n".join(lines)


def as_table(findings: pd.DataFrame) -> str:
    """Findings of several papers as a Markdown table: paper, item, what was found."""
    lines = [
        f"| {f['paper']} | {_readable(f['item'])} ({f['check']}) | {_marked(f['explanation'])} |"
        for _, f in findings.iterrows()
    ]
    return "\n".join(["| paper | item (check) | finding |", "|:---|:---|:---|", *lines])


def _marked(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def rebuilt_counts() -> pd.DataFrame:
    """abdulqader2026, Table 8: support, right answers and predictions of each class, and F1 printed and rebuilt."""
    paper, rows = published("abdulqader2026"), []
    n, supports = paper.count("table2.total.test"), paper.counts("table2", "test")
    for c in facts.HAM10000:
        cells = paper.cells(f"table8.{c}", ("recall", "precision"))
        found = marginals.class_marginals(supports[c], n, **cells)
        row = {"dx": c, "support": supports[c], "right": found[0].tp, "predicted": found[0].predicted}
        row |= {"f1_rebuilt": found[0].f1, "f1_printed": paper.value(f"table8.{c}.f1").value, "solutions": len(found)}
        rows.append(row)
    return pd.DataFrame(rows)


def implied_sizes() -> pd.DataFrame:
    """saykat2025: the number of test images that each published comparison and interval implies (low, middle, high)."""
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


def compressed_sizes() -> pd.DataFrame:
    """abdulqader2026, Table 11: sizes (MiB) and counts printed and measured on the real architecture."""
    paper, rows = published("abdulqader2026"), []
    printed = paper.table("table11", "model_size")
    for name, measured in results(
        "convnext_tiny", len(facts.HAM10000), paper.value("compression.sparsity").value
    ).items():
        row = {"model": name, "printed_MB": printed[name].value if name in printed else None}
        row |= {"saved_MiB": measured.bytes / MIB, "weights_stored": measured.stored_weights}
        row |= {"in_parameters()": measured.float_parameters}
        rows.append(row)
    return pd.DataFrame(rows)


def version_counts() -> pd.DataFrame:
    """kadric2025: the whole counts behind each accuracy on DermaMNIST-C, for both versions' test sizes."""
    paper, rows = published("kadric2025"), []
    for variant in ("effv1", "effv3", "effv4"):
        value = paper.value(f"architecture.{variant}.accuracy")
        row = {"head": variant, "accuracy": str(value)}
        for version, n in facts.DERMAMNIST_C_TEST.items():
            counts = counts_behind(value, n)
            row[f"{version}, n = {n}"] = ", ".join(f"{k}/{n}" for k in counts) or "none"
        rows.append(row)
    return pd.DataFrame(rows)


def report_accuracies() -> pd.DataFrame:
    """dhanalakshmi2025: accuracy of Table 1, in the text, and the range that Table 3's report allows (fractions)."""
    from lib.papers.dhanalakshmi2025.audit import PAIR, SINGLE, TRIPLE, classification_report, last_named

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
