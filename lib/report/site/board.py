"""The claims as the front page, the README and the papers' pages show them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.studies.claims import board as claims_board
from lib.studies.claims.table import all_claims

TABLE = "11_cross_paper_comparison/claims"
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


def claims(results: Path) -> pd.DataFrame:
    """The stored table of claims; without rows while notebook 11 is not stored."""
    file = results / "tables" / f"{TABLE}.csv"
    return pd.read_csv(file) if file.is_file() else pd.DataFrame(columns=["paper", "id", "verdict", "says"])


def boards(results: Path) -> list[Board]:
    """One board per paper with stored claims."""
    told = claims_board.told(claims(results), all_claims())
    return [Board(str(paper), rows.to_dict("records")) for paper, rows in told.groupby("paper", sort=False)]
