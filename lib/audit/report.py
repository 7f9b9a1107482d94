"""Tables that tell the findings, for the notebook."""

import pandas as pd

from lib.audit.finding import BEARINGS, OPEN, SEVERITIES, SEVERITY, VERDICTS
from lib.audit.values import published

RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def rule() -> pd.DataFrame:
    """The severity rule: one row per verdict, one column per bearing."""
    return pd.DataFrame([{"verdict": v} | {b: SEVERITY[v][b] for b in BEARINGS} for v in VERDICTS])


def verdict_counts(findings: pd.DataFrame) -> pd.DataFrame:
    """Checks per paper: how many values were printed, how many checks were made, their verdicts and root causes."""
    counts = findings.groupby(["paper", "verdict"], sort=False).size().unstack(fill_value=0)
    counts = counts.reindex(columns=VERDICTS, fill_value=0)
    counts.insert(0, "checks", counts.sum(axis=1))
    counts.insert(0, "published_values", [len(published(p).rows) for p in counts.index])
    counts["causes"] = findings[findings["cause"] != ""].groupby("paper")["cause"].nunique()
    severe = findings[findings["severity"] == "severe"].groupby("paper").size()
    counts["severe"] = severe.reindex(counts.index, fill_value=0)
    return counts.fillna({"causes": 0}).astype({"causes": int}).rename_axis(columns=None).reset_index()


def causes(findings: pd.DataFrame) -> pd.DataFrame:
    """Root causes, worst first: paper, cause, how many findings share it, the severest severity among them."""
    found = findings[findings["cause"] != ""].assign(rank=lambda table: table["severity"].map(RANK))
    found = found.groupby(["paper", "cause"], sort=False)["rank"].agg(findings="size", severity="max").reset_index()
    found = found.sort_values(["severity", "findings"], ascending=False, kind="stable", ignore_index=True)
    return found.assign(severity=found["severity"].map(dict(enumerate(SEVERITIES))))


def passed(findings: pd.DataFrame, paper: str) -> pd.DataFrame:
    """What holds: one row per kind of check, how often it was made and how often passed; only kinds that passed."""
    own = findings[findings["paper"] == paper]
    table = own.groupby("check", sort=False)["verdict"].agg(made="size", passed=lambda v: (v == "consistent").sum())
    return table[table["passed"] > 0].reset_index()


def opened(findings: pd.DataFrame, paper: str, least: str = "minor") -> pd.DataFrame:
    """What does not hold or is not decided, worst first, from severity ``least`` on."""
    own = findings[(findings["paper"] == paper) & findings["verdict"].isin(OPEN)]
    rank = own["severity"].map(RANK).sort_values(ascending=False, kind="stable")
    return own.loc[rank.index[rank >= RANK[least]]].drop(columns="paper")


def severe(findings: pd.DataFrame) -> pd.DataFrame:
    """The severe findings of all papers."""
    return findings[findings["severity"] == "severe"].drop(columns="severity")


def answers(findings: pd.DataFrame, noticed: pd.DataFrame) -> list[str]:
    """What the audit comes to in four sentences; ``noticed``: of :func:`lib.audit.sensitivity.sensitivity`."""
    verdicts = findings["verdict"].value_counts()
    unsettled = findings[findings["cause"] != ""]
    worst = unsettled[unsettled["severity"] == "severe"].groupby("paper", sort=False)["cause"].unique()
    n = int(worst.map(len).sum())
    listed = [f"*{p}*: {_marked('; '.join(worst.get(p, ['none'])))}" for p in findings["paper"].unique()]
    compared = findings.loc[findings["check"] == "distinguishable at n", "implied"].value_counts()
    planted = noticed.iloc[-1]
    return [
        f"**{verdicts['consistent']:,} of {len(findings):,} checks pass.** {len(unsettled)} find numbers that cannot "
        f"all hold or do not decide, from {unsettled['cause'].nunique()} root causes; "
        f"{verdicts.get('underpowered', 0)} ask whether so few images can show what is said, and answer no.",
        f"**{n} severe cause{'s' * (n != 1)}**: statements about a headline result, the data or the training settings "
        "that cannot all hold. "
        + ". ".join(listed) + ".",
        f"**Few images**: of {compared.sum()} pairs of a paper's best model and another, "
        f"{compared.get('distinguishable', 0)} can be told apart on its test set, "
        f"{compared.get('not distinguishable', 0)} cannot; {compared.get('depends on the overlap', 0)} depend on which "
        "images each gets wrong, which is not published.",
        f"**How much it sees**: of {planted['planted']:.0f} misprints planted one at a time the audit notices "
        f"{planted['rate']:.1%} [{planted['low']:.1%}, {planted['high']:.1%}].",
    ]  # fmt: skip


def _readable(text: str) -> str:
    """An id in words that can wrap, and nothing that Markdown reads as a mark."""
    words = text.replace("_", " ")
    return _marked(words if " " in text else words.replace(".", " · "))


def as_list(findings: pd.DataFrame) -> str:
    """Findings as a Markdown list, one line per root cause: its severest finding, and how many others share it."""
    lines = []
    for cause, group in findings.groupby("cause", sort=False):
        f = group.iloc[0]
        said = _readable(f["item"]) if cause == f["item"] else f"{_marked(cause)}. {_readable(f['item'])}"
        line = f"- **{f['severity']}**, {f['verdict']}: {said} ({f['check']}). {_marked(f['explanation'])}"
        rest = group["check"].iloc[1:].value_counts()
        if len(rest):
            others = ", ".join(f"{check} ({n})" if n > 1 else check for check, n in rest.items())
            line += f" {len(group) - 1} more of this cause: {others}."
        lines.append(line)
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
