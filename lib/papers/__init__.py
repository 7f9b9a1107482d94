"""One folder per paper, found by its name in ``params/papers``; ``README.md`` shows how to add one.

What a folder may hold, each found by its name:

- ``__init__.py``: ``measured(recipes, repeats) -> DataFrame``, the input of ``lib.published.compare.compare``, where
  :func:`measured_by_id` does not do; ``stored_rows(recipes, repeats)``, rows of the same columns from stored
  measurements.
- ``audit.py``: its own checks (``lib.audit.Audits``).
- ``findings.py``: ``FINDINGS``, table (``<notebook>/<name>``) -> the function that tells it in a sentence.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd

from lib.audit import audit_findings
from lib.core.errors import unknown_name
from lib.evaluation.metrics import METRICS
from lib.plan.grid import PlannedRun
from lib.published.compare import compare, deviations
from lib.published.values import load_published, published_papers
from lib.records.runs import Record
from lib.records.seeds import Recipe, by_seed, measure
from lib.studies.claims.evidence import collect
from lib.studies.claims.recipes import by_recipe
from lib.studies.claims.table import all_claims, claims_table

FOLDER = Path(__file__).parent


def part(paper: str, name: str) -> ModuleType | None:
    """Module ``name`` of a paper's folder (``""``: the folder itself), None where it has none."""
    file = FOLDER / paper / f"{name or '__init__'}.py"
    return import_module(f"lib.papers.{paper}.{name}".rstrip(".")) if file.is_file() else None


def audits(papers: Sequence[str] | None = None) -> dict[str, ModuleType | None]:
    """Input of ``lib.audit``: paper (by default all) -> its own checks; StudyError for an unknown name."""
    known = published_papers()
    for paper in papers or ():
        if paper not in known:
            raise unknown_name("paper", paper, known)
    return {paper: part(paper, "audit") for paper in papers or known}


def findings() -> dict[str, Callable[[pd.DataFrame], str]]:
    """Table -> sentence, of every paper."""
    told = {}
    for paper in published_papers():
        told |= getattr(part(paper, "findings"), "FINDINGS", {})
    return told


def claims_of(paper: str, runs: list[tuple[PlannedRun, Record]]) -> pd.DataFrame:
    """The paper's claims with what ``runs`` and its own numbers say of each: ``lib.studies.claims.table``."""
    claims = all_claims([paper])
    return claims_table(claims, collect(by_recipe(runs), claims), audit_findings(audits([paper])))


def measured_by_id(paper: str, recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Test metrics of ``recipes`` for the published ids that end in ``.<model>.<metric>`` and mean all classes."""
    published = load_published(paper)
    rows = []
    for recipe in recipes:
        for value in published[published["dx"].isna()].to_dict("records"):
            metric = value["id"].rpartition(".")[2]
            if metric not in METRICS or not value["id"].endswith(f".{recipe.paper_model}.{metric}"):
                continue
            row = {"published_id": value["id"], **recipe.place(), "estimate": measure(recipe, metric, repeats)}
            rows.append({**row, "deviations": deviations(paper, recipe.paper_model, recipe.spec)})
    return pd.DataFrame(rows, columns=["published_id", "data", "split", "learned", "n", "deviations", "estimate"])


def compare_all(runs: dict[str, list[tuple[PlannedRun, Record]]], repeats: int) -> pd.DataFrame:
    """Published values beside ours for every paper in ``runs`` (paper -> its runs), with the estimates."""
    parts = []
    for paper, found in runs.items():
        module, recipes = part(paper, ""), by_seed(found)
        own = getattr(module, "measured", None)
        values = own(recipes, repeats) if own else measured_by_id(paper, recipes, repeats)
        rows = module.stored_rows(recipes, repeats) if hasattr(module, "stored_rows") else []
        values = pd.concat([values, pd.DataFrame(rows)], ignore_index=True) if rows else values
        parts.append(compare(paper, values, draws=True))
    return pd.concat(parts, ignore_index=True)
