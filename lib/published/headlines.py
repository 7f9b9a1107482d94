"""The grand table: every headline value of the papers, ours under the paper's protocol and ours without leakage."""

from fnmatch import fnmatch

import pandas as pd

from lib.core.errors import StudyError
from lib.published.values import load_paper, load_published, published_papers

SCALE = {"fraction": 100.0, "percent": 1.0}  # proportions are shown in per cent
NO_RUN = "no run of this profile answers it"


def headlines() -> pd.DataFrame:
    """Rows of ``lib.published.values.load_published`` that each paper's ``headlines`` name, in their order.

    Raises:
        StudyError: a pattern that names no published value.
    """
    parts = []
    for paper in published_papers():
        published = load_published(paper)
        for pattern in load_paper(paper).headlines:
            found = published[published["id"].map(lambda i, p=pattern: fnmatch(i, p))]
            if found.empty:
                raise StudyError(f"{paper}/published.yaml: headlines: no id matches {pattern!r}.")
            parts.append(found)
    return pd.concat(parts).drop_duplicates(["paper", "id"]).reset_index(drop=True)


def nearest_run(rows: pd.DataFrame) -> pd.Series | None:
    """Of the rows of ``lib.published.compare.compare`` for one value the one nearest to the paper's protocol.

    On the paper's split, among networks that learned something: the reading that the audit found first, then one with a
    verdict, then the fewest deviations, then the first. None if there is none.
    """
    own = rows[(rows["split"] == "paper") & rows["learned"]]
    if own.empty:
        return None
    order = {"other": ~own["read_as_audited"], "untested": own["verdict"] == "not testable"}
    order = pd.DataFrame({**order, "deviations": own["deviations"].map(_count)})
    return own.loc[order.sort_values(list(order), kind="stable").index[0]]


def grand_table(comparison: pd.DataFrame) -> pd.DataFrame:
    """One row per headline value.

    Args:
        comparison: of :func:`lib.papers.compare_all`.

    Returns:
        paper, where, quantity, printed, unit of ours; n, data, ``ours`` with ``low`` and ``high`` under the paper's
        protocol (:func:`nearest_run`); ``difference`` ours minus published with its interval; ``grouped`` with its
        interval: the same recipe with no lesion on both sides; ``leakage``: ours minus grouped, over the seeds that
        both have; ``interval_of``: the recipe or these networks; within_tolerance, verdict, why. Proportions in per
        cent.
    """
    rows = []
    for value in headlines().to_dict("records"):
        found = comparison[(comparison["paper"] == value["paper"]) & (comparison["published_id"] == value["id"])]
        row = {k: value[k] for k in ("paper", "where", "quantity", "printed")}
        row["unit"] = "percent" if value["unit"] in SCALE else value["unit"]
        if not isinstance(value["table"], str):  # a section holds several values
            row["where"] += f", {value['id'].partition('.')[2]}"
        chosen = nearest_run(found)
        if chosen is None:
            why = NO_RUN if value["tolerance_kind"] != "none" else f"no tolerance: {value['tolerance_reason']}"
            rows.append({**row, "verdict": "not testable", "why": why})
            continue
        scale = SCALE.get(value["unit"], 1.0)
        ours, low, high = (scale * chosen[k] for k in ("ours", "low", "high"))
        published = scale * value["value"]
        row |= {"data": chosen["data"], "n": chosen["n"], "ours": ours, "low": low, "high": high}
        row |= {"difference": ours - published, "difference_low": low - published, "difference_high": high - published}
        row |= _grouped(found, chosen, scale)
        row |= {k: chosen[k] for k in ("interval_of", "within_tolerance", "verdict")}
        rows.append({**row, "why": chosen["deviations"]})
    columns = ["paper", "where", "quantity", "printed", "unit", "data", "n", "ours", "low", "high", "difference",
               "difference_low", "difference_high", "grouped", "grouped_low", "grouped_high", "leakage", "leakage_low",
               "leakage_high", "interval_of", "within_tolerance", "verdict", "why"]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=columns)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """``grand_table`` to be read: values with their 95 % intervals in one column, one decimal (ratios: two)."""
    rows = []
    for row in table.to_dict("records"):
        digits = 1 if row["unit"] == "percent" else 2
        shown = {k: row[k] for k in ("paper", "where", "printed")}
        shown["ours"] = _with_interval(row, "ours", "low", "high", digits)
        shown["difference"] = _with_interval(row, "difference", None, None, digits, "+")
        shown["verdict"] = row["verdict"]
        shown["without leakage"] = _with_interval(row, "grouped", "grouped_low", "grouped_high", digits)
        shown["leakage"] = _with_interval(row, "leakage", "leakage_low", "leakage_high", digits, "+")
        rows.append(shown | {k: row[k] for k in ("within_tolerance", "n", "data", "why")})
    return pd.DataFrame(rows)


def _with_interval(row: dict, value: str, low: str | None, high: str | None, digits: int, sign: str = "") -> str | None:
    if pd.isna(row[value]):
        return None
    text, *ends = (f"{row[x]:{sign}z.{digits}f}" for x in (value, low, high) if x)
    return f"{text} [{', '.join(ends)}]" if ends else text


def _grouped(rows: pd.DataFrame, chosen: pd.Series, scale: float) -> dict[str, float]:
    same = (rows["split"] == "grouped") & (rows["data"] == chosen["data"])
    own = rows[same & (rows["deviations"] == chosen["deviations"])]
    if own.empty:
        return {}
    ours, grouped = (row["estimate"] for row in (chosen, own.iloc[0]))
    if ours is None or grouped is None:
        return {}
    alone = (scale * grouped).row("grouped")
    if (ours.tested is None) != (grouped.tested is None):  # enough draws on one side only: nothing is paired
        return alone
    return alone | (scale * (ours - grouped)).row("leakage")


def verdict_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Headline values per paper: how many, with a run beside them, within tolerance by arithmetic, and each verdict."""
    rows = []
    for paper in published_papers():
        own = table[table["paper"] == paper]
        row = {"paper": paper, "headline_values": len(own), "with_a_run": int(own["ours"].notna().sum())}
        row["inside_by_arithmetic"] = int((own["within_tolerance"] == "inside").sum())
        for name in ("reproduced", "undecided", "not reproduced", "not testable"):
            row[name.replace(" ", "_")] = int((own["verdict"] == name).sum())
        rows.append(row)
    return pd.DataFrame(rows)


def _count(deviations: str) -> int:
    return len(deviations.split(";")) if deviations else 0
