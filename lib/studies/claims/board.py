"""The claims table as a reader sees it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lib.evaluation.words import effect, points
from lib.published.claims import Claim, by_id
from lib.published.claims_rules import VERDICTS, verdict

MARKS = dict(zip(VERDICTS, "✓✗≈?–", strict=True))
UNITS = {  # of measures other than accuracy
    "balanced_accuracy": "points of balanced accuracy",
    "ece": "points of calibration error",
    "energy_inside": "points of the map's energy",
    "lowest_sensitivity": "points of sensitivity",
    "nll": "hundredths of a nat",
    "nll_rise": "hundredths of a nat",
    "order_agreement": "points of rank correlation",
    "sensitivity": "points of sensitivity",
    "within_share": "points of within-class scatter",
}


def board(table: pd.DataFrame) -> pd.DataFrame:
    """One row per claim in seven columns: paper, claim, verdict, effect, evidence, trained, without leakage.

    ``table`` is that of :func:`lib.studies.claims.table.claims_table`; effects in points with their 95 % intervals.
    """
    shown = pd.DataFrame({"paper": table["paper"], "claim": table["says"], "verdict": table["verdict"]})
    shown["effect, points"] = _interval(table, "")
    from_runs = table["evidence"].isin(["direct", "reduced"])
    made = np.where(from_runs, ", runs " + table["runs_made"].fillna("") + _agreeing(table), "")
    shown["evidence"] = table["evidence"].fillna("–") + made
    shown["trained"] = table["trained"].where(from_runs).fillna("–")
    clean = _interval(table, "without_leakage_")
    shown["without leakage"] = table["without_leakage"].fillna("–") + np.where(clean == "–", "", ": " + clean)
    return shown


def told(
    table: pd.DataFrame, claims: Mapping[str, Sequence[Claim]], reasons: Mapping[tuple[str, str], str] | None = None
) -> pd.DataFrame:
    """One row per claim, those of one verdict of a paper together: paper, id, says, verdict, mark,
    ``by_arithmetic``, ``own_runs``, found.

    ``own_runs``: the verdict that the runs alone would give, where the paper's own numbers decide against it. ``found``
    is one line; ``reasons`` by (paper, id) say what of the paper's own numbers excludes a claim. Claims of the table
    that ``claims`` does not hold are left out.
    """
    rules = by_id(claims)
    rows = [_told(row, rules[row["paper"], row["id"]], reasons or {}) for row in table.to_dict("records")
            if (row["paper"], row["id"]) in rules]  # fmt: skip
    found = pd.DataFrame(rows, columns=["paper", "id", "says", "verdict", "mark", "by_arithmetic", "own_runs", "found"])
    places = found.assign(verdict=found["verdict"].map(VERDICTS.index), paper=pd.factorize(found["paper"])[0])
    return found.loc[places.sort_values(["paper", "verdict"], kind="stable").index].reset_index(drop=True)


def of_one(table: pd.DataFrame) -> pd.DataFrame:
    """Of one paper's claims: claim, verdict, effect, the printed one, the smallest that could be seen, evidence."""
    shown = board(table).drop(columns=["paper", "without leakage"])
    shown.insert(3, "printed", table["printed"])
    shown.insert(4, "smallest_seen", table["smallest_seen"])
    return shown


def in_words(table: pd.DataFrame, claim: str) -> str:
    """The effect of the claim with this id, with its interval, and what the paper prints; ``not tested here``."""
    row = table[table["id"] == claim].iloc[0]
    if pd.isna(row["effect"]) or row["evidence"] == "arithmetic":
        return "not tested here"
    printed = f"; the paper prints {row['printed']:+.1f}" if pd.notna(row["printed"]) else ""
    return effect(row["effect"], row["low"], row["high"], row["smallest_seen"]) + printed


def changes(claims: Mapping[str, Sequence[Claim]]) -> pd.DataFrame:
    """One row per change of a rule: paper, claim, date, what, why."""
    rows = [
        {"paper": paper, "claim": name.replace("_", " "), **dict(change)}
        for (paper, name), claim in by_id(claims).items()
        for change in claim.changed
    ]
    return pd.DataFrame(rows, columns=["paper", "claim", "date", "what", "why"])


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """One row per paper: how many of its claims have which verdict."""
    counts = pd.crosstab(table["paper"], table["verdict"]).reindex(columns=list(VERDICTS), fill_value=0)
    return counts.assign(claims=counts.sum(axis=1)).rename_axis(columns=None).reset_index()


def sentence(table: pd.DataFrame) -> str:
    """The board in one sentence."""
    n = table["verdict"].value_counts()
    told = ", ".join(f"{n[v]} {v}" for v in VERDICTS if n.get(v))
    decided = table[table["verdict"] != "not run"]
    arithmetic = (decided["evidence"] == "arithmetic").sum()
    from_runs = decided.loc[decided["evidence"] != "arithmetic", "runs_made"]
    earlier, later = ((from_runs == f"{when} the rule").sum() for when in ("before", "after"))
    return (
        f"Of {len(table)} claims: {told}. {arithmetic} rest on the papers' own numbers; {later} on runs made after the "
        f"rule was fixed and **{earlier} on runs that were there before it**; all runs are smaller than the papers'."
    )


def _told(row: dict, claim: Claim, reasons: Mapping[tuple[str, str], str]) -> dict:
    effect = tuple(row[k] for k in ("effect", "low", "high"))
    runs = verdict(*effect, claim, "reduced")
    shown = {k: row[k] for k in ("paper", "id", "says", "verdict")} | {"mark": MARKS[row["verdict"]]}
    if row["evidence"] != "arithmetic":
        return shown | {"by_arithmetic": False, "own_runs": "", "found": _by_runs(row, claim, effect)}
    found = _by_arithmetic(row, claim, effect, reasons.get((row["paper"], row["id"])))
    return shown | {"by_arithmetic": True, "own_runs": runs * (runs not in ("not run", row["verdict"])), "found": found}


def _by_arithmetic(row: dict, claim: Claim, effect: tuple, reason: str | None) -> str:
    said = {"contradicted": "say otherwise", "supported": "bear it out"}.get(row["verdict"], "do not decide it")
    told = reason if reason and row["verdict"] == "contradicted" else f"The paper's own numbers {said}."
    return told if np.isnan(effect[0]) else f"{told} In our runs: {_size(effect, claim)}{_made(row)}."


def _by_runs(row: dict, claim: Claim, effect: tuple) -> str:
    if row["verdict"] == "not run":
        smaller = "" if np.isnan(effect[0]) else f"{_size(effect, claim)}{_made(row)}, which decides no level. "
        return f"{smaller}Needs {row['needs']}."
    parts = [_size(effect, claim) + _made(row, claim.contrast.rivals > 1)]
    if not np.isnan(row["printed"]) and row["printed"]:
        outside = "" if row["low"] <= row["printed"] <= row["high"] else ", outside the interval"
        parts[0] += f", printed {row['printed']:+.1f}{outside}"
    if row["verdict"] == "undecided":
        parts.append(f"detectable from {row['smallest_seen']:.1f} on")
    if isinstance(row["without_leakage"], str) and row["without_leakage"] != row["verdict"]:
        size = row["without_leakage_effect"]
        parts.append(f"without leakage {row['without_leakage']}" + ("" if np.isnan(size) else f" ({size:+.1f})"))
    if row["rows"] > 1 and 2 * row["rows_agree"] <= row["rows"]:
        parts.append(f"{row['rows_agree']} of {row['rows']} rows of evidence agree")
    return "; ".join(parts) + "."


def _made(row: dict, against: bool = False) -> str:
    """The networks behind the effect, in brackets, and the rival where the claim has several."""
    made = row.get("trained")
    if not isinstance(made, str):
        return ""
    network = made if " of " in made else made.split(": ")[0]  # an ensemble names its members
    return f" ({network}; against {row['compared']})" if against else f" ({network})"


def _size(effect: tuple, claim: Claim) -> str:
    unit = "%" if claim.contrast.relative else UNITS.get(str(claim.contrast.measure), "points")
    return points(*effect, f" {unit}")


def _agreeing(table: pd.DataFrame) -> pd.Series:
    parts = zip(table["rows_agree"], table["rows"], strict=True)
    told = [f"; {agree:.0f} of {rows:.0f} rows agree" if rows > 1 else "" for agree, rows in parts]
    return pd.Series(told, index=table.index)


def _interval(table: pd.DataFrame, prefix: str) -> pd.Series:
    parts = zip(*(table[prefix + name] for name in ("effect", "low", "high")), strict=True)
    return pd.Series(["–" if pd.isna(v) else f"{v:+.1f} [{a:+.1f}, {b:+.1f}]" for v, a, b in parts], index=table.index)
