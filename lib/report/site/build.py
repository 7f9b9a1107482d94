"""The site: front page with the claims board, one page per paper and notebook, tables to filter, figures, cards."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from lib.core.environment import git_commit
from lib.core.files import write_folder, write_text
from lib.core.paths import REPO
from lib.published.values import load_paper, published_papers
from lib.report.site import costs
from lib.report.site.board import PLACE, TABLE, Board, boards, claims, tested
from lib.report.site.explorer import explorers
from lib.report.site.findings import FRONT, Finding, findings
from lib.report.site.glossary import linked, terms
from lib.report.site.pages import TEMPLATES, Body, inline, markdown_body, notebook_body
from lib.report.site.papers import coverage, report
from lib.report.stored import Stored, stored_notebooks
from lib.studies.claims.board import MARKS, sentence


@dataclass(frozen=True)
class Page:
    """A notebook's page. ``page`` is relative to the site's root, ``file`` to the folder of the notebooks' pages."""

    stored: Stored
    body: Body
    tables: list[str] = field(default_factory=list)

    @property
    def file(self) -> str:
        return f"{self.stored.name}.html"

    @property
    def page(self) -> str:
        return f"notebooks/{self.file}"

    @property
    def title(self) -> str:
        return self.stored.title

    @property
    def question(self) -> str:
        return markdown_body(self.stored.question)

    @property
    def answer(self) -> str:
        """Its sentences in short, without the figure; empty while none was rendered."""
        lines = [line for line in self.stored.in_short.splitlines() if line.startswith("- ")]
        return markdown_body("\n".join(lines)) if lines else ""


@dataclass(frozen=True)
class Study:
    """What the pages are made of."""

    results: Path
    pages: dict[str, Page]  # by the notebook's name
    boards: list[Board]
    findings: list[Finding]

    def about(self, paper: str) -> list[Page]:
        """The notebooks on one paper."""
        return [p for p in self.pages.values() if paper in p.stored.content.metadata.get("study", {}).get("papers", [])]

    def shown(self, finding: Finding) -> dict[str, Any]:
        """A finding with the figure that shows it, if its notebook draws one."""
        page = self.pages[finding.notebook]
        drawn = {Path(figure.file).stem: figure for figure in page.body.figures}
        shown = {"html": inline(finding.text), "page": page.page, "link": f"Notebook {finding.notebook[:2]}"}
        return shown | {"figure": drawn.get(FRONT.get(finding.table, ""))}

    def where(self, name: str) -> str:
        """Link to the stored table or figure ``<notebook>/<name>``; empty if no page has it."""
        notebook, _, stem = name.partition("/")
        page = self.pages.get(notebook)
        ids = [f.id for f in page.body.figures if Path(f.file).stem == stem] if page else []
        table = f"tables/{name}.csv"
        return table if page and table in page.tables else f"{page.page}#{ids[0]}" if page and ids else ""


def build(site: Path, results: Path = REPO / "results", notebooks: Path = REPO / "notebooks") -> list[Path]:
    """Write the site to the folder ``site``, which appears whole or not at all; returns its pages."""
    stored = stored_notebooks(notebooks)
    write_folder(site, lambda folder: _write(folder, stored, results))
    return sorted(site.rglob("*.html"))


def _write(site: Path, stored: list[Stored], results: Path) -> None:
    shutil.copy(TEMPLATES / "site.css", site / "site.css")
    words = terms(results)
    pages = {s.name: Page(s, notebook_body(s, site, results), _copy_tables(s, site, results)) for s in stored}
    study = Study(results, pages, boards(results), [f for f in findings(results) if f.notebook in pages])
    cards = sorted((results / "cards").glob("*.md"))
    show = _renderer(site, cards)
    in_order = list(pages.values())
    for page, before, after in zip(in_order, [None, *in_order], [*in_order[1:], None], strict=False):
        _write_notebook(show, page, words, before, after)
    for card in cards:
        body = markdown_body(card.read_text(encoding="utf-8"))
        show("card", f"{card.stem}.html", title=_words(card.stem), body=body)
    show("figures", "figures.html", title="Figures", notebooks=in_order)
    shutil.make_archive(str(site / "tables"), "zip", site, "tables")
    show("tables", "tables.html", title="Tables", pages=in_order)
    _write_papers(show, study)
    _write_explorers(show, site, study)
    _write_front(show, study)


def _renderer(site: Path, cards: list[Path]):
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    common = {
        "cards": [{"page": f"{card.stem}.html", "title": _words(card.stem)} for card in cards],
        "built": {"date": time.strftime("%Y-%m-%d"), "commit": (git_commit() or "unknown")[:10]},
    }

    def show(template: str, page: str, **values: Any) -> None:
        root = "../" * page.count("/")
        html = environment.get_template(f"{template}.html.j2").render(root=root, **common, **values)
        write_text(site / page, html)

    return show


def _write_notebook(show, page: Page, words: list[str], before: Page | None, after: Page | None) -> None:
    stored = page.stored
    provenance = stored.provenance
    known = [", ".join(provenance[key]) for key in ("profile", "data", "date") if key in provenance]
    show(
        "notebook",
        page.page,
        title=page.title,
        before=before,
        after=after,
        synthetic="synthetic" in provenance.get("data", []),
        provenance=provenance or {"profile": [str(stored.parameters.get("profile", "unknown"))]},
        summary=" · ".join(known) or "not stored with this rendering",
        sections=page.body.sections,
        body=linked(page.body.html, words, "../"),
        tables=page.tables,
    )


def _write_papers(show, study: Study) -> None:
    """A page per paper whose printed numbers are at hand, and the page of what is covered."""
    own, hours, covered = {b.paper: b for b in study.boards}, costs.estimated(study.results), {}
    notebook = study.pages.get(TABLE.split("/")[0])
    for paper in published_papers():
        items = coverage(paper, study.where)
        covered |= {paper: items} if items else {}
        pages = study.about(paper)
        told = [study.shown(f) for f in study.findings if f.notebook in [p.stored.name for p in pages]]
        show(
            "paper",
            f"papers/{paper}.html",
            title=f"{paper}: reproducibility report",
            citation=load_paper(paper).citation,
            pages=pages,
            found=told,
            covered=items,
            claims_page=f"{notebook.page}#{PLACE}" if notebook else "",
            **report(paper, own.get(paper), hours, study.results),
        )
    show("coverage", "coverage.html", title="Coverage", covered=covered)


def _write_explorers(show, site: Path, study: Study) -> None:
    tables = explorers(study.boards, study.results)
    for table in tables:
        csv = table.csv if (site / table.csv).is_file() else ""
        show("explorer", table.page, title=table.title, explorer=table, all=tables, csv=csv)
    shutil.copy(TEMPLATES / "explorer.js", site / "explorer" / "explorer.js")


def _write_front(show, study: Study) -> None:
    told = {f.table: f for f in study.findings}
    show(
        "front",
        "index.html",
        title="Five skin-lesion papers, reproduced",
        tested=inline(tested(study.results)),
        lead=markdown_body((REPO / "README.md").read_text(encoding="utf-8").split("\n\n")[1]),
        verdicts=dict(zip(MARKS.values(), MARKS, strict=True)),
        boards=[_board(board) for board in study.boards],
        sentence=inline(sentence(claims(study.results))) if study.boards else "",
        findings=[study.shown(told[table]) for table in FRONT if table in told],
        notebooks=list(study.pages.values()),
    )


def _board(board: Board) -> dict[str, Any]:
    """A board whose claims lead to the paper's page, or, outside the papers, to the table of claims."""
    known = board.paper in published_papers()
    page = f"papers/{board.paper}.html" if known else f"explorer/claims.html#paper={quote(board.title)}"
    places = f"papers/{board.paper}.html#" if known else f"explorer/claims.html#{board.paper}-"
    lines = [line | {"page": f"{places}{line['id']}"} for line in board.lines]
    parts = {name: [line for line in lines if (line["verdict"] == "not run") == waits]
             for name, waits in (("decided", False), ("waiting", True))}  # fmt: skip
    source = load_paper(board.paper).source if known else ""
    return {"paper": board.paper, "title": board.title, "source": source, "counts": board.counts, "page": page, **parts}


def _copy_tables(stored: Stored, site: Path, results: Path) -> list[str]:
    folder = f"tables/{stored.name}"
    (site / folder).mkdir(parents=True, exist_ok=True)
    files = sorted((results / folder).glob("*.csv"))
    for file in files:
        shutil.copy(file, site / folder)
    return [f"{folder}/{file.name}" for file in files]


def _words(stem: str) -> str:
    return stem.replace("_", " ").capitalize()
