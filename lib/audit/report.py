"""Tables that tell the findings, for the notebook."""

import pandas as pd

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
