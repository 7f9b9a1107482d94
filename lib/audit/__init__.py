"""Audit of the published numbers: every number checked against the others, the data sets and the architectures.

Needs no image and no GPU. The check functions are small and know no paper (``rounding``, ``arithmetic``,
``marginals``, ``cells``, ``supports``, ``comparisons``, ``confusion``, ``statements``, ``networks``,
``compression``); ``general`` applies those that fit every paper, ``papers/`` the others. All published numbers come
from ``lib.published.values`` by id; what data sets are stands in ``facts``.
"""

from collections.abc import Iterable
from importlib import import_module

import pandas as pd

from lib.audit.finding import Finding, Ledger, to_frame
from lib.audit.general import intervals, run_general
from lib.audit.values import published
from lib.core.errors import unknown_name
from lib.published.values import PAPERS


def audit_paper(name: str) -> list[Finding]:
    """All findings of one paper, general checks first; StudyError for an unknown name."""
    if name not in PAPERS:
        raise unknown_name("paper", name, PAPERS)
    module, paper, ledger = import_module(f"lib.papers.{name}.audit"), published(name), Ledger(name)
    run_general(paper, ledger, module.APART, getattr(module, "COVERED", ()))
    module.audit(paper, ledger)
    return ledger.findings


def audit_findings(papers: Iterable[str] = PAPERS) -> pd.DataFrame:
    """Every check of the given papers, the passed ones too.

    Columns (text): paper, item, check, published, implied, verdict (consistent, inconsistent, typo or ambiguous),
    severity (none, minor, moderate or severe; the rule is in ``lib.audit.finding``), explanation.
    """
    return to_frame([finding for name in papers for finding in audit_paper(name)])


def accuracy_intervals(papers: Iterable[str] = PAPERS) -> pd.DataFrame:
    """95 % intervals of every accuracy at its n; columns as in ``lib.audit.general.intervals``.

    Where a paper states no n, the one that its numbers imply is taken (column ``n_source``).
    """
    tables = []
    for name in papers:
        module, paper = import_module(f"lib.papers.{name}.audit"), published(name)
        implied = module.sizes(paper) if hasattr(module, "sizes") else {}
        tables.append(intervals(paper, implied))
    return pd.concat(tables, ignore_index=True)
