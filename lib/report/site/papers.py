"""A paper's page, in the form of a reproducibility report: what it needs beside ``report.yaml`` is computed."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lib.core.gather import gather_by
from lib.plan.grid import papers as papers_with_runs
from lib.plan.grid import planned_runs
from lib.published.claims import Claim, load_claims, papers_with_claims
from lib.published.compare import deviations
from lib.published.report import load_coverage, load_report
from lib.published.values import load_not_available
from lib.records import names
from lib.records.runs import has_record
from lib.report.html_table import as_html
from lib.report.parameters import REAL
from lib.report.site.board import GRAND, Board, audit, stored_table
from lib.report.site.pages import scrollable


def report(paper: str, board: Board | None, hours: pd.DataFrame, results: Path) -> dict[str, Any]:
    """Values of the template ``paper``; ``hours``: of :func:`lib.report.site.costs.estimated`."""
    checks, grand = audit(results).query("paper == @paper"), stored_table(results, GRAND, "paper")
    claims = {c.id: c for c in load_claims(paper)} if paper in papers_with_claims() else {}
    lines = [line | _details(claims[line["id"]], checks) for line in (board.lines if board else [])]
    runs = paper in papers_with_runs()
    models = [p.spec.model for p in planned_runs(paper, "gpu")] if runs else []
    return {
        "paper": paper,
        "prose": load_report(paper),
        "not_available": load_not_available(paper),
        "counts": board.counts if board else {},
        "lines": lines,
        "severe": checks[checks["severity"] == "severe"].to_dict("records"),
        "checks": len(checks),
        "grand": _html(grand[grand["paper"] == paper].drop(columns="paper")),
        "deviations": _html(_deviations(paper, results)) if runs else "",
        "needs": _needs(lines),
        "hours": _html(hours[hours["paper"] == paper].drop(columns="paper")) if len(hours) else "",
        "weights": sorted({m.backbone for m in models if m.weights == "imagenet"}),  # of the paper's own runs
    }


def _details(rule: Claim, checks: pd.DataFrame) -> dict[str, Any]:
    """Where the claim stands, what would test it, and what the audit's checks on it found."""
    asked = [(check.item, check.check) for check in rule.contrast.audit]
    found = [r["explanation"] for r in checks.to_dict("records") if (r["item"], r["check"]) in asked]
    return {"where": rule.where, "needs": rule.needs, "checks": found}


def _needs(lines: list[dict]) -> list[dict]:
    """What would settle the claims that no direct or arithmetic evidence decides: one row per need."""
    open_ = [line for line in lines if line["verdict"] in ("not run", "undecided", "no effect of that size")]
    by_need = gather_by(open_, lambda line: (line["needs"].what, line["needs"].gpu_hours))
    return [
        {"what": what, "hours": hours, "says": [line["says"] for line in own]} for (what, hours), own in by_need.items()
    ]


def _deviations(paper: str, results: Path) -> pd.DataFrame:
    """What sets the stored runs apart from the paper's description: one row per deviation, the commonest first."""
    planned = {p.spec.run_id: p for profile in REAL for p in planned_runs(paper, profile)}
    stored = [p for p in planned.values() if has_record(results, p.spec)]
    found = Counter()
    for p in stored:
        text = deviations(paper, p.paper_model, p.spec).replace(p.paper_model, names.paper_row(p.paper_model))
        found.update(filter(None, text.split("; ")))
    rows = [(names.in_text(d), f"{n} of {len(stored)}") for d, n in found.most_common()]
    return pd.DataFrame(rows, columns=["deviation from the paper", "stored runs"])


def _html(frame: pd.DataFrame) -> str:
    return scrollable(f'<div class="study-table">{as_html(frame, decimals=1)}</div>') if len(frame) else ""


def coverage(paper: str, where: Callable[[str], str]) -> list[dict[str, Any]]:
    """The paper's tables and figures, each with the places of what regenerates it, as ``where`` finds them."""
    return [
        {
            **{k: getattr(item, k) for k in ("kind", "number", "shows", "why_not")},
            "links": [(name, where(name)) for name in item.by],
            "whole": bool(item.by) and not item.why_not,
        }
        for item in load_coverage(paper)
    ]
