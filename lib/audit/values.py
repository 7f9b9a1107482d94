"""Published values as the audit reads them: by id, as intervals, proportions on the scale 0..1."""

from dataclasses import dataclass

import pandas as pd

from lib.audit.checks.rounding import Rounded
from lib.core.errors import unknown_name
from lib.published.values import load_protocols, load_published


@dataclass(frozen=True)
class Published:
    """One paper's values (rows of ``load_published``) and protocols."""

    paper: str
    frame: pd.DataFrame
    protocols: dict

    def row(self, ident: str) -> pd.Series:
        """Row of one id; StudyError with the nearest spelling if there is none."""
        found = self.frame[self.frame["id"] == ident]
        if found.empty:
            raise unknown_name(f"id of {self.paper}", ident, self.frame["id"])
        return found.iloc[0]

    def value(self, ident: str) -> Rounded:
        """A value in its printed unit, except that percentages become fractions."""
        return as_rounded(self.row(ident))

    def count(self, ident: str) -> int:
        """A whole number."""
        return int(self.row(ident)["value"])

    def printed(self, ident: str) -> str:
        return str(self.row(ident)["printed"])

    def where(self, ident: str) -> str:
        return str(self.row(ident)["where"])

    def table(self, prefix: str, column: str) -> dict[str, Rounded]:
        """Values ``prefix.<row>.column`` by row id, in the table's order."""
        start, end = f"{prefix}.", f".{column}"
        ids = [i for i in self.frame["id"] if i.startswith(start) and i.endswith(end)]
        return {i[len(start) : -len(end)]: self.value(i) for i in ids}

    def counts(self, prefix: str, column: str) -> dict[str, int]:
        """:meth:`table` for whole numbers."""
        return {key: int(v.value) for key, v in self.table(prefix, column).items()}

    def cells(self, row: str, columns: tuple[str, ...]) -> dict[str, Rounded]:
        """Values ``row.<column>`` of one table row by column id; absent cells are left out."""
        known = set(self.frame["id"])
        return {c: self.value(f"{row}.{c}") for c in columns if f"{row}.{c}" in known}


def as_rounded(row: pd.Series) -> Rounded:
    """A row of ``load_published`` as an interval; unit ``percent`` is brought to 0..1, the text stays as printed."""
    scale = 100.0 if row["unit"] == "percent" else 1.0
    return Rounded(row["value"] / scale, row["half_ulp"] / scale, str(row["printed"]))


def published(paper: str) -> Published:
    """All values of one paper."""
    return Published(paper, load_published(paper), load_protocols(paper))
