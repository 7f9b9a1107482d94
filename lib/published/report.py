"""What no function can compute of a paper's report (``params/papers/<paper>/report.yaml``), and which of its numbered
tables and figures the notebooks regenerate (``coverage.yaml``)."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lib.core.errors import StudyError
from lib.published.schema import Frozen, Own, Text, read_own
from lib.published.values import FOLDER

Texts = Annotated[list[Text], Field(min_length=1)]


class Report(Own):
    """Prose of one paper's report, in our own words; numbers of ours are computed and stand elsewhere.

    ``about``: what the paper proposes. ``scope``: what of it is tested here. ``easy``, ``hard``: what reproducing it
    was. ``threats``: what could make our own conclusions wrong.
    """

    about: Text
    scope: Text
    easy: Texts
    hard: Texts
    threats: Texts


def load_report(paper: str, folder: Path = FOLDER) -> Report | None:
    """Report of ``paper``, None where its folder has none; StudyError if the file is not as :class:`Report` says."""
    return read_own(folder / paper / "report.yaml", paper, Report)


class Item(Frozen):
    """One table or figure of the paper, or a statement of a summary where only that is at hand.

    ``number``: as the paper numbers it, or its name where it has none. ``by``: tables (``<notebook>/<name>``) or
    figures that show the same of our runs. ``why_not``: why nothing does, or what of it is missing.
    """

    kind: Literal["table", "figure", "statement"]
    number: int | str
    shows: Text
    by: list[Text] = Field(default_factory=list)
    why_not: Text | None = None

    @model_validator(mode="after")
    def _answered(self) -> "Item":
        if not self.by and not self.why_not:
            raise ValueError(f"{self.kind} {self.number} needs 'by' or 'why_not'")
        return self

    def files(self, results: Path) -> list[Path]:
        """The stored files behind ``by``.

        Raises:
            StudyError: a name that is neither a stored table nor a stored figure.
        """
        found = []
        for name in self.by:
            files = [results / "tables" / f"{name}.csv", *(results / "figures" / f"{name}.{e}" for e in ("svg", "jpg"))]
            known = [file for file in files if file.is_file()]
            if not known:
                raise StudyError(f"{self.kind} {self.number}: no stored table or figure {name!r}.")
            found.append(known[0])
        return found


class Coverage(Own):
    items: list[Item]


def load_coverage(paper: str, folder: Path = FOLDER) -> list[Item]:
    """Items of ``paper`` in the file's order, none where its folder has no ``coverage.yaml``; StudyError if faulty."""
    found = read_own(folder / paper / "coverage.yaml", paper, Coverage)
    return found.items if found else []


def numbered(text: str, kind: str) -> set[int]:
    """Numbers of the tables or figures whose captions ``text`` holds (``Table 3:``, ``**Figure 2:**``, ``Fig. 1:``)."""
    word = {"table": "Table", "figure": r"Fig(?:ure|\.)"}[kind]
    return {int(n) for n in re.findall(rf"^\**{word} (\d+)\s*[.:]", text, flags=re.M)}
