"""One module a paper, named after it: its tables and figures from run records.

A module that takes part in the cross-paper comparison has ``measured(groups, repeats) -> DataFrame``, the input of
``lib.comparison.compare``.
"""

import importlib

import pandas as pd

from lib.comparison import compare
from lib.grid import PlannedRun
from lib.records import Record
from lib.summaries import by_seed


def compare_all(runs: dict[str, list[tuple[PlannedRun, Record]]], repeats: int) -> pd.DataFrame:
    """Published values beside ours for every paper in ``runs`` (paper -> its runs)."""
    parts = []
    for paper, found in runs.items():
        module = importlib.import_module(f"lib.papers.{paper}")
        parts.append(compare(paper, module.measured(by_seed(found), repeats)))
    return pd.concat(parts, ignore_index=True)
