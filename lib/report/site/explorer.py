"""Tables of everything, to sort, search and filter: claims, audit checks, printed values."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.published.values import load_published, published_papers
from lib.records import names
from lib.report.site.board import AUDIT, TABLE, Board, audit, claims, stored_table

COMPARISON = "11_cross_paper_comparison/comparison"


@dataclass(frozen=True)
class Explorer:
    """One table: ``filters`` names the columns by whose values it can be narrowed; a row's ``id`` is its anchor."""

    name: str
    title: str
    about: str
    rows: pd.DataFrame
    filters: tuple[str, ...]
    csv: str
    ids: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        return f"explorer/{self.name}.html"

    @property
    def cells(self) -> list[tuple[str, list[str]]]:
        """(id, cells) of every row."""
        rows = self.rows.astype(object).where(self.rows.notna(), "–").astype(str).to_numpy().tolist()
        return list(zip(self.ids or [""] * len(rows), rows, strict=True))


def explorers(boards: list[Board], results: Path) -> list[Explorer]:
    """The three tables; what is not stored is left out."""
    found = [_claims(boards, results), _checks(results), _values(results)]
    return [explorer for explorer in found if len(explorer.rows)]


def _claims(boards: list[Board], results: Path) -> Explorer:
    lines = pd.DataFrame([line for board in boards for line in board.lines], columns=["paper", "id", "found"])
    table = claims(results).merge(lines, on=["paper", "id"]) if len(lines) else lines
    ids = tuple(f"{r.paper}-{r.id}" for r in table.itertuples())
    said = {"says": "claim", "found": "what was found", "runs_made": "runs made", "without_leakage": "without leakage"}
    columns = ["paper", "claim", "verdict", "evidence", "what was found", "without leakage", "runs made", "where"]
    rows = table.drop(columns="claim", errors="ignore").rename(columns=said).reindex(columns=columns)
    rows["paper"] = rows["paper"].map(names.paper)
    about, filters = "Every claim with its verdict.", ("paper", "verdict", "evidence", "runs made")
    return Explorer("claims", "Claims", about, rows, filters, f"tables/{TABLE}.csv", ids)


def _checks(results: Path) -> Explorer:
    about = "Every check of a printed number against the paper's other numbers, the data or the network."
    filters = ("paper", "verdict", "severity", "check")
    return Explorer("checks", "Audit checks", about, audit(results), filters, f"tables/{AUDIT}.csv")


def _values(results: Path) -> Explorer:
    printed = pd.concat([load_published(paper) for paper in published_papers()])
    ours = stored_table(results, COMPARISON, "paper", "published_id", "ours", "split")
    ours = ours[ours["split"] == "paper"].drop_duplicates(["paper", "published_id"])
    ours = ours.set_index(["paper", "published_id"]).reindex(columns=["ours", "low", "high", "verdict", "deviations"])
    table = printed.join(ours, on=["paper", "id"])
    table["ours"] = [
        "–" if pd.isna(v) else f"{v:.4g} [{a:.4g}, {b:.4g}]"
        for v, a, b in table[["ours", "low", "high"]].to_numpy(float)
    ]
    columns = ["paper", "where", "quantity", "printed", "unit", "ours", "verdict", "deviations"]
    about = "Every printed number, with ours where a run on the paper's split answers it."
    rows, filters = table.reindex(columns=columns), ("paper", "quantity", "verdict")
    return Explorer("values", "Printed values", about, rows, filters, f"tables/{COMPARISON}.csv")
