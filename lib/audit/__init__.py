"""Audit of the published numbers: every number checked against the others, the data sets and the architectures.

Needs no image and no GPU. The check functions are small and know no paper (``rounding``, ``arithmetic``,
``marginals``, ``cells``, ``supports``, ``comparisons``, ``confusion``, ``statements``, ``networks``,
``compression``); ``general`` applies those that fit every paper; a paper's own are handed in
(:data:`Audits`). All published numbers come from ``lib.published.values`` by id; what data sets are stands in
``facts``.
"""

import functools
from collections.abc import Mapping
from types import ModuleType

import pandas as pd
from pydantic import Field

from lib.audit.finding import Finding, Ledger, to_frame
from lib.audit.general import run_general
from lib.audit.values import Published, intervals, published
from lib.published.schema import Own, read_own
from lib.published.values import FOLDER

Audits = Mapping[str, ModuleType | None]
"""Paper -> its own checks (``lib.papers.audits``), None where it has none.

Such a module has ``audit(paper: Published, ledger: Ledger) -> None``, and if it is needed
``sizes(paper) -> dict[str, int]``, the n that the numbers imply for protocols that state none.
"""


class Notes(Own):
    """``params/papers/<paper>/audit.yaml``: ``apart`` and ``covered``, beginnings of ids as in ``lib.audit.general``;
    ``causes``, what several findings share, as in ``lib.audit.finding.Ledger``."""

    apart: list[str] = Field(default_factory=list)
    covered: list[str] = Field(default_factory=list)
    causes: dict[str, list[str]] = Field(default_factory=dict)


@functools.cache
def notes(paper: str) -> Notes:
    """Notes on ``paper``, empty where its folder has none."""
    return read_own(FOLDER / paper / "audit.yaml", paper, Notes) or Notes(paper=paper)


def audit_values(paper: Published, own: ModuleType | None = None) -> list[Finding]:
    """All findings of one paper, general checks first, then its ``own``."""
    known = notes(paper.paper)
    ledger = Ledger(paper.paper, known.causes)
    run_general(paper, ledger, known.apart, known.covered)
    if own:
        own.audit(paper, ledger)
    return ledger.findings


def audit_findings(audits: Audits) -> pd.DataFrame:
    """Every check of the given papers, the passed ones too.

    Columns (text): paper, item, check, published, implied, verdict, severity, cause (empty where nothing is open; all
    as in ``lib.audit.finding``), explanation.
    """
    return to_frame([finding for name, own in audits.items() for finding in audit_values(published(name), own)])


def accuracy_intervals(audits: Audits) -> pd.DataFrame:
    """95 % intervals of every accuracy at its n; columns as in ``lib.audit.values.intervals``.

    Where a paper states no n, the one that its numbers imply is taken (column ``n_source``).
    """
    tables = []
    for name, own in audits.items():
        paper = published(name)
        implied = own.sizes(paper) if hasattr(own, "sizes") else {}
        tables.append(intervals(paper, implied))
    return pd.concat(tables, ignore_index=True)
