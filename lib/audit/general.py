"""Checks that apply to every paper, driven by what the published values say about themselves."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from lib.audit.checks import arithmetic, cells, comparisons, statements
from lib.audit.checks.rounding import Rounded, grim, grim_power
from lib.audit.finding import Ledger, judged
from lib.audit.values import Published, as_rounded
from lib.core.gather import gather_by

# GRIM below this power says little: most printable values are fractions of n anyway.
LEAST_POWER = 0.1
COUNTS = ("count", "pixel", "epoch")
PROPORTIONS = ("percent", "fraction")
ORDERED = ("accuracy", "precision", "recall", "specificity", "f1", "auc")
COUNTED = ("accuracy", "recall")
METRICS = ("accuracy", "precision", "recall", "f1")
KEY = ["quantity", "model", "dx", "averaging", "epoch", "setting", "protocol", "tolerance_kind"]
HEADLINE_SECTIONS = ("abstract", "conclusion", "quick_facts", "summary")


Row = Mapping[str, Any]


def is_headline(row: Row) -> bool:
    """Whether a value stands in the abstract or the conclusion (or the summary's counterparts of them)."""
    return row["id"].split(".")[0] in HEADLINE_SECTIONS


def n_behind(row: Row, paper: Published) -> int | None:
    """Number of images behind a proportion: the class's support for a recall of a class, else the protocol's n."""
    protocol = paper.protocols[row["protocol"]]
    if row["dx"] is not None:
        return protocol.supports.get(row["dx"]) if row["quantity"] == "recall" else None
    return protocol.n if row["quantity"] == "accuracy" else None


def check_grim(paper: Published, ledger: Ledger) -> None:
    """GRIM for every own accuracy and recall of a class whose printed precision can notice a wrong n."""
    for ident, row in paper.rows.items():
        if row["origin"] != "own" or row["quantity"] not in COUNTED or row["qualifier"] is not None:
            continue
        value, n = as_rounded(row), n_behind(row, paper)
        if n and grim_power(value, n) >= LEAST_POWER:
            ledger.add(ident, "grim", value, grim(value, n), "headline" if is_headline(row) else "secondary")


def check_stated_twice(paper: Published, ledger: Ledger, apart: Collection[str] = ()) -> None:
    """Every quantity that the paper prints more than once, all printings together.

    ``apart``: beginnings of ids whose attributes are alike although they mean different things.
    """
    own = [row for ident, row in paper.rows.items() if not ident.startswith(tuple(apart))]
    own = [row for row in own if row["qualifier"] is None and row["quantity"] != "background"]
    numbers = [row for row in own if not math.isnan(row["value"])]
    for rows in gather_by(numbers, lambda row: tuple(row[k] for k in (*KEY, "origin"))).values():
        if len(rows) < 2:
            continue
        values = [as_rounded(row) for row in rows]
        outcome = arithmetic.same(values, [row["where"] for row in rows])
        item = f"{rows[0]['id']} and {len(rows) - 1} more"
        bearing = "headline" if any(map(is_headline, rows)) else "secondary"
        ledger.add(item, "stated twice", " / ".join(dict.fromkeys(map(str, values))), outcome, bearing)


def rows_of_metrics(paper: Published) -> dict[str, dict[str, Row]]:
    """Table rows and text groups (ids without their last part): quantity -> value; those with a quantity twice go."""
    own = [row for row in paper.rows.values() if row["quantity"] in METRICS]
    groups = gather_by(own, lambda row: row["id"].rpartition(".")[0])
    found = {key: {row["quantity"]: row for row in rows} for key, rows in groups.items()}
    return {key: of for key, of in found.items() if len(of) == len(groups[key])}


def check_f1(paper: Published, ledger: Ledger, covered: Collection[str] = ()) -> None:
    """F1 against precision and recall: exactly for a class, by the bound for averages, also in cited rows.

    ``covered``: beginnings of ids that the paper's own module checks more sharply.
    """
    for key, group in rows_of_metrics(paper).items():
        if not {"precision", "recall", "f1"} <= set(group) or key.startswith(tuple(covered)):
            continue
        p, r, f = (as_rounded(group[q]) for q in ("precision", "recall", "f1"))
        per_class = group["f1"]["dx"] is not None
        check: Callable = cells.f1_of_class if per_class else cells.averaged_f1
        name = "f1 of a class" if per_class else "averaged f1"
        ledger.add(f"{key}.f1", name, f, check(p, r, f), "detail" if group["f1"]["origin"] == "cited" else "secondary")


def table_rows(paper: Published) -> dict[str, dict[str, dict[str, Row]]]:
    """Own rows of the tables: start of the ids -> row -> column -> value; of a cell with several numbers the first."""
    found: dict[str, dict[str, dict[str, Row]]] = {}
    for ident, row in paper.rows.items():
        if row["table"] is not None and row["origin"] == "own" and not math.isnan(row["value"]):
            start, name, *rest = ident.split(".")
            name = ".".join([name, *rest[:-1]]) if row["dx"] is not None else name
            found.setdefault(start, {}).setdefault(name, {}).setdefault(row["column"], row)
    return found


def check_ranges(paper: Published, ledger: Ledger) -> None:
    """Proportions from 0 to 1, AUCs from 0.5, counts whole: all values of a table or section together."""
    kinds: dict[tuple[str, str], dict[str, Row]] = {}
    for ident, row in paper.rows.items():
        if (kind := _kind(row)) and not math.isnan(row["value"]):
            kinds.setdefault((ident.partition(".")[0], kind), {})[ident] = row
    for (start, kind), rows in kinds.items():
        values = {ident: as_rounded(row) for ident, row in rows.items()}
        if kind == "whole number":
            broken = [f"{i} {values[i]}" for i, row in rows.items() if row["decimals"] or row["value"] < 0]
            outcome = judged(not broken, kind, f"Not whole: {', '.join(broken)}." if broken else "All are whole.")
        else:
            outcome = cells.in_range(values, 0.5 if kind == "AUC" else 0.0, 1.0)
        ledger.add(start, f"range of a {kind}", f"{len(values)} values", outcome, "detail")


def _kind(row: Row) -> str | None:
    if row["unit"] in PROPORTIONS:
        signed = row["quantity"].endswith(("_difference", "_reduction"))
        return None if signed else "AUC" if "auc" in row["quantity"] else "proportion"
    return "whole number" if row["unit"] in COUNTS else None


def check_order(paper: Published, ledger: Ledger) -> None:
    """The order of a table's metrics, row by row."""
    for start, rows in table_rows(paper).items():
        metrics = {
            name: {c: as_rounded(v) for c, v in row.items() if v["quantity"] in ORDERED and v["dx"] is None}
            for name, row in rows.items()
        }
        for name, row in metrics.items():
            if len(row) > 1 and len(metrics) >= cells.LEAST_ROWS:
                outcome = cells.order_of_columns(metrics, name)
                ledger.add(f"{start}.{name}", "order of columns", " ".join(map(str, row.values())), outcome)


def check_repeated(paper: Published, ledger: Ledger) -> None:
    """Proportions of three digits or more, 0 and 1 apart, beside those of the row above."""
    for start, rows in table_rows(paper).items():
        for (_, above), (name, row) in pairwise(rows.items()):
            fine = {c: v for c, v in row.items() if c in above and v["unit"] in PROPORTIONS and _digits(v) >= 3}
            if not fine:
                continue
            same = [f"{c} {v['printed']}" for c, v in fine.items() if v["printed"] == above[c]["printed"]]
            text = f"As in the row above: {', '.join(same)}; copied, or equal by chance."
            outcome = judged(not same, "other values", text if same else "No value is the one above.", "ambiguous")
            printed = " ".join(str(v["printed"]) for v in fine.values())
            ledger.add(f"{start}.{name}", "repeats the row above", printed, outcome, "detail")


def _digits(row: Row) -> int:
    """Digits that count; 0 for the ends of the scale."""
    return 0 if as_rounded(row).value in (0, 1) else len(str(round(abs(row["value"]) * 10 ** row["decimals"])))


def check_numbering(paper: Published, ledger: Ledger) -> None:
    """Are the tables numbered without a gap?"""
    numbers = sorted({int(row["table"]) for row in paper.rows.values() if str(row["table"]).isdecimal()})
    if numbers:
        published = f"Tables {', '.join(map(str, numbers))}"
        ledger.add("table numbers", "numbered without gap", published, statements.numbered(numbers), "detail")


def check_told_apart(
    ledger: Ledger,
    place: str,
    column: Mapping[str, Rounded],
    pairs: Iterable[tuple[str, str]],
    n: int,
    bearing: str = "secondary",
) -> None:
    """Whether n images can tell the two accuracies of each pair apart, the better one first."""
    for first, second in pairs:
        outcome = comparisons.distinguishable(column[first], column[second], n)
        printed = f"{column[first]} / {column[second]}"
        ledger.add(f"{place}: {first} against {second}", "distinguishable at n", printed, outcome, bearing)


def check_setting(
    ledger: Ledger, item: str, ways: Sequence[tuple[str, str]], otherwise: str = "inconsistent",
    bearing: str = "secondary", check: str = "stated twice",
) -> None:  # fmt: skip
    """Whether a setting is stated alike in all ``ways`` (value as printed, place); else ``otherwise``."""
    said = " / ".join(dict.fromkeys(value for value, _ in ways))
    ledger.add(item, check, said, statements.setting_twice(ways, otherwise), bearing)


def run_general(paper: Published, ledger: Ledger, apart: Collection[str] = (), covered: Collection[str] = ()) -> None:
    """All checks of this module; ``apart`` as in :func:`check_stated_twice`, ``covered`` as in :func:`check_f1`."""
    check_grim(paper, ledger)
    check_stated_twice(paper, ledger, apart)
    check_f1(paper, ledger, covered)
    check_ranges(paper, ledger)
    check_order(paper, ledger)
    check_repeated(paper, ledger)
    check_numbering(paper, ledger)
