"""Tables as the papers print them, and what counts as reproduced."""

import pandas as pd

from lib.published.values import load_published


def printed_table(paper: str, name: str) -> pd.DataFrame:
    """A table of ``params/papers/<paper>/published.yaml`` as printed: its rows and columns, ``--`` in empty cells."""
    rows = load_published(paper)
    rows = rows[rows["id"].str.startswith(f"{name}.")].drop_duplicates(["row", "column"])
    grid = rows.pivot(index="row", columns="column", values="cell")
    order = grid.loc[rows["row"].unique(), rows["column"].unique()]
    return order.rename_axis(None, axis=1).reset_index().fillna("--")


def tolerance_table(rows: pd.DataFrame) -> pd.DataFrame:
    """What counts as reproduced for ``rows`` of ``load_published``, with the reason: fixed before anything was run."""
    names = {"quantity": "quantity", "tolerance_kind": "kind", "unit": "unit", "tolerance_reason": "reason"}
    found = rows.groupby(list(names), sort=False)["tolerance_value"].agg(["min", "max"]).reset_index()
    found = found.rename(columns={**names, "min": "smallest", "max": "largest"})
    return found[["quantity", "kind", "smallest", "largest", "unit", "reason"]]
