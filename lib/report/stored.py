"""What a stored notebook says: its parameters, where its numbers come from, its sentences and its figures."""

import ast
import base64
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

from lib.core.errors import StudyError
from lib.records.jobs import FOLDER
from lib.report.study import IN_SHORT, PROVENANCE

# Where an answer finds its figure, seen from notebooks/, and from a page or executed notebook in a folder of results.
KEPT, MADE = "](../results/figures/", "](../figures/"
BADGE = re.compile(r"\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)\s*")

# Rows of provenance as a reader wants them.
ROWS = ("profile", "data", "runs", "resolution", "trained", "device, precision",
        "code of the runs", "code", "date")  # fmt: skip


SUFFIXES = {"image/svg+xml": "svg", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Picture:
    """A figure among a notebook's outputs: its file's ``content`` and ``suffix``.

    ``caption``: how to read it; ``title``: what it shows, in one sentence, or empty.
    """

    cell: int
    output: int
    content: bytes
    suffix: str
    caption: str
    title: str
    section: str


@dataclass(frozen=True)
class Stored:
    """A notebook of ``notebooks/`` as it was last rendered."""

    file: Path
    content: nbformat.NotebookNode

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def title(self) -> str:
        """First heading, with the number: ``02 · dhanalakshmi2025``."""
        return self._match(r"^# ([^\n]+)", self.name)

    @property
    def question(self) -> str:
        """Its question as Markdown, without the word."""
        return " ".join(self._match(r"\*\*Question\.\*\*\s*(.+?)(?:\n\s*\n|\Z)", "").split())

    @property
    def in_short(self) -> str:
        """Its answer as Markdown, with figures as ``../figures/…``; empty while none was rendered."""
        tagged = [c.source for c in self.content.cells if IN_SHORT in c.metadata.get("tags", [])]
        return tagged[0].replace(KEPT, MADE) if tagged else ""

    @property
    def needs_data(self) -> bool:
        """Whether it shows images, so that records alone cannot redraw it (metadata ``study.data``)."""
        return bool(self.content.metadata.get("study", {}).get("data"))

    @cached_property
    def parameters(self) -> dict:
        """Parameters that it was rendered with: its own, and over them the injected ones."""
        values: dict = {}
        for tag in ("parameters", "injected-parameters"):
            for cell in self.content.cells:
                if tag in cell.metadata.get("tags", []):
                    values |= _assignments(cell.source, self.file)
        return values

    @property
    def provenance(self) -> dict[str, list[str]]:
        """Row -> values of its header and its ``Made from`` tables; several tables are joined."""
        rows: dict[str, list[str]] = {}
        for _, output in self._outputs():
            for key, values in output.get("metadata", {}).get(PROVENANCE, {}).items():
                known = rows.setdefault(key, [])
                known += values if key == "runs" else [v for v in values if v not in known]
        return {key: rows[key] for key in sorted(rows, key=_place)}

    @property
    def sentences(self) -> list[str]:
        """Markdown that its cells computed, without the header and the last line, which hold date and time."""
        last = len(self.content.cells) - 1
        return [self.in_short] * bool(self.in_short) + [
            output["data"]["text/markdown"]
            for cell, output in self._outputs()
            if "text/markdown" in output.get("data", {}) and not output.metadata.get(PROVENANCE) and cell != last
        ]

    @property
    def pictures(self) -> list[Picture]:
        """Its figures, in their order."""
        section, found = "", []
        for number, cell in enumerate(self.content.cells):
            headings = re.findall(r"^#{2,} (.+)$", cell.source, flags=re.M) if cell.cell_type == "markdown" else []
            section = headings[-1] if headings else section
            for place, output in enumerate(cell.get("outputs", [])):
                for kind in SUFFIXES.keys() & output.get("data", {}).keys():
                    data, said = output["data"][kind], output.metadata.get(kind, {})
                    content = data.encode() if kind == "image/svg+xml" else base64.b64decode(data)
                    texts = (said.get("alt") or "", said.get("title") or "")
                    found.append(Picture(number, place, content, SUFFIXES[kind], *texts, section))
        return found

    def _outputs(self):
        """(number of the cell, output) of every output."""
        return [(n, output) for n, cell in enumerate(self.content.cells) for output in cell.get("outputs", [])]

    def _match(self, pattern: str, otherwise: str) -> str:
        found = re.search(pattern, BADGE.sub("", self.content.cells[0].source), flags=re.M | re.S)
        return found[1].strip() if found else otherwise


def read_stored(file: Path) -> Stored:
    """One notebook file; StudyError if it is none."""
    try:
        return Stored(file, nbformat.read(file, as_version=4))
    except (OSError, ValueError) as error:  # nbformat's own errors are ValueErrors
        raise StudyError(f"{file} cannot be read as a notebook ({' '.join(str(error).split())[:200]}).") from None


def stored_notebooks(folder: Path = FOLDER) -> list[Stored]:
    """The study's notebooks, by number; StudyError if the folder has none."""
    found = [read_stored(file) for file in sorted(folder.glob("[0-9][0-9]_*.ipynb"))]
    if not found:
        raise StudyError(f"{folder} holds no notebook.")
    return found


def _place(row: str) -> tuple[int, str]:
    return (ROWS.index(row) if row in ROWS else len(ROWS), row)  # nbformat sorts them by letter


def _assignments(source: str, file: Path) -> dict:
    try:
        statements = ast.parse(source).body
        return {s.targets[0].id: ast.literal_eval(s.value) for s in statements if isinstance(s, ast.Assign)}
    except (SyntaxError, ValueError, AttributeError):
        raise StudyError(f"{file.name}: its parameters are no plain assignments.") from None
