"""The claims as the front page, the README and the papers' pages show them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.records import names
from lib.studies.claims import board as claims_board
from lib.studies.claims.table import all_claims

AUDIT = "01_published_numbers_audit/audit_findings"
TABLE = "11_cross_paper_comparison/claims"
READABLE = 170  # letters of a reason that a line has room for
WORD = re.compile(r"\b(?:[a-z]\w*_\w+|vit|f1|auc)\b")  # ids in the audit's sentences
PLACE = "what-the-papers-claim"  # heading of the notebook's section


@dataclass(frozen=True)
class Board:
    """Claims of one paper: ``lines`` as :func:`lib.studies.claims.board.told` gives them, as records."""

    paper: str
    lines: list[dict]

    @property
    def title(self) -> str:
        return "another study" if self.paper == "outside" else self.paper

    @property
    def counts(self) -> dict[str, int]:
        """Verdict -> number of claims, of every verdict that occurs."""
        found = Counter(line["verdict"] for line in self.lines)
        return {v: found[v] for v in claims_board.ORDER if found[v]}


def stored_table(results: Path, name: str, *columns: str) -> pd.DataFrame:
    """The stored table ``<notebook>/<name>``; without rows, with ``columns``, while there is none."""
    file = results / "tables" / f"{name}.csv"
    return pd.read_csv(file) if file.is_file() else pd.DataFrame(columns=columns)


def claims(results: Path) -> pd.DataFrame:
    """The table of claims, of notebook 11."""
    return stored_table(results, TABLE, "paper", "id", "verdict", "says")


def boards(results: Path) -> list[Board]:
    """One board per paper with stored claims."""
    told = claims_board.told(claims(results), all_claims(), _reasons(results))
    return [Board(str(paper), rows.to_dict("records")) for paper, rows in told.groupby("paper", sort=False)]


def audit(results: Path) -> pd.DataFrame:
    """The checks of the audit, of notebook 01."""
    columns = ["paper", "item", "check", "verdict", "severity", "published", "implied", "explanation"]
    return stored_table(results, AUDIT, *columns)[columns]


def _reasons(results: Path) -> dict[tuple[str, str], str]:
    """(paper, id) -> what of the paper's own numbers excludes a claim: the first reason that fits in a line, else its
    beginning."""
    wrong = audit(results).query("verdict == 'inconsistent'").groupby(["paper", "item", "check"])["explanation"].first()
    found = {}
    for paper, own in all_claims().items():
        for claim in own:
            keys = [(paper, check.item, check.check) for check in claim.contrast.audit]
            texts = [_readable(wrong[key]) for key in keys if key in wrong.index]
            if texts:
                found[paper, claim.id] = next((t for t in texts if len(t) <= READABLE), _short(texts[0]))
    return found


def _readable(text: str) -> str:
    """``text`` with names in place of ids of models and measures."""
    return WORD.sub(lambda m: names.column(m[0]) if names.paper_row(m[0]) == m[0] else names.paper_row(m[0]), text)


def _short(text: str) -> str:
    """``text``, or its first part where it is longer than a line has room for."""
    return text if len(text) <= READABLE else re.split(r"; |\. ", text)[0].rstrip(".") + "."
