"""The claims as the front page, the README and the papers' pages show them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.published.claims_rules import VERDICTS
from lib.records import names
from lib.studies.claims import board as claims_board
from lib.studies.claims.table import all_claims

AUDIT = "01_published_numbers_audit/audit_findings"
TABLE = "11_cross_paper_comparison/claims"
GRAND = "11_cross_paper_comparison/grand_table_shown"
MEASURED = {
    "parameter count": "by our count",
    "size after the same operation": "by our measurement",
    "reduction by the same operation": "by our measurement",
}  # checks on more than the paper's own numbers
READABLE = 170  # letters of a reason that a line has room for
WORD = re.compile(r"\b(?:[a-z]\w*_\w+|vit|f1|auc)\b")  # ids in the audit's sentences
PLACE = "what-the-papers-claim"  # heading of the notebook's section


@dataclass(frozen=True)
class Board:
    """Claims of one paper: ``lines`` as :func:`lib.studies.claims.board.told` gives them, as records; with ``by``, what
    excludes the claim where no run does."""

    paper: str
    lines: list[dict]

    @property
    def title(self) -> str:
        return names.paper(self.paper)

    @property
    def counts(self) -> dict[str, int]:
        """Verdict -> number of claims, of every verdict that occurs."""
        found = Counter(line["verdict"] for line in self.lines)
        return {v: found[v] for v in VERDICTS if found[v]}


def stored_table(results: Path, name: str, *columns: str) -> pd.DataFrame:
    """The stored table ``<notebook>/<name>``; without rows, with ``columns``, while there is none."""
    file = results / "tables" / f"{name}.csv"
    return pd.read_csv(file) if file.is_file() else pd.DataFrame(columns=columns)


def claims(results: Path) -> pd.DataFrame:
    """The table of claims, of notebook 11."""
    return stored_table(results, TABLE, "paper", "id", "verdict", "says")


def boards(results: Path) -> list[Board]:
    """One board per paper with stored claims."""
    wrong = _excluding(results)
    reasons = {key: _reason([text for _, text in found]) for key, found in wrong.items()}
    told = claims_board.told(claims(results), all_claims(), reasons)
    told["by"] = [_by(row, wrong.get((row["paper"], row["id"]), [])) for row in told.to_dict("records")]
    return [Board(str(paper), rows.to_dict("records")) for paper, rows in told.groupby("paper", sort=False)]


def tested(results: Path) -> str:
    """How many claims and headline values were tested under a paper's own training protocol; empty before notebook 11.

    A claim is tested so by direct evidence; a headline value has a verdict only then.
    """
    grand = stored_table(results, GRAND, "verdict")
    if grand.empty:
        return ""
    direct, judged = (claims(results)["evidence"] == "direct").sum(), (grand["verdict"] != "not testable").sum()
    were, rest = "was" if direct < 2 else "were", "is" if judged == 1 else "are"
    return (
        f"{direct or 'No'} claim{'s' if direct > 1 else ''} {were} tested under a paper's own training protocol: of "
        f"{len(grand)} headline values {judged or 'none'} {rest} judged."
    )


def audit(results: Path) -> pd.DataFrame:
    """The checks of the audit, of notebook 01."""
    columns = ["paper", "item", "check", "verdict", "severity", "published", "implied", "explanation"]
    return stored_table(results, AUDIT, *columns)[columns]


def _excluding(results: Path) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(paper, id) of a claim -> the audit's checks that exclude it, with what each found."""
    wrong = audit(results).query("verdict == 'inconsistent'").groupby(["paper", "item", "check"])["explanation"].first()
    found = {}
    for paper, own in all_claims().items():
        for claim in own:
            keys = [(paper, check.item, check.check) for check in claim.contrast.audit]
            found[paper, claim.id] = [(key[2], _readable(wrong[key])) for key in keys if key in wrong.index]
    return {key: checks for key, checks in found.items() if checks}


def _by(line: dict, checks: list[tuple[str, str]]) -> str:
    """What excludes a claim that no run contradicts; empty for the others."""
    if not line["by_arithmetic"] or line["verdict"] != "contradicted":
        return ""
    return next((MEASURED[check] for check, _ in checks if check in MEASURED), "by its own numbers")


def _reason(texts: list[str]) -> str:
    """The first of several reasons that fits in a line, else the beginning of the first."""
    beginning = re.split(r"; |\. ", texts[0])[0].rstrip(".") + "."
    return next((t for t in texts if len(t) <= READABLE), beginning)


def _readable(text: str) -> str:
    """``text`` with names in place of ids of models and measures."""
    return WORD.sub(lambda m: names.column(m[0]) if names.paper_row(m[0]) == m[0] else names.paper_row(m[0]), text)
