"""Generated parts of Markdown files: what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import REPO
from lib.data.catalogue import CLASS_NAMES
from lib.records.runs import all_records
from lib.report.site import costs
from lib.report.site.findings import findings
from lib.report.stored import stored_notebooks

FILES = ("README.md", "results/cards/model_card.md", "results/cards/data_card.md")
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", flags=re.S)
HEADLINES = 5


def regenerated(text: str, results: Path) -> str:
    """``text`` with every generated part made anew; StudyError for a name that no part has."""

    def fill(match: re.Match) -> str:
        if match[2] not in BLOCKS:
            raise unknown_name("generated part", match[2], BLOCKS)
        return f"{match[1]}{BLOCKS[match[2]](results).rstrip()}\n{match[3]}"

    if text.count("<!-- generated:") != len(BLOCK.findall(text)):
        raise StudyError("a generated part is not closed: end it with a line <!-- end -->.")
    return BLOCK.sub(fill, text)


def headlines(results: Path) -> str:
    """The first findings, numbered, each with its notebook."""
    found = findings(results)[:HEADLINES]
    lines = [f"{n}. {f.text} [{f.notebook[:2]}](notebooks/{f.notebook}.ipynb)" for n, f in enumerate(found, start=1)]
    return "\n".join(lines) or "No table is stored yet."


def notebooks(results: Path) -> str:
    """One line per notebook: what it is about and the first thing it asks."""
    rows = []
    for stored in stored_notebooks():
        sentences = re.split(r"(?<=[.?])\s", stored.question)
        rows.append(
            {
                "notebook": f"[`{stored.name}`](notebooks/{stored.name}.ipynb)",
                "about": stored.title.split(" · ")[-1],
                "asks": next((s for s in sentences if s.endswith("?")), sentences[0]),
            }
        )
    return _table(pd.DataFrame(rows))


def runs(results: Path) -> str:
    """Stored runs and their measured hours."""
    return _table(costs.measured(results))


def estimates(results: Path) -> str:
    """Estimated hours of the planned runs."""
    return _table(costs.estimated(results))


def models(results: Path) -> str:
    """The networks behind the stored records: one row per backbone, weights and trained part."""
    rows = [
        {
            "backbone": r.spec.model.backbone,
            "starting weights": r.info["weights"]["source"] or r.spec.model.weights,
            "trained": r.spec.model.train,
            "px": r.spec.image_size,
            "data": r.spec.dataset,
            "task": r.spec.task,
        }
        for r in all_records(results)
    ]
    if not rows:
        return "No run is stored yet."
    frame = pd.DataFrame(rows)
    keys = ["backbone", "starting weights", "trained"]
    joined = frame.groupby(keys).agg({c: lambda v: ", ".join(map(str, sorted(set(v)))) for c in ("px", "data", "task")})
    return _table(joined.assign(runs=frame.groupby(keys).size()).reset_index())


def sets(results: Path) -> str:
    """The data sets at hand when notebook 00 was stored: its table of them."""
    file = results / "tables" / "00_data_exploration" / "overview.csv"
    if not file.is_file():
        return "Notebook 00 is not stored yet."
    table = pd.read_csv(file)
    table["share_of_largest_class"] = table["share_of_largest_class"].map("{:.1%}".format)
    names = {"data_set": "data set", "groups": "lesions or subjects", "largest_class": "largest class",
             "share_of_largest_class": "its share", "licence": "terms"}  # fmt: skip
    kept = ["data_set", "images", "groups", "classes", "largest_class", "share_of_largest_class", "licence"]
    return _table(table[kept].rename(columns=names))


def classes(results: Path) -> str:
    """Names of the classes."""
    return "; ".join(f"`{dx}` {name}" if dx != name else f"`{dx}`" for dx, name in CLASS_NAMES.items()) + "."


BLOCKS: dict[str, Callable[[Path], str]] = {
    f.__name__: f for f in (headlines, notebooks, runs, estimates, models, sets, classes)
}


def stale(results: Path = REPO / "results") -> list[str]:
    """Those of ``FILES`` whose generated parts are not what they would be now."""
    found = []
    for name in FILES:
        text = (REPO / name).read_text(encoding="utf-8")
        if regenerated(text, results) != text:
            found.append(name)
    return found


def _table(frame: pd.DataFrame) -> str:
    rows = [list(frame), ["---"] * frame.shape[1], *frame.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
