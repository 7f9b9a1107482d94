"""What each phase, each setting and the split change: paired differences with intervals, in percentage points."""

import functools
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.core.gather import gather_by
from lib.evaluation.estimates import Estimate, smallest_detectable
from lib.evaluation.words import points
from lib.papers.abdulqader2026.cells import FACTORS, PAPER, cell_sets, phase
from lib.papers.abdulqader2026.scores import classes_of_run, of_classes, of_run, overall
from lib.papers.abdulqader2026.tables import ORDER, ROWS, row_name
from lib.published.values import published_values
from lib.records import names
from lib.records.draws import Drawn, by_draw, difference
from lib.records.runs import Record
from lib.records.seeds import Recipe, split_kind

METRICS = ("accuracy", "recall", "f1", "auc", "ece")
CONTRASTS = {
    "offline phase alone": ("offline", "base"),
    "offline phase beside the online one": ("proposed", "online"),
    "online phase alone": ("online", "base"),
    "online phase beside the offline one": ("proposed", "offline"),
    "both phases": ("proposed", "base"),
}
STEPS = {
    "offline": "offline phase alone, against a longer training without it",
    "proposed": "both phases, against a longer training without them",
}


def minus(first: Drawn, second: Drawn, of_run: Callable[[Record], Estimate]) -> Estimate:
    """``of_run`` of the first minus that of the second, draw by draw over those that both have.

    Raises:
        StudyError: no draw in common.
    """
    found = difference(first.records, second.records, of_run, of_run)
    if found is None:
        raise StudyError("the recipes have no draw in common: nothing can be compared in pairs.")
    return found


def compared(first: Drawn, second: Drawn, of_run: Callable[[Record], Estimate]) -> dict[str, object]:
    """:func:`minus` with its 95 % interval and sign.

    ``smallest_seen``: what such runs see at 80 % power; ``interval_of``: the recipe, or these networks.
    """
    found = minus(first, second, of_run)
    row = found.row("difference", "low", "high") | {"smallest_seen": smallest_detectable(found), "sign": found.sign}
    return row | {"sd": found.sd, "draws": len(found.runs), "interval_of": found.speaks_of}


def phase_effects(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """What each phase adds in Table 9, alone and beside the other: ours and the published rows' difference.

    Positive is more; for ``ece`` less is better. Published differences of the row "offline" in ``f1`` rest on its
    columns as printed, two of which look exchanged (notebook 01). Where no phase was trained for more epochs as well,
    ``STEPS`` say what copies give beyond the steps that they add.
    """
    rows = []
    for cells in cell_sets(recipes, "9"):
        for contrast, pair in CONTRASTS.items():
            if set(pair) <= set(cells):
                rows += _compared(contrast, "9", cells, pair, repeats)
    varied = FACTORS["9"] | {"seed": True, "split": {"seed"}, "epochs": True, "schedule": True}
    for alike in gather_by(by_draw(recipes), lambda one: one.first.spec.model_dump_json(exclude=varied)).values():
        found = gather_by(alike, lambda one: phase(one.first.spec))
        for name, contrast in STEPS.items():
            for copied, plain in itertools.product(found.get(name, []), found.get("base", [])):
                if plain.first.spec.epochs > copied.first.spec.epochs:
                    pair = {name: copied, "base": plain}
                    rows += [row | {"published": np.nan} for row in _compared(contrast, "9", pair, (*pair,), repeats)]
    return pd.DataFrame(rows)


def row_effects(recipes: list[Recipe], number: str, repeats: int) -> pd.DataFrame:
    """Each row of Table 12 to 15 minus the last, the setting that the paper chose."""
    rows, (*others, chosen) = [], ORDER[number]
    for cells in cell_sets(recipes, number):
        for name in others:
            if {name, chosen} <= set(cells) and cells[name].first.n == cells[chosen].first.n:
                contrast = f"{row_name(number, name)} − {row_name(number, chosen)}"
                rows += _compared(contrast, number, cells, (name, chosen), repeats)
    return pd.DataFrame(rows)


def choices(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Whether the paper's choice in Tables 12 to 15 is the best here, by accuracy and by balanced accuracy.

    ``best``: by the mean over draws. ``below`` and ``above``: rows whose interval of the paired difference to the
    chosen one lies below or above zero.
    """
    rows = []
    for number, (*_, chosen) in ORDER.items():
        for cells in cell_sets(recipes, number) if number != "9" else ():
            if chosen not in cells:
                continue
            for name in ("accuracy", "recall"):
                of = functools.partial(of_run, name=name, repeats=repeats)
                signs = [minus(one, cells[chosen], of).sign for row, one in cells.items() if row != chosen]
                values = {row: overall(one, name, repeats).value for row, one in cells.items()}
                row = {"table": number, **_labels(cells[chosen]), "metric": name, "rows": len(cells), "chosen": chosen}
                best = max(values, key=values.get)
                rows.append(row | {"best": best, "below": signs.count("lower"), "above": signs.count("higher")})
    return pd.DataFrame(rows)


def class_effects(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Sensitivity of each class with both phases minus with none: whether the rare classes gain, as the paper says."""
    rows = []
    for cells in cell_sets(recipes, "9"):
        if not {"proposed", "base"} <= set(cells):
            continue
        first, classes = cells["proposed"], cells["proposed"].first.classes
        support = np.bincount(first.first.arrays("test")[0], minlength=len(classes)).tolist()
        base = of_classes(cells["base"], "recall", repeats)
        for number, (dx, n) in enumerate(zip(classes, support, strict=True)):
            row = {**_labels(first), "dx": dx, "support": n, "base": base[number].value}
            of_class = functools.partial(_of_class, number=number, repeats=repeats)
            rows.append(row | compared(first, cells["base"], of_class))
    return pd.DataFrame(rows)


def split_effects(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """The same recipe on the paper's split and on the grouped one: ``difference`` is paper minus grouped.

    ``cell``: the row of Table 9; ``label_smoothing``: the paper's 0.1, or none.
    """
    pairs: dict[str, dict[str, Drawn]] = {}
    for one in by_draw(recipes):
        same = one.first.spec.model_copy(update={"split": None, "seed": 0})
        pairs.setdefault(same.model_dump_json(), {})[split_kind(one.first.spec)] = one
    rows = []
    for pair in pairs.values():
        for name in METRICS if len(pair) == 2 else ():
            paper, grouped = (overall(pair[kind], name, repeats) for kind in ("paper", "grouped"))
            row = {k: v for k, v in _labels(pair["paper"]).items() if k != "split"}
            spec = pair["paper"].first.spec
            row |= {"cell": phase(spec), "label_smoothing": spec.loss.label_smoothing, "metric": name}
            row |= {"paper": paper.value, "grouped": grouped.value}
            of = functools.partial(of_run, name=name, repeats=repeats)
            rows.append(row | compared(pair["paper"], pair["grouped"], of))
    return pd.DataFrame(rows)


def shown_splits(effects: pd.DataFrame) -> pd.DataFrame:
    """:func:`split_effects` as shown: accuracy and balanced accuracy."""
    if effects.empty:
        return effects
    rows = effects[effects["metric"].isin(["accuracy", "recall"])].replace({"metric": {"recall": "balanced accuracy"}})
    smoothed = rows["label_smoothing"] > 0
    cells = rows["cell"].map(ROWS)
    rows = rows.assign(phase=cells.where(smoothed, cells + ", no label smoothing"))
    return rows[["phase", "metric", "paper", "grouped", "difference", "low", "high", "smallest_seen"]]


def _of_class(record: Record, number: int, repeats: int) -> Estimate:
    return classes_of_run(record, "recall", repeats)[number]


def _compared(contrast: str, number: str, cells: dict[str, Drawn], pair: tuple[str, str], repeats: int) -> list[dict]:
    published, first = published_values(PAPER), cells[pair[0]]
    rows = []
    for metric in METRICS:
        of = functools.partial(of_run, name=metric, repeats=repeats)
        theirs = [published.get(f"table{number}.{name}.{metric}", np.nan) for name in pair]
        row = {**_labels(first), "n": first.first.n, "contrast": contrast, "metric": metric}
        row["published"] = theirs[0] - theirs[1]
        rows.append(row | compared(first, cells[pair[1]], of))
    return rows


def _labels(one: Drawn) -> dict[str, object]:
    return {k: v for k, v in one.labels().items() if k not in ("model", "draws")}


def shown_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """:func:`phase_effects` or :func:`row_effects` as shown: one row per contrast, in points."""
    keys = ["contrast", "data", "split", "how"]
    told = [points(*row, unit="") for row in effects[["difference", "low", "high"]].to_numpy()]
    how = [names.trained(row) for row in effects.to_dict("records")]
    rows = effects.assign(effect=told, how=how)
    wide = rows.pivot_table(index=keys, columns="metric", values=["effect", "published"], aggfunc="first", sort=False)
    shown = wide.index.to_frame(index=False)
    for metric, column in {"accuracy": "accuracy", "recall": "balanced accuracy", "ece": "ece"}.items():
        shown[column] = wide["effect", metric].to_numpy()
        if ("published", metric) in wide:
            shown[f"{column} printed"] = wide["published", metric].to_numpy()
    return shown
