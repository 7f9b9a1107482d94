"""The site: front page, one page per notebook, gallery of figures, cards."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from lib.core.environment import git_commit
from lib.core.files import write_folder, write_text
from lib.core.paths import REPO
from lib.report.html_table import as_html
from lib.report.site.findings import findings
from lib.report.site.pages import TEMPLATES, Body, Figure, markdown_body, notebook_body, scrollable
from lib.report.stored import Stored, stored_notebooks

GRAND = "11_cross_paper_comparison/grand_table_shown"


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
    def figures(self) -> list[Figure]:
        return self.body.figures


def build(site: Path, results: Path = REPO / "results", notebooks: Path = REPO / "notebooks") -> list[Path]:
    """Write the site to the folder ``site``, which appears whole or not at all; returns its pages."""
    stored = stored_notebooks(notebooks)
    write_folder(site, lambda folder: _write(folder, stored, results))
    return sorted(site.rglob("*.html"))


def _write(site: Path, stored: list[Stored], results: Path) -> None:
    shutil.copy(TEMPLATES / "site.css", site / "site.css")
    pages = [Page(s, notebook_body(s, site, results), _copy_tables(s, site, results)) for s in stored]
    cards = sorted((results / "cards").glob("*.md"))
    show = _renderer(cards)
    for number, page in enumerate(pages):
        before = pages[number - 1] if number else None
        after = pages[number + 1] if number + 1 < len(pages) else None
        _write_notebook(show, site, page, before, after)
    for card in cards:
        body = markdown_body(card.read_text(encoding="utf-8"))
        write_text(site / f"{card.stem}.html", show("card", "", title=_words(card.stem), body=body))
    write_text(site / "figures.html", show("figures", "", title="Figures", notebooks=pages))
    write_text(site / "index.html", _front(show, pages, results))


def _renderer(cards: list[Path]):
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    common = {
        "cards": [{"page": f"{card.stem}.html", "title": _words(card.stem)} for card in cards],
        "built": {"date": time.strftime("%Y-%m-%d"), "commit": (git_commit() or "unknown")[:10]},
    }

    def show(template: str, root: str, **values: Any) -> str:
        return environment.get_template(f"{template}.html.j2").render(root=root, **common, **values)

    return show


def _write_notebook(show, site: Path, page: Page, before: Page | None, after: Page | None) -> None:
    stored = page.stored
    provenance = stored.provenance
    known = [", ".join(provenance[key]) for key in ("profile", "data", "date") if key in provenance]
    html = show(
        "notebook",
        "../",
        title=page.title,
        before=before,
        after=after,
        synthetic="synthetic" in provenance.get("data", []),
        provenance=provenance or {"profile": [str(stored.parameters.get("profile", "unknown"))]},
        summary=" · ".join(known) or "not stored with this rendering",
        sections=page.body.sections,
        body=page.body.html,
        tables=page.tables,
    )
    write_text(site / page.page, html)


def _front(show, pages: list[Page], results: Path) -> str:
    titles = {page.stored.name: page for page in pages}
    found = [
        {
            "html": markdown_body(f.text).strip().removeprefix("<p>").removesuffix("</p>"),
            "page": titles[f.notebook].page,
            "link": f"Notebook {f.notebook[:2]}",
        }
        for f in findings(results)
        if f.notebook in titles
    ]
    return show(
        "front",
        "",
        title="Five skin-lesion papers, reproduced",
        lead=markdown_body(_lead()),
        findings=found,
        grand=_grand(titles, results),
        notebooks=pages,
        figures=[figure for page in pages for figure in page.figures],
    )


def _lead() -> str:
    """The README's first paragraph."""
    return (REPO / "README.md").read_text(encoding="utf-8").split("\n\n")[1]


def _grand(titles: dict[str, Page], results: Path) -> dict[str, str] | None:
    """The grand table for the front page; None while it is not stored."""
    notebook, file = GRAND.split("/")[0], results / "tables" / f"{GRAND}.csv"
    if not file.is_file() or notebook not in titles:
        return None
    html = as_html(pd.read_csv(file), decimals=1)
    return {
        "html": scrollable(f'<div class="study-table">{html}</div>'),
        "page": titles[notebook].page,
        "csv": f"tables/{GRAND}.csv",
    }


def _copy_tables(stored: Stored, site: Path, results: Path) -> list[str]:
    copied = []
    for file in sorted((results / "tables" / stored.name).glob("*.csv")):
        copied.append(f"tables/{stored.name}/{file.name}")
        (site / copied[-1]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, site / copied[-1])
    return copied


def _words(stem: str) -> str:
    return stem.replace("_", " ").capitalize()
