"""Published numbers as data: ``params/published/<paper>.yaml`` becomes one table row per printed number.

A file holds ``protocols`` and ``tolerances`` (named, see the models below), ``tables`` (grids that read like the
paper's) and ``sections`` (numbers of the running text). Attributes of a value may stand at its table or section, its
column, its row, or the cell itself; the nearest wins. A cell is a quoted string as printed; null, "--" and "—" are
empty. ``parts`` names the numbers of a cell that holds several (``"80-20"``: ``[train, validation]``): each becomes a
value of its own, with the part's name added to id and quantity, except for a part named ``value``; ``[numbered]``
counts them from 1.
"""

import functools
import math
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError
from scipy import stats

from lib.errors import StudyError, unknown_name
from lib.paths import REPO
from lib.printed import WORDS, numbers, parse_number

PAPERS = ("dhanalakshmi2025", "saykat2025", "abdulqader2026", "kadric2025", "xia2025")
FOLDER = REPO / "params" / "published"
EMPTY = (None, "--", "—")
COLUMNS = (
    *("paper", "id", "where", "table", "row", "column", "section", "cell", "printed"),
    *("value", "decimals", "half_ulp", "qualifier", "unit", "quantity", "model", "dx", "averaging", "epoch", "setting"),
    *("origin", "protocol", "tolerance", "tolerance_kind", "tolerance_value", "tolerance_reason", "note"),
)

Name = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Protocol(Strict):
    """How a number came about, as far as the paper says: ``n`` images of ``evaluation_set``, per class in
    ``supports``; ``unclear`` lists what the paper leaves open or contradicts."""

    data_set: str
    split: str
    evaluation_set: str
    n: int | None = None
    supports: dict[str, int] = {}
    unclear: list[str] = []


class Tolerance(Strict):
    """What counts as reproduced, fixed before anything is run.

    kind: ``absolute`` (value in ``unit``), ``relative`` (value is a share of the published number), ``exact`` (equal
    at the printed precision) or ``none`` (not to be reproduced). value ``clopper_pearson``: the farther bound of the
    95 % Clopper-Pearson interval around the published proportion at ``n`` images (a number, or one per class).
    """

    kind: Literal["absolute", "relative", "exact", "none"]
    value: float | Literal["clopper_pearson"] | None = None
    unit: str | None = None
    n: int | dict[str, int] | None = None
    reason: str


class Part(Strict):
    name: Name
    tolerance: str | None = None


NamedPart = Annotated[Part, BeforeValidator(lambda part: {"name": part} if isinstance(part, str) else part)]


class Attributes(Strict):
    quantity: str | None = None
    unit: str | None = None
    model: str | None = None
    dx: str | None = None
    averaging: str | None = None
    epoch: Name | None = None
    setting: str | None = None
    origin: Literal["own", "cited"] | None = None
    protocol: str | None = None
    tolerance: str | None = None
    qualifier: str | None = None
    note: str | None = None
    parts: list[NamedPart] | None = None


class Cell(Attributes):
    printed: StrictStr
    value: float | None = None


class TextValue(Cell):
    id: str


class Column(Attributes):
    id: Name
    header: str


class Row(Attributes):
    id: Name
    row: str
    cells: list[StrictStr | Cell | None]


class Table(Attributes):
    id: str
    table: Name
    caption: str
    columns: list[Column]
    rows: list[Row]


class Section(Attributes):
    id: str
    section: str
    values: list[TextValue]


class Paper(Strict):
    paper: str
    citation: str
    texts: list[str]
    not_available: list[str] = []
    protocols: dict[str, Protocol]
    tolerances: dict[str, Tolerance]
    tables: list[Table] = []
    sections: list[Section] = []


class _UniqueKeyLoader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if repeated := {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {repeated.pop()!r}", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except (OSError, yaml.YAMLError) as error:
        raise StudyError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error


def _read_paper(paper: str, folder: Path) -> Paper:
    if paper not in PAPERS:
        raise unknown_name("paper", paper, PAPERS)
    content = _read(folder / f"{paper}.yaml")
    try:
        return Paper.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place, here = [], content
        for key in first["loc"]:
            here = here[key] if isinstance(here, dict | list) and key in _keys(here) else None
            place.append(str(here["id"]) if isinstance(here, dict) and "id" in here else str(key))
        raise StudyError(f"{paper}.yaml: {' > '.join(place)}: {first['msg']}; correct the file.") from error


def _keys(node: dict | list) -> Any:
    return node if isinstance(node, dict) else range(len(node))


def _merged(*levels: Attributes) -> dict[str, Any]:
    """Attributes of a cell; later levels win."""
    merged: dict[str, Any] = dict.fromkeys(Attributes.model_fields)
    for level in levels:
        merged |= {key: getattr(level, key) for key in merged if getattr(level, key) is not None}
    return merged


def _cells(content: Paper):
    """(id, place, cell, attributes) of every printed cell."""
    for table in content.tables:
        for row in table.rows:
            if len(row.cells) != len(table.columns):
                message = f"{len(row.cells)} cells for {len(table.columns)} columns; write null for an empty one."
                raise StudyError(f"{content.paper}.yaml: {table.id}.{row.id}: {message}")
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


def _values(content: Paper, units: dict[str, str]):
    for ident, place, cell, attributes in _cells(content):
        found = numbers(cell.printed) or [word for word in cell.printed.lower().split() if word in WORDS]
        parts = attributes.pop("parts") or [Part(name="value")]
        if parts[0].name == "numbered":
            parts = [Part(name=n + 1) for n in range(len(found))]
        where = f"{content.paper}.yaml: {ident}"
        if cell.value is not None:
            found = [cell.printed]
        if len(found) != len(parts):
            raise StudyError(f"{where}: {cell.printed!r} holds {len(found)} numbers, parts name {len(parts)}.")
        for part, text in zip(parts, found, strict=True):
            suffix = "" if part.name == "value" else part.name
            row = {"paper": content.paper, "cell": cell.printed, "origin": "own", **place}
            row |= {key: value for key, value in attributes.items() if value is not None}
            row["tolerance"] = part.tolerance or row.get("tolerance")
            row["id"] = f"{ident}.{suffix}" if suffix else ident
            row["quantity"] = "_".join(filter(None, (attributes["quantity"], suffix)))
            if not attributes["quantity"]:
                raise StudyError(f"{where}: no quantity given.")
            if attributes["quantity"] not in units:
                raise StudyError(f"{where}: {unknown_name('quantity', attributes['quantity'], units)}")
            percent = "%" in cell.printed or "percent" in cell.printed
            row["unit"] = attributes["unit"] or ("percent" if percent else units[attributes["quantity"]])
            row["printed"] = cell.printed if len(parts) == 1 else text
            if cell.value is not None:
                row |= {"value": cell.value, "decimals": 0, "half_ulp": 0.0}
            else:
                row |= vars(parse_number(text))
            for kind, known in (("protocol", content.protocols), ("tolerance", content.tolerances)):
                if row.get(kind) not in known:
                    raise StudyError(f"{where}: {unknown_name(kind, row.get(kind), known)}")
            yield row | _tolerance(row, content.tolerances[row["tolerance"]], where)


def _tolerance(row: dict[str, Any], tolerance: Tolerance, where: str) -> dict[str, Any]:
    """Tolerance columns, with the value in the unit of the published number."""
    percent = {"percent": 100.0, "fraction": 1.0}
    value, unit = tolerance.value, row["unit"]
    if tolerance.kind in ("absolute", "relative") and value is None:
        raise StudyError(f"{where}: tolerance {row['tolerance']!r} needs a value.")
    if value == "clopper_pearson":
        n = tolerance.n.get(row.get("dx")) if isinstance(tolerance.n, dict) else tolerance.n
        if unit not in percent or not n:
            raise StudyError(f"{where}: tolerance {row['tolerance']!r} needs a proportion and its n.")
        value = _clopper_pearson_reach(row["value"] / percent[unit], n) * percent[unit]
    elif tolerance.kind == "absolute" and tolerance.unit != unit:
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
    k = p * n
    low = stats.beta.ppf(0.025, k, n - k + 1) if k > 0 else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return float(max(p - low, high - p))


def load_published(paper: str, folder: Path = FOLDER) -> pd.DataFrame:
    """One row per published number of ``paper``, in the file's order, with the columns ``COLUMNS``.

    ``value`` is in ``unit`` (percent stays as printed: ``92.73%`` is 92.73); ``tolerance_value`` is in the same unit,
    or a share of the value for ``relative``. ``setting`` and ``epoch`` tell rows of one model apart. Absent text
    attributes are None. Raises StudyError naming file and id for unknown keys, quantities, protocols or tolerances,
    repeated ids, and cells that are not numbers.
    """
    content = _read_paper(paper, folder)
    frame = pd.DataFrame(list(_values(content, _read(FOLDER / "quantities.yaml"))), columns=COLUMNS)
    if repeated := frame["id"][frame["id"].duplicated()].tolist():
        raise StudyError(f"{paper}.yaml: {repeated[0]}: this id occurs more than once; ids must be unique.")
    numeric = {"value": float, "decimals": int, "half_ulp": float, "tolerance_value": float}
    frame = frame.astype({name: numeric.get(name, object) for name in frame})
    return frame.where(frame.notna() | frame.columns.isin(numeric), None)


def load_protocols(paper: str, folder: Path = FOLDER) -> dict[str, Protocol]:
    """Protocols of ``paper`` by name."""
    return _read_paper(paper, folder).protocols


def load_not_available(paper: str, folder: Path = FOLDER) -> list[str]:
    """What the paper shows but its text does not give (figures, a missing table), one sentence each."""
    return _read_paper(paper, folder).not_available


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
    reach += 1e-9 * max(1.0, abs(value))  # 0.1 + 0.2 must not decide a verdict
    if abs(ours - value) <= reach:
        return "reproduced"
    low, high = (ours if low is None else low), (ours if high is None else high)
    return "undecided" if low <= value + reach and high >= value - reach else "not reproduced"
