"""What each phase, each setting and the split change: paired differences with intervals, in percentage points."""

import numpy as np
import pandas as pd

from lib.evaluation.estimates import Estimate
from lib.papers.abdulqader2026.cells import PAPER, cell_sets, phase
from lib.papers.abdulqader2026.scores import Scored
from lib.papers.abdulqader2026.tables import ORDER
from lib.published.values import load_published
from lib.records.seeds import split_kind

METRICS = ("accuracy", "recall", "f1", "auc", "ece")
CONTRASTS = {
    "offline phase alone": ("offline", "base"),
    "offline phase beside the online one": ("proposed", "online"),
    "online phase alone": ("online", "base"),
    "online phase beside the offline one": ("proposed", "offline"),
    "both phases": ("proposed", "base"),
}


def difference(first: Estimate, second: Estimate) -> dict[str, object]:
    """``first`` minus ``second`` in percentage points, over their common seeds, with its 95 % interval and sign.

    ``sd``: spread of the difference over seeds; ``interval_of``: the recipe, or these networks.
    """
    found = 100 * (first - second)
    row = found.row("difference", "low", "high") | {"sign": found.sign, "sd": found.sd, "seeds": len(found.runs)}
    return row | {"interval_of": found.speaks_of}


def phase_effects(scored: list[Scored]) -> pd.DataFrame:
    """What each phase adds in Table 9, alone and beside the other: ours and the published rows' difference.

    Positive is more; for ``ece`` less is better. Published differences of the row "offline" in ``f1`` rest on its
    columns as printed, two of which look exchanged (notebook 01).
    """
    rows = []
    for cells in cell_sets(scored, "9"):
        for contrast, (first, second) in CONTRASTS.items():
            if {first, second} <= set(cells):
                rows += _compared(contrast, cells[first], cells[second], ("9", first), ("9", second))
    return pd.DataFrame(rows)


def row_effects(scored: list[Scored], number: str) -> pd.DataFrame:
    """Each row of Table 12 to 15 minus the last, the setting that the paper chose."""
    rows = []
    for cells in cell_sets(scored, number):
        chosen = ORDER[number][-1]
        for name in ORDER[number][:-1]:
            if {name, chosen} <= set(cells) and cells[name].n == cells[chosen].n:
                rows += _compared(f"{name} − {chosen}", cells[name], cells[chosen], (number, name), (number, chosen))
    return pd.DataFrame(rows)


def choices(scored: list[Scored]) -> pd.DataFrame:
    """Whether the setting that the paper chose in Tables 12 to 15 is the best here, by accuracy and by macro recall.

    ``best``: by the mean over the seeds that all rows have, so that none leads by a seed that others lack. ``below``
    and ``above``: rows whose interval of the paired difference to the chosen one lies below or above zero.
    """
    rows = []
    for number, order in ORDER.items():
        for cells in cell_sets(scored, number) if number != "9" else ():
            if order[-1] not in cells:
                continue
            chosen = cells[order[-1]]
            seeds = set.intersection(*(set(one.recipe.seeds) for one in cells.values()))
            for name in ("accuracy", "recall"):
                found = {row: one.overall[name] for row, one in cells.items()}
                signs = [(e - found[order[-1]]).sign for row, e in found.items() if row != order[-1]]
                values = {row: e.over(sorted(seeds)).value for row, e in found.items()}
                row = {"table": number, **_labels(chosen), "metric": name, "rows": len(cells), "chosen": order[-1]}
                best = max(values, key=values.get)
                rows.append(row | {"best": best, "below": signs.count("lower"), "above": signs.count("higher")})
    return pd.DataFrame(rows)


def class_effects(scored: list[Scored]) -> pd.DataFrame:
    """Sensitivity of each class with both phases minus with none: whether the rare classes gain, as the paper says."""
    rows = []
    for cells in cell_sets(scored, "9"):
        if not {"proposed", "base"} <= set(cells):
            continue
        first, second = cells["proposed"], cells["base"]
        targets = first.recipe.arrays("test")[0]
        for number, dx in enumerate(first.recipe.classes):
            one, other = (s.classes["recall"][number] for s in (first, second))
            row = {**_labels(first), "dx": dx, "support": int((targets == number).sum())}
            rows.append(row | {"base": 100 * other.value} | difference(one, other))
    return pd.DataFrame(rows)


def split_effects(scored: list[Scored]) -> pd.DataFrame:
    """The same recipe on the paper's split and on the grouped one: ``difference`` is paper minus grouped."""
    pairs: dict[str, dict[str, Scored]] = {}
    for one in scored:
        same = one.recipe.spec.model_copy(update={"split": None, "seed": 0})
        pairs.setdefault(same.model_dump_json(), {})[split_kind(one.recipe.spec)] = one
    rows = []
    for pair in pairs.values():
        if set(pair) != {"paper", "grouped"}:
            continue
        labels = {k: v for k, v in _labels(pair["paper"]).items() if k != "split"}
        for name in METRICS:
            paper, grouped = (pair[kind].overall[name] for kind in ("paper", "grouped"))
            row = {**labels, "cell": phase(pair["paper"].recipe.spec), "metric": name}
            rows.append(row | {"paper": 100 * paper.value, "grouped": 100 * grouped.value} | difference(paper, grouped))
    return pd.DataFrame(rows)


def _compared(contrast: str, first: Scored, second: Scored, row: tuple[str, str], other: tuple[str, str]) -> list[dict]:
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for name in METRICS:
        values = [published.get(f"table{number}.{r}.{name}", np.nan) for number, r in (row, other)]
        base = {**_labels(first), "n": first.n, "contrast": contrast, "metric": name}
        rows.append(
            {**base, "published": values[0] - values[1], **difference(first.overall[name], second.overall[name])}
        )
    return rows


def _labels(one: Scored) -> dict[str, object]:
    return {k: v for k, v in one.recipe.labels().items() if k not in ("model", "seeds")}


def count_signs(frame: pd.DataFrame) -> str:
    """Sentence part: how many differences lie above zero, below it, and neither, each metric apart."""
    parts = []
    for name, rows in frame.groupby("metric", sort=False):
        n = rows["sign"].value_counts()
        counts = ", ".join(f"{n.get(sign, 0)} {sign}" for sign in ("higher", "lower", "undecided"))
        parts.append(f"{name} {counts}")
    return "; ".join(parts)
