"""One module a paper, named after it: its tables and figures from run records.

A module that takes part in the cross-paper comparison has ``measured(groups, repeats) -> DataFrame``, the input of
``lib.published.compare.compare``; one that measures more than runs' predictions also has ``stored_rows(groups,
repeats)``, rows of the same columns from stored measurements.
"""

import importlib

import pandas as pd

from lib.plan.grid import PlannedRun
from lib.published.compare import compare
from lib.records.runs import Record
from lib.records.seeds import by_seed


def compare_all(runs: dict[str, list[tuple[PlannedRun, Record]]], repeats: int) -> pd.DataFrame:
    """Published values beside ours for every paper in ``runs`` (paper -> its runs), with the estimates."""
    parts = []
    for paper, found in runs.items():
        module = importlib.import_module(f"lib.papers.{paper}")
        groups = by_seed(found)
        values = module.measured(groups, repeats)
        rows = module.stored_rows(groups, repeats) if hasattr(module, "stored_rows") else []
        values = pd.concat([values, pd.DataFrame(rows)], ignore_index=True) if rows else values
        parts.append(compare(paper, values, draws=True))
    return pd.concat(parts, ignore_index=True)
