"""Checks that apply to every paper, driven by what the published values say about themselves."""

from collections.abc import Callable, Collection

import pandas as pd

from lib.audit.checks import arithmetic, cells, statements
from lib.audit.checks.rounding import counts_behind, grim, grim_power
from lib.audit.finding import Ledger
from lib.audit.values import Published, as_rounded
from lib.evaluation.intervals import clopper_pearson, wilson

# GRIM below this power says little: most printable values are fractions of n anyway.
LEAST_POWER = 0.1
WHOLE_PERCENT = 0.01
COUNTED = ("accuracy", "recall")
KEY = ["quantity", "model", "dx", "averaging", "epoch", "setting", "protocol", "tolerance_kind"]
HEADLINE_SECTIONS = ("abstract", "conclusion", "quick_facts", "summary")


def is_headline(row: pd.Series) -> bool:
    """Whether a value stands in the abstract or the conclusion (or the summary's counterparts of them)."""
    return row["id"].split(".")[0] in HEADLINE_SECTIONS


def n_behind(row: pd.Series, paper: Published) -> int | None:
    """Number of images behind a proportion: the class's support for a recall of a class, else the protocol's n."""
    protocol = paper.protocols[row["protocol"]]
    if row["dx"] is not None:
        return protocol.supports.get(row["dx"]) if row["quantity"] == "recall" else None
    return protocol.n if row["quantity"] == "accuracy" else None


def proportions(paper: Published) -> pd.DataFrame:
    """The paper's own accuracies and per-class recalls that have an n, one row per printing, with a column ``n``."""
    frame = paper.frame
    own = frame[(frame["origin"] == "own") & frame["quantity"].isin(COUNTED) & frame["qualifier"].isna()]
    n = own.apply(lambda row: n_behind(row, paper), axis=1) if len(own) else []
    return own.assign(n=n).dropna(subset="n").astype({"n": int})


def check_grim(paper: Published, ledger: Ledger) -> None:
    """GRIM for every proportion whose printed precision can notice a wrong n."""
    for _, row in proportions(paper).iterrows():
        value = as_rounded(row)
        if grim_power(value, row["n"]) >= LEAST_POWER:
            bearing = "headline" if is_headline(row) else "secondary"
            ledger.add(row["id"], "grim", value, grim(value, row["n"]), bearing)


def check_stated_twice(paper: Published, ledger: Ledger, apart: Collection[str] = ()) -> None:
    """Every quantity that the paper prints more than once, all printings together.

    ``apart``: beginnings of ids whose attributes are alike although they mean different things.
    """
    frame = paper.frame[~paper.frame["id"].str.startswith(tuple(apart))]
    usable = frame[frame["qualifier"].isna() & frame["value"].notna() & (frame["quantity"] != "background")]
    for _, group in usable.groupby([*KEY, "origin"], dropna=False, sort=False):
        if len(group) < 2:
            continue
        values, places = [as_rounded(row) for _, row in group.iterrows()], list(group["where"])
        outcome = arithmetic.same(values, places)
        bearing = "headline" if any(is_headline(row) for _, row in group.iterrows()) else "secondary"
        item = group["id"].iloc[0] + f" and {len(group) - 1} more"
        ledger.add(item, "stated twice", " / ".join(dict.fromkeys(map(str, values))), outcome, bearing)


def _rows(paper: Published) -> dict[str, pd.DataFrame]:
    """Table rows and text groups (ids without their last part) with precision, recall and F1."""
    frame = paper.frame[paper.frame["quantity"].isin(("accuracy", "precision", "recall", "f1"))]
    groups = frame.groupby(frame["id"].str.rpartition(".")[0], sort=False)
    return {key: g.set_index("quantity") for key, g in groups if g["quantity"].is_unique}


def check_f1(paper: Published, ledger: Ledger, covered: Collection[str] = ()) -> None:
    """F1 against precision and recall: exactly for a class, by the bound for averages, also in cited rows.

    ``covered``: beginnings of ids that the paper's own module checks more sharply.
    """
    for key, group in _rows(paper).items():
        if not {"precision", "recall", "f1"} <= set(group.index) or key.startswith(tuple(covered)):
            continue
        p, r, f = (as_rounded(group.loc[q]) for q in ("precision", "recall", "f1"))
        per_class = group.loc["f1", "dx"] is not None
        check: Callable = cells.f1_of_class if per_class else cells.f1_bound
        name = "f1 of a class" if per_class else "bound of an averaged f1"
        bearing = "detail" if group.loc["f1", "origin"] == "cited" else "secondary"
        ledger.add(f"{key}.f1", name, f, check(p, r, f), bearing)


def intervals(paper: Published, implied: dict[str, int]) -> pd.DataFrame:
    """Wilson and Clopper-Pearson 95 % intervals of every distinct own accuracy of all classes together.

    Whole per cents are left out: they repeat finer printings of the same accuracy.

    ``implied``: protocol name -> n for protocols that state none. Columns: paper, id, where, model, setting, epoch,
    printed, accuracy, n, n_source (stated or implied), correct, wilson_low, wilson_high, exact_low, exact_high
    (fractions). Without a whole count behind the printed value, the nearest one is taken.
    """
    frame = paper.frame
    own = frame[(frame["origin"] == "own") & (frame["quantity"] == "accuracy") & frame["dx"].isna()]
    own = own[own["qualifier"].isna() & own["value"].notna()]
    rows = []
    for _, row in own.iterrows():
        stated = paper.protocols[row["protocol"]].n
        n = stated or implied.get(row["protocol"])
        if n is None:
            continue
        value = as_rounded(row)
        if value.half >= WHOLE_PERCENT / 2:
            continue
        counts = counts_behind(value, n)
        k = counts[len(counts) // 2] if counts else round(value.value * n)
        (a, b), (c, d) = wilson(k, n), clopper_pearson(k, n)
        fields = {name: row[name] for name in ("paper", "id", "where", "model", "setting", "epoch", "printed")}
        size = {"n": n, "n_source": "stated" if stated else "implied", "correct": k}
        bounds = {"wilson_low": a, "wilson_high": b, "exact_low": c, "exact_high": d}
        rows.append(fields | {"accuracy": round(value.value, 6)} | size | bounds)
    table = pd.DataFrame(rows)
    return table.drop_duplicates(["model", "setting", "accuracy", "n"]).reset_index(drop=True)


def check_numbering(paper: Published, ledger: Ledger) -> None:
    """Are the tables numbered without a gap?"""
    numbers = sorted({int(t) for t in paper.frame["table"].dropna() if str(t).isdecimal()})
    if numbers:
        published = f"Tables {', '.join(map(str, numbers))}"
        ledger.add("table numbers", "numbered without gap", published, statements.numbered(numbers), "detail")


def run_general(paper: Published, ledger: Ledger, apart: Collection[str] = (), covered: Collection[str] = ()) -> None:
    """All checks of this module; ``apart`` as in :func:`check_stated_twice`, ``covered`` as in :func:`check_f1`."""
    check_grim(paper, ledger)
    check_stated_twice(paper, ledger, apart)
    check_f1(paper, ledger, covered)
    check_numbering(paper, ledger)
