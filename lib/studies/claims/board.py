"""The claims table as a reader sees it."""

import numpy as np
import pandas as pd

ORDER = ("supported", "contradicted", "no effect of that size", "undecided", "not run")


def board(table: pd.DataFrame) -> pd.DataFrame:
    """One row per claim in seven columns: paper, claim, verdict, effect, evidence, trained, without leakage.

    ``table`` is that of :func:`lib.studies.claims.table.claims_table`; effects in points with their 95 % intervals.
    """
    shown = pd.DataFrame({"paper": table["paper"], "claim": table["says"], "verdict": table["verdict"]})
    shown["effect, points"] = _interval(table, "")
    shown["evidence"] = table["evidence"].fillna("–")
    from_runs = table["evidence"].isin(["direct", "reduced"])
    shown["evidence"] += np.where(from_runs, ", runs " + table["runs_made"].fillna(""), "")
    shown["trained"] = table["trained"].where(table["evidence"].isin(["direct", "reduced"])).fillna("–")
    clean = _interval(table, "without_leakage_")
    shown["without leakage"] = table["without_leakage"].fillna("–") + np.where(clean == "–", "", ": " + clean)
    return shown


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """One row per paper: how many of its claims have which verdict."""
    counts = pd.crosstab(table["paper"], table["verdict"]).reindex(columns=list(ORDER), fill_value=0)
    return counts.assign(claims=counts.sum(axis=1)).rename_axis(columns=None).reset_index()


def sentence(table: pd.DataFrame) -> str:
    """The board in one sentence."""
    n = table["verdict"].value_counts()
    told = ", ".join(f"{n[v]} {v}" for v in ORDER if n.get(v))
    decided = table[table["verdict"] != "not run"]
    arithmetic = (decided["evidence"] == "arithmetic").sum()
    from_runs = decided.loc[decided["evidence"] != "arithmetic", "runs_made"]
    earlier, later = ((from_runs == f"{when} the rule").sum() for when in ("before", "after"))
    return (
        f"Of {len(table)} claims: {told}. {arithmetic} rest on the papers' own numbers; {later} on runs made after the "
        f"rule was fixed and **{earlier} on runs that were there before it**; all runs are smaller than the papers'."
    )


def _interval(table: pd.DataFrame, prefix: str) -> pd.Series:
    value = table["effect" if not prefix else f"{prefix}effect"]
    parts = zip(value, table[f"{prefix}low"], table[f"{prefix}high"], strict=True)
    return pd.Series(["–" if pd.isna(v) else f"{v:+.1f} [{a:+.1f}, {b:+.1f}]" for v, a, b in parts], index=table.index)
