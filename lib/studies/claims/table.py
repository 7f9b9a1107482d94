"""The claims of all papers with evidence and verdict, one row per claim."""

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.evaluation.estimates import smallest_detectable
from lib.published.claims import Claim, by_id, load_claims, papers_with_claims
from lib.published.claims_rules import arithmetic_verdict, verdict
from lib.studies.claims.evidence import Gathered
from lib.studies.claims.rows import Evidence

COLUMNS = (
    "paper", "claim", "says", "printed", "effect", "low", "high", "verdict", "evidence", "runs_made", "trained",
    "compared", "split", "subset", "rows", "rows_agree", "runs", "levels", "smallest_seen", "smallest_effect",
    "without_leakage", "without_leakage_effect", "without_leakage_low", "without_leakage_high", "arithmetic", "needs",
    "where", "quote", "id",
)  # fmt: skip


def all_claims(papers: Sequence[str] | None = None) -> dict[str, list[Claim]]:
    """Paper -> its claims; all papers that have any, and the study outside them, if None."""
    names = [*papers_with_claims(), "outside"] if papers is None else papers
    return {paper: load_claims(paper) for paper in names}


def claims_table(claims: Mapping[str, Sequence[Claim]], found: Gathered, audit: pd.DataFrame) -> pd.DataFrame:
    """One row per claim: what it says, what the strongest evidence shows, and the verdict of its rule.

    Args:
        found: evidence by paper, claim and kind of split, as :func:`lib.studies.claims.evidence.collect` gives it.
        audit: findings of the audit (``paper``, ``item``, ``check``, ``verdict``).

    Effects in points. ``rows_agree``: how many of the ``rows`` of evidence give the strongest one's verdict.
    ``smallest_seen``: what such runs see at 80 % power. ``without_leakage``: the verdict of the same
    contrast where no lesion or subject is on both sides, or ``nothing learned`` there. ``arithmetic``: that of the
    paper's own numbers. ``levels``: what the interval is over; ``rounds``: of timing.
    """
    rows = []
    for (paper, name), claim in by_id(claims).items():
        # Networks that did not learn stand for nothing.
        learned = [[e for e in found[paper, name, grouped] if e.learned] for grouped in (False, True)]
        row = _row(paper, claim, *learned, audit)
        if found[paper, name, True] and "without_leakage" not in row:
            row["without_leakage"] = "nothing learned"
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def evidence_table(claims: Mapping[str, Sequence[Claim]], found: Gathered) -> pd.DataFrame:
    """Every row of evidence, on both kinds of split, with the verdict that it alone would give."""
    rules = by_id(claims)
    rows = [
        {"paper": paper, "id": name, **_shown(rules[paper, name], e), "learned": e.learned, "precision": e.precision}
        for (paper, name, _), rows in found.items()
        for e in rows
    ]
    return pd.DataFrame(rows)


def _row(paper: str, claim: Claim, own: list[Evidence], clean: list[Evidence], audit: pd.DataFrame) -> dict:
    checks, asked = audit[audit["paper"] == paper], [(c.item, c.check) for c in claim.contrast.audit]
    known = checks.groupby(["item", "check"])["verdict"].agg(list).to_dict()
    arithmetic = arithmetic_verdict([verdict for key in asked for verdict in known.get(key, [])], claim)
    row = {"paper": paper, "claim": claim.id.replace("_", " "), "id": claim.id, "says": claim.says}
    row |= {"where": claim.where, "quote": claim.quote, "printed": claim.predicts.points}
    row |= {"smallest_effect": claim.smallest_effect.points, "arithmetic": arithmetic}
    row["needs"] = f"{claim.needs.what} (about {claim.needs.gpu_hours:g} GPU hours)"
    row |= _shown(claim, own[0]) if own else {"verdict": "not run"}
    row |= {"rows": len(own), "rows_agree": sum(_shown(claim, e)["verdict"] == row["verdict"] for e in own)}
    alone = claim.contrast.population is None  # no run can decide it
    if arithmetic == "contradicted" or (row["verdict"] == "not run" and (alone or arithmetic == "supported")):
        row |= {"verdict": arithmetic, "evidence": "arithmetic"}
    if clean:
        # The grouped row of the same networks, where there is one.
        shown = _shown(claim, next((e for e in clean if e.trained == own[0].trained), clean[0]) if own else clean[0])
        row["without_leakage"] = shown["verdict"]
        row |= {f"without_leakage_{k}": shown[k] for k in ("effect", "low", "high")}
    return row


def _shown(claim: Claim, e: Evidence) -> dict:
    low, high = e.estimate.interval()
    return {
        "effect": e.estimate.value,
        "low": low,
        "high": high,
        "verdict": verdict(e.estimate.value, low, high, claim, e.kind),
        "evidence": e.kind,
        "runs_made": "before the rule" if e.predates else "after the rule",
        **{name: getattr(e, name) for name in ("trained", "compared", "split", "subset", "runs")},
        "levels": "rounds" if claim.contrast.measure == "latency" else ", ".join(e.estimate.levels),
        "smallest_seen": smallest_detectable(e.estimate),
    }
