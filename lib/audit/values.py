"""Published values as the audit reads them: by id, as intervals, proportions on the scale 0..1."""

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.audit.checks import arithmetic
from lib.audit.checks.rounding import Rounded, counts_behind
from lib.audit.finding import Outcome
from lib.core.errors import lookup
from lib.evaluation.intervals import clopper_pearson, wilson
from lib.published.numbers import parse_number
from lib.published.schema import Protocol
from lib.published.values import load_protocols, load_published


@dataclass(frozen=True)
class Published:
    """One paper's values (rows of ``load_published`` by id) and protocols."""

    paper: str
    rows: Mapping[str, Mapping[str, Any]]
    protocols: Mapping[str, Protocol]

    def row(self, ident: str) -> Mapping[str, Any]:
        """Row of one id; StudyError with the nearest spelling if there is none."""
        return lookup(f"id of {self.paper}", ident, self.rows)

    def value(self, ident: str) -> Rounded:
        """A value in its printed unit, except that percentages become fractions."""
        return as_rounded(self.row(ident))

    def meant(self, ident: str) -> Rounded:
        """:meth:`value`, of a misprint the value that is meant."""
        row = self.row(ident)
        if row["corrected"] is None:
            return as_rounded(row)
        return as_rounded({**row, "printed": row["corrected"], **vars(parse_number(row["corrected"]))})

    def count(self, ident: str) -> int:
        """A whole number."""
        return int(self.row(ident)["value"])

    def printed(self, ident: str) -> str:
        return str(self.row(ident)["printed"])

    def where(self, ident: str) -> str:
        return str(self.row(ident)["where"])

    def stated(self, *idents: str) -> list[tuple[str, str]]:
        """Each value as printed, with its place."""
        return [(self.printed(i), self.where(i)) for i in idents]

    def same(self, *idents: str) -> Outcome:
        """Do printings of one quantity agree (:func:`lib.audit.checks.arithmetic.same`)?"""
        return arithmetic.same([self.value(i) for i in idents], [self.where(i) for i in idents])

    def table(self, prefix: str, column: str) -> dict[str, Rounded]:
        """Values ``prefix.<row>.column`` by row id, in the table's order."""
        start, end = f"{prefix}.", f".{column}"
        ids = [i for i in self._ending[column.rpartition(".")[2]] if i.startswith(start) and i.endswith(end)]
        return {i[len(start) : -len(end)]: self.value(i) for i in ids}

    @functools.cached_property
    def _ending(self) -> dict[str, list[str]]:
        """Ids by their last part."""
        ids = defaultdict(list)
        for ident in self.rows:
            ids[ident.rpartition(".")[2]].append(ident)
        return ids

    def counts(self, prefix: str, column: str) -> dict[str, int]:
        """:meth:`table` for whole numbers."""
        return {key: int(v.value) for key, v in self.table(prefix, column).items()}

    def cells(self, row: str, columns: tuple[str, ...]) -> dict[str, Rounded]:
        """Values ``row.<column>`` of one table row by column id; absent cells are left out."""
        return {c: self.value(f"{row}.{c}") for c in columns if f"{row}.{c}" in self.rows}


def as_rounded(row: Mapping[str, Any]) -> Rounded:
    """A row of ``load_published`` as an interval; unit ``percent`` is brought to 0..1, the text stays as printed."""
    scale = 100.0 if row["unit"] == "percent" else 1.0
    return Rounded(row["value"] / scale, row["half_ulp"] / scale, str(row["printed"]))


def published(paper: str) -> Published:
    """All values of one paper."""
    rows = load_published(paper).to_dict("records")
    return Published(paper, {row["id"]: row for row in rows}, load_protocols(paper))


def intervals(paper: Published, implied: dict[str, int]) -> pd.DataFrame:
    """Wilson and Clopper-Pearson 95 % intervals of every distinct own accuracy of all classes together.

    Whole per cents are left out: they repeat finer printings of the same accuracy.

    ``implied``: protocol name -> n for protocols that state none. Columns: paper, id, where, model, setting, epoch,
    printed, accuracy, n, n_source (stated or implied), correct, wilson_low, wilson_high, exact_low, exact_high
    (fractions). Without a whole count behind the printed value, the nearest one is taken.
    """
    rows = []
    for row in paper.rows.values():
        if (row["origin"], row["quantity"], row["dx"], row["qualifier"]) != ("own", "accuracy", None, None):
            continue
        stated = paper.protocols[row["protocol"]].n
        n = stated or implied.get(row["protocol"])
        if n is None:
            continue
        value = as_rounded(row)
        if value.half >= 0.005:
            continue
        counts = counts_behind(value, n)
        k = counts[len(counts) // 2] if counts else round(value.value * n)
        (a, b), (c, d) = wilson(k, n), clopper_pearson(k, n)
        fields = {name: row[name] for name in ("paper", "id", "where", "model", "setting", "epoch", "printed")}
        size = {"n": n, "n_source": "stated" if stated else "implied", "correct": k}
        bounds = {"wilson_low": a, "wilson_high": b, "exact_low": c, "exact_high": d}
        rows.append(fields | {"accuracy": round(value.value, 6)} | size | bounds)
    table = pd.DataFrame(rows)
    return table.drop_duplicates(["model", "setting", "accuracy", "n"]).reset_index(drop=True)
