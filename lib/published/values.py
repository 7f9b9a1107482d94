"""Published numbers as data: ``params/papers/<paper>/published.yaml`` becomes one table row per printed number.

A file holds ``protocols`` and ``tolerances`` (named, see the models below), ``tables`` (grids that read like the
paper's) and ``sections`` (numbers of the running text). Attributes of a value may stand at its table or section, its
column, its row, or the cell itself; the nearest wins. A cell is a quoted string as printed; null, "--" and "—" are
empty. ``parts`` names the numbers of a cell that holds several (``"80-20"``: ``[train, validation]``): each becomes a
value of its own, with the part's name added to id and quantity, except for a part named ``value``; ``[numbered]``
counts them from 1.
"""

import functools
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import REPO
from lib.evaluation.intervals import clopper_pearson
from lib.published.numbers import WORDS, Printed, numbers, parse_number
from lib.published.schema import Attributes, Cell, Paper, Part, Protocol, Tolerance, read_paper, read_yaml

FOLDER = REPO / "params" / "papers"
EMPTY = (None, "--", "—")
COLUMNS = (
    *("paper", "id", "where", "table", "row", "column", "section", "cell", "printed"),
    *("value", "decimals", "half_ulp", "qualifier", "unit", "quantity", "model", "dx", "averaging", "epoch", "setting"),
    "corrected",
    *("origin", "protocol", "tolerance", "tolerance_kind", "tolerance_value", "tolerance_reason", "note"),
)


def published_papers(folder: Path = FOLDER) -> list[str]:
    """Papers whose numbers are at hand, in alphabetical order: the folders with a ``published.yaml``."""
    return sorted(file.parent.name for file in folder.glob("*/published.yaml"))


def load_paper(paper: str, folder: Path = FOLDER) -> Paper:
    """The file of ``paper``, validated; StudyError names what is wrong."""
    if paper not in published_papers(folder):
        raise unknown_name("paper", paper, published_papers(folder))
    content = read_paper(paper, folder)
    if content.paper != paper:
        wrong = f"'paper' is {content.paper!r}; it must be the folder's name, {paper!r}"
        raise StudyError(f"{paper}/published.yaml: {wrong}.")
    return content


def _merged(*levels: Attributes) -> dict[str, Any]:
    """Attributes of a cell; later levels win."""
    merged: dict[str, Any] = dict.fromkeys(Attributes.model_fields)
    for level in levels:
        merged |= {key: getattr(level, key) for key in merged if getattr(level, key) is not None}
    return merged


def _cells(content: Paper) -> Iterator[tuple[str, dict[str, str], Cell, dict[str, Any]]]:
    """(id, place, cell, attributes) of every printed cell."""
    for table in content.tables:
        for row in table.rows:
            if len(row.cells) != len(table.columns):
                message = f"{len(row.cells)} cells for {len(table.columns)} columns; write null for an empty one."
                raise StudyError(f"{content.paper}/published.yaml: {table.id}.{row.id}: {message}")
            for column, cell in zip(table.columns, row.cells, strict=True):
                cell = Cell(printed=cell) if isinstance(cell, str) else cell
                if cell is not None and cell.printed not in EMPTY:
                    place = {"table": table.table, "row": row.row, "column": column.header}
                    place["where"] = f"Table {table.table}, {row.row}, {column.header}"
                    yield f"{table.id}.{row.id}.{column.id}", place, cell, _merged(table, column, row, cell)
    for section in content.sections:
        for cell in section.values:
            place = {"section": section.section, "where": section.section}
            yield f"{section.id}.{cell.id}", place, cell, _merged(section, cell)


def _values(content: Paper, units: dict[str, str]) -> Iterator[dict[str, Any]]:
    """One table row per number of every cell."""
    for ident, place, cell, attributes in _cells(content):
        where = f"{content.paper}/published.yaml: {ident}"
        parts = attributes.pop("parts") or [Part(name="value")]
        base: dict[str, Any] = {"paper": content.paper, "cell": cell.printed, "corrected": cell.corrected}
        base |= {"origin": "own", **place}
        base |= {key: value for key, value in attributes.items() if value is not None}
        _check_known(where, "quantity", base.get("quantity"), units)
        _check_known(where, "protocol", base.get("protocol"), content.protocols)
        if "unit" not in base:
            percent = "%" in cell.printed or "percent" in cell.printed
            base["unit"] = "percent" if percent else units[base["quantity"]]
        for part, text, number in _numbers(cell, parts, where):
            suffix = "" if part.name == "value" else part.name
            row = base | {"printed": text, **vars(number), "tolerance": part.tolerance or base.get("tolerance")}
            row["id"] = ".".join(filter(None, (ident, suffix)))
            row["quantity"] = "_".join(filter(None, (base["quantity"], suffix)))
            _check_known(where, "tolerance", row["tolerance"], content.tolerances)
            yield row | _tolerance(row, content.tolerances[row["tolerance"]], where)


def _numbers(cell: Cell, parts: list[Part], where: str) -> Iterator[tuple[Part, str, Printed]]:
    """(part, printed, number) of a cell; a cell with one number is printed as it is, units and all."""
    if cell.value is not None:
        yield parts[0], cell.printed, Printed(cell.value, 0, 0.0)
        return
    found = numbers(cell.printed) or [word for word in cell.printed.lower().split() if word in WORDS]
    if parts[0].name == "numbered":
        parts = [Part(name=str(n + 1)) for n in range(len(found))]
    if len(found) != len(parts):
        raise StudyError(
            f"{where}: {cell.printed!r} holds {len(found)} numbers where {len(parts)} are expected; "
            "correct 'printed', or name them in 'parts'."
        )
    for part, text in zip(parts, found, strict=True):
        yield part, cell.printed if len(parts) == 1 else text, parse_number(text)


def _check_known(where: str, kind: str, name: Any, known: Iterable[str]) -> None:
    if name not in known:
        raise StudyError(f"{where}: {unknown_name(kind, name, known)}")


def _tolerance(row: dict[str, Any], tolerance: Tolerance, where: str) -> dict[str, Any]:
    """Tolerance columns, with the value in the unit of the published number."""
    percent = {"percent": 100.0, "fraction": 1.0}
    value, unit = tolerance.value, row["unit"]
    if tolerance.kind in ("absolute", "relative") and value is None:
        raise StudyError(f"{where}: tolerance {row['tolerance']!r} needs a value.")
    if value == "clopper_pearson":
        n = tolerance.n.get(row.get("dx", "")) if isinstance(tolerance.n, dict) else tolerance.n
        if unit not in percent or not n:
            raise StudyError(f"{where}: tolerance {row['tolerance']!r} needs a proportion and its n.")
        value = _clopper_pearson_reach(row["value"] / percent[unit], n) * percent[unit]
    elif value is not None and tolerance.kind == "absolute" and tolerance.unit != unit:
        if tolerance.unit not in percent or unit not in percent:
            raise StudyError(f"{where}: tolerance {row['tolerance']!r} is in {tolerance.unit}, the value in {unit}.")
        value = value * percent[unit] / percent[tolerance.unit]
    return {
        "tolerance_kind": tolerance.kind,
        "tolerance_value": math.nan if value is None else value,
        "tolerance_reason": tolerance.reason,
    }


@functools.cache
def _clopper_pearson_reach(p: float, n: int) -> float:
    """Distance from ``p`` to the farther bound of its 95 % Clopper-Pearson interval at ``n``."""
    low, high = clopper_pearson(p * n, n)
    return max(p - low, high - p)


def load_published(paper: str, folder: Path = FOLDER) -> pd.DataFrame:
    """One row per published number of ``paper``, in the file's order, with the columns ``COLUMNS``.

    ``value`` is in ``unit`` (percent stays as printed: ``92.73%`` is 92.73); ``tolerance_value`` is in the same unit,
    or a share of the value for ``relative``. ``setting`` and ``epoch`` tell rows of one model apart. Absent text
    attributes are None. Raises StudyError naming file and id for unknown keys, quantities, protocols or tolerances,
    repeated ids, and cells that are not numbers.
    """
    units = read_yaml(FOLDER.parent / "settings" / "quantities.yaml")
    frame = pd.DataFrame(list(_values(load_paper(paper, folder), units)), columns=COLUMNS)
    if repeated := frame["id"][frame["id"].duplicated()].tolist():
        raise StudyError(f"{paper}/published.yaml: {repeated[0]}: this id occurs more than once; ids must be unique.")
    numeric = {"value": float, "decimals": int, "half_ulp": float, "tolerance_value": float}
    frame = frame.astype({name: numeric.get(name, object) for name in frame})
    return frame.where(frame.notna() | frame.columns.isin(numeric), None)


@functools.cache
def published_values(paper: str) -> pd.Series:
    """Values by id, in the printed unit, of misprints what is meant (``corrected``); nobody changes them."""
    published = load_published(paper).set_index("id")
    corrected = published["corrected"].dropna().map(lambda text: parse_number(text).value)
    return published["value"].where(~published.index.isin(corrected.index), corrected.reindex(published.index))


def load_protocols(paper: str) -> dict[str, Protocol]:
    """Protocols of ``paper`` by name."""
    return load_paper(paper).protocols


def load_not_available(paper: str) -> list[str]:
    """What the paper shows but its text does not give (figures, a missing table), one sentence each."""
    return load_paper(paper).not_available


def verdict(published: pd.Series, ours: float, low: float | None = None, high: float | None = None) -> str:
    """Compare our estimate with a row of :func:`load_published`, all in the row's unit.

    The band is value ± (tolerance + half a unit of the last printed digit). ``reproduced``: our estimate lies in the
    band. ``not reproduced``: it does not, nor does its interval [low, high] reach the band. ``undecided``: only the
    interval reaches it. ``not testable``: the tolerance is ``none``, or either number is missing.
    """
    kind, value = published["tolerance_kind"], published["value"]
    if kind == "none" or not math.isfinite(value) or ours is None or not math.isfinite(ours):
        return "not testable"
    share = {"exact": 0.0, "absolute": 1.0, "relative": abs(value)}[kind]
    reach = published["half_ulp"] + (share * published["tolerance_value"] if share else 0.0)
    reach += 1e-9 * abs(value)  # floating-point error must not decide a verdict
    if abs(ours - value) <= reach:
        return "reproduced"
    low, high = (ours if low is None else low), (ours if high is None else high)
    return "undecided" if low <= value + reach and high >= value - reach else "not reproduced"
