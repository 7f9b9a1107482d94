"""Layout of ``params/papers/<paper>/published.yaml``, validated on reading."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, StringConstraints, ValidationError

from lib.core.errors import StudyError
from lib.plan.part import Part as Frozen
from lib.plan.part import describe

Text = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Own(Frozen):
    """A file of a paper's folder beside ``published.yaml``; it names its paper."""

    paper: Text


T = TypeVar("T", bound=Own)


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
    """``corrected``: what is meant where ``printed`` is a misprint that the audit mends, as it would be printed."""

    printed: StrictStr
    value: float | None = None
    corrected: StrictStr | None = None


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
    """One paper's file.

    headlines: patterns of the ids on which the paper's claims rest, its abstract's and its main result tables'; chosen
    from the paper alone, before any run stood beside them. source: what its numbers were read from, if not the paper.
    """

    paper: str
    citation: str
    source: str = ""
    texts: list[str]
    not_available: list[str] = []
    headlines: list[str] = []
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


def read_yaml(path: Path) -> Any:
    """Content of a YAML file in which no key occurs twice in one mapping."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506  a safe loader
    except (OSError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise StudyError(f"{path.parent.name}/{path.name}: not readable as YAML: {why}") from error


def read_own(file: Path, paper: str, model: type[T]) -> T | None:
    """``file`` as ``model``, None without it; StudyError, in one sentence, if it is not so or names another paper."""
    if not file.is_file():
        return None
    try:
        content = model.model_validate(read_yaml(file))
    except ValidationError as error:
        raise StudyError(f"{paper}/{file.name}: {describe(error)}.") from None
    if content.paper != paper:
        raise StudyError(f"{paper}/{file.name}: 'paper' is {content.paper!r}; it must be {paper!r}.")
    return content


def read_paper(paper: str, folder: Path) -> Paper:
    """Validated content of ``folder/<paper>/published.yaml``; StudyError names file and entry."""
    content = read_yaml(folder / paper / "published.yaml")
    try:
        return Paper.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place, here = [], content
        for key in first["loc"]:
            here = _at(here, key)
            place.append(str(here["id"]) if isinstance(here, dict) and "id" in here else str(key))
        raise StudyError(f"{paper}/published.yaml: {' > '.join(place)}: {first['msg']}; correct the file.") from error


def _at(node: Any, key: Any) -> Any:
    """What YAML holds at ``key``; None where a validator's place is none of the file's."""
    try:
        return node[key]
    except (KeyError, IndexError, TypeError):
        return None
