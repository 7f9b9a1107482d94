"""A stored notebook as the body of a web page."""

import copy
import io
import itertools
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from PIL import Image

from lib.core.files import write_atomic
from lib.report.stored import BADGE, KEPT, MADE, Picture, Stored
from lib.report.study import PROVENANCE

TEMPLATES = Path(__file__).parent / "templates"
LINK = re.compile(r'href="(?:\.\./)*(?:results/cards/|notebooks/)?(\w+)\.(md|ipynb)(#[^"]*)?"')
HEADING = re.compile(r'<h([1-6])(?: id="[^"]*")?>(.*?)</h\1>', flags=re.S)
EMPTY_HEAD = re.compile(r"<thead>\s*<tr[^>]*>\s*(?:<th[^>]*>\s*</th>\s*)+</tr>\s*</thead>")


@dataclass(frozen=True)
class Figure:
    """A picture of the site. ``file`` is relative to the site's root, ``id`` its place in its notebook's page."""

    notebook: str
    id: str
    file: str
    width: int
    height: int
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Body:
    """HTML of a notebook, its sections (id, title) of the second level, and its figures."""

    html: str
    sections: list[tuple[str, str]]
    figures: list[Figure]


def notebook_body(stored: Stored, site: Path, results: Path) -> Body:
    """HTML of ``stored``; its pictures are written to ``<site>/figures``, named as under ``results``.

    Badges and styles are left out: the site has its own, and asks no other server for anything.
    """
    from nbconvert import HTMLExporter

    content = copy.deepcopy(stored.content)
    figures = []
    for picture, name in zip(stored.pictures, _names(stored, results), strict=True):
        figure = _write(stored, picture, name, site)
        figures.append(figure)
        output = content.cells[picture.cell].outputs[picture.output]
        file = f"../{figure.file}"
        output.metadata["site"] = {**vars(figure), "file": file, "at_the_top": f"({file})" in stored.in_short}
    for cell in content.cells:
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub("", cell.source).replace(KEPT, MADE)
        elif cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if not _is_header(o)]
    content.cells = _joined(content.cells)
    exporter = HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
    html, _ = exporter.from_notebook_node(content)
    html, sections = with_ids(html)
    return Body(within_site(scrollable(html), "../"), sections, figures)


def markdown_body(text: str) -> str:
    """HTML of a Markdown text."""
    from nbconvert.filters import markdown2html

    html, _ = with_ids(re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(text)))
    return within_site(scrollable(html))


def within_site(html: str, root: str = "") -> str:
    """``html`` whose links to notebooks and cards lead to their pages; ``root`` leads to the site's."""
    folders = {"md": "", "ipynb": "notebooks/"}
    return LINK.sub(lambda m: f'href="{root}{folders[m[2]]}{m[1]}.html{m[3] or ""}"', html)


def inline(text: str) -> str:
    """HTML of one sentence of Markdown."""
    return markdown_body(text).strip().removeprefix("<p>").removesuffix("</p>")


def with_ids(html: str) -> tuple[str, list[tuple[str, str]]]:
    """``html`` with a distinct ``id`` in every heading, and (id, title) of those of the second level."""
    used: set[str] = set()
    sections = []

    def identify(match: re.Match) -> str:
        level, inner = match[1], match[2]
        title = unescape(re.sub(r"<[^>]+>", "", inner)).strip()
        start = slug(title) or "section"
        numbered = itertools.chain([start], (f"{start}-{n}" for n in itertools.count(2)))
        ident = next(i for i in numbered if i not in used)
        used.add(ident)
        if level == "2":
            sections.append((ident, title))
        return f'<h{level} id="{ident}">{inner}</h{level}>'

    return HEADING.sub(identify, html), sections


def slug(title: str) -> str:
    """The ``id`` that a heading asks for."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def scrollable(html: str) -> str:
    """``html`` whose tables scroll in a box of their own, by keyboard too; column heads say so, sentences wrap."""
    html = EMPTY_HEAD.sub("", html)
    for name, least in (("longest", 101), ("long", 41)):
        html = re.sub(rf"<td>([^<]{{{least},}})</td>", rf'<td class="{name}">\1</td>', html)
    html = re.sub(r"<th(?=[\s>])", '<th scope="col"', html)
    html = html.replace("<pre>", '<pre tabindex="0">')  # long lines scroll, by keyboard too
    html = re.sub(r"<table(?=[\s>])", '<div class="scroll" tabindex="0" role="group" aria-label="table"><table', html)
    return html.replace("</table>", "</table></div>")


def _is_header(output: dict) -> bool:
    """The style of its tables, or its first rows of provenance, which the page's own header shows."""
    styles = output.get("data", {}).get("text/html", "").lstrip().startswith("<style>")
    return styles or "profile" in output.get("metadata", {}).get(PROVENANCE, {})


def _joined(cells: list) -> list:
    """``cells`` in which code that shows nothing stands with the code after it, so that a page has one fold."""
    joined: list = []
    for cell in cells:
        if joined and cell.cell_type == joined[-1].cell_type == "code" and not joined[-1].outputs:
            cell.source = f"{joined.pop().source}\n\n{cell.source}"
        joined.append(cell)
    return joined


def _names(stored: Stored, results: Path) -> list[str]:
    """File names of the notebook's pictures: those of the same bytes under ``results``, else their number."""
    known = {p.read_bytes().strip(): p.stem for p in sorted((results / "figures" / stored.name).glob("*.*"))}
    pictures = enumerate(stored.pictures, start=1)
    return [known.get(p.content.strip(), f"figure-{number}") for number, p in pictures]


def _write(stored: Stored, picture: Picture, name: str, site: Path) -> Figure:
    file = f"figures/{stored.name}/{name}.{picture.suffix}"
    write_atomic(site / file, lambda p: p.write_bytes(picture.content))
    readable = name.replace("_", " ")
    caption = f"{picture.title} {picture.caption}".strip()
    alt = caption or f"{readable.capitalize()}, in section “{picture.section}”"
    ident = f"figure-{picture.cell}-{picture.output}"
    return Figure(stored.name, ident, file, *_size(picture), picture.title, picture.caption, alt)


def _size(picture: Picture) -> tuple[int, int]:
    """CSS pixels: photographs are stored with twice as many per side, drawings say points."""
    if picture.suffix == "svg":
        start = picture.content[: picture.content.index(b">")].decode()
        width, height = (float(re.search(rf'{side}="([\d.]+)pt"', start)[1]) for side in ("width", "height"))
        return round(width / 0.75), round(height / 0.75)
    with Image.open(io.BytesIO(picture.content)) as image:
        return image.width // 2, image.height // 2
