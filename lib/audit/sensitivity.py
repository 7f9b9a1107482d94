"""How many misprints the audit would notice: one is planted in a printed table, and the audit is run on it.

A misprint is noticed if the audit then reports a finding that it does not report on the paper as it is. Statements of
power are no findings. All numbers of the tables count, settings and other works' results too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

import numpy as np
import pandas as pd

from lib.audit import Audits, audit_values
from lib.audit.finding import Finding
from lib.audit.values import Published, published
from lib.evaluation.intervals import wilson
from lib.published.numbers import NUMBER, parse_number

Cell = tuple[str, ...]  # ids of the numbers of a cell


@dataclass(frozen=True)
class Misprint:
    """``changes``: (id, text to be printed there instead), one for each number of the cells."""

    kind: str
    changes: tuple[tuple[str, str], ...]


def cell_grid(paper: Published) -> pd.Series:
    """Cells of the paper's tables by table, row and column, in the papers' order; words are no numbers."""
    frame = pd.DataFrame(paper.rows.values())
    held = frame["printed"].map(lambda text: len(NUMBER.findall(text)) == 1) & frame["value"].notna()
    return frame[held & frame["table"].notna()].groupby(["table", "row", "column"], sort=False)["id"].agg(tuple)


def _texts(paper: Published, cell: Cell) -> tuple[str, ...]:
    return tuple(paper.printed(ident) for ident in cell)


def _number(text: str) -> tuple[int, str]:
    found = NUMBER.search(text)
    return found.start(), found.group()


def _places(paper: Published, grid: pd.Series) -> Iterable[tuple[str, str, list[int]]]:
    """(id, its text, places of the digits in it) of every number of the cells."""
    for ident in chain.from_iterable(grid):
        text = paper.printed(ident)
        start, number = _number(text)
        yield ident, text, [start + i for i, sign in enumerate(number) if sign.isdigit()]


def _digits(paper: Published, grid: pd.Series) -> Iterable[Misprint]:
    """One digit is another one."""
    for ident, text, places in _places(paper, grid):
        for place in places:
            for digit in "0123456789".replace(text[place], ""):
                yield Misprint("digit", ((ident, text[:place] + digit + text[place + 1 :]),))


def _exchanged_digits(paper: Published, grid: pd.Series) -> Iterable[Misprint]:
    """Two neighbouring digits are exchanged."""
    for ident, text, places in _places(paper, grid):
        for a, b in pairwise(places):
            if text[a] != text[b]:
                changed = text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]
                yield Misprint("digits exchanged", ((ident, changed),))


def _above(paper: Published, grid: pd.Series) -> Iterable[Misprint]:
    """A cell holds what the cell above it holds."""
    for _, column in grid.groupby(["table", "column"], sort=False):
        for above, cell in pairwise(column):
            texts = _texts(paper, above)
            if len(above) == len(cell) and texts != _texts(paper, cell):
                yield Misprint("cell above", tuple(zip(cell, texts, strict=True)))


def _exchanged_cells(paper: Published, grid: pd.Series) -> Iterable[Misprint]:
    """Two cells of a row are exchanged."""
    for _, row in grid.groupby(["table", "row"], sort=False):
        for a, b in combinations(row, 2):
            texts = _texts(paper, a), _texts(paper, b)
            if len(a) == len(b) and texts[0] != texts[1]:
                changes = (*zip(a, texts[1], strict=True), *zip(b, texts[0], strict=True))
                yield Misprint("cells exchanged", changes)


KINDS: Mapping[str, Callable[[Published, pd.Series], Iterable[Misprint]]] = {
    "digit": _digits,
    "digits exchanged": _exchanged_digits,
    "cell above": _above,
    "cells exchanged": _exchanged_cells,
}


def planted(paper: Published, misprint: Misprint) -> Published:
    """The paper with the misprint in it."""
    rows = dict(paper.rows)
    for ident, text in misprint.changes:
        number = parse_number(_number(text)[1])
        rows[ident] = rows[ident] | {"printed": text} | vars(number)
    return Published(paper.paper, rows, paper.protocols)


def _reported(findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    return {(f.item, f.check, f.verdict) for f in findings if f.is_open}


def new_findings(before: Iterable[Finding], after: Iterable[Finding], misprint: Misprint, paper: Published) -> set:
    """(item, check, verdict) of the findings that the misprint adds; an item that only quotes it is not new."""
    known = _reported(before)
    found = set()
    for item, check, verdict in _reported(after) - known:
        for ident, text in misprint.changes:
            item = item.replace(text, paper.printed(ident))
        found.add((item, check, verdict))
    return found - known


def sensitivity(audits: Audits, number: int, seed: int = 1) -> pd.DataFrame:
    """Share of planted misprints that the audit notices.

    ``number`` misprints are drawn per paper and kind, alike likely and with replacement; a paper without a table has
    none. Columns: paper, kind, possible (how many there are), planted, noticed, rate (0..1) with its 95 % Wilson
    interval ``low`` and ``high``. The last row of each kind and of the whole is of all papers.
    """
    rows = []
    for name, own in audits.items():
        paper = published(name)
        grid = cell_grid(paper)
        before = audit_values(paper, own)
        for kind, made in KINDS.items():
            possible = list(made(paper, grid)) if len(grid) else []
            if not possible:
                continue
            drawn = np.random.default_rng([seed, len(rows)]).integers(len(possible), size=number)
            noticed = {
                i: bool(new_findings(before, audit_values(planted(paper, possible[i]), own), possible[i], paper))
                for i in sorted(set(drawn.tolist()))
            }
            hits = sum(noticed[i] for i in drawn.tolist())
            rows.append({"paper": name, "kind": kind, "possible": len(possible), "planted": number, "noticed": hits})
    return with_rates(pd.DataFrame(rows))


def with_rates(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with sums over papers, and the rate of each row with its interval."""
    counts = ["possible", "planted", "noticed"]
    sums = table.groupby("kind", sort=False)[counts].sum().reset_index().assign(paper="all")
    whole = table[counts].sum().to_frame().T.assign(paper="all", kind="all")
    table = pd.concat([table, sums, whole], ignore_index=True)
    table["rate"] = table["noticed"] / table["planted"]
    table[["low", "high"]] = [wilson(int(k), int(n)) for k, n in zip(table["noticed"], table["planted"], strict=True)]
    return table
