"""What each phase, each setting and the split change: paired differences with intervals, in percentage points."""

import numpy as np
import pandas as pd

from lib.evaluation.resampling import interval
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


def difference(first: Scored, second: Scored, name: str) -> dict[str, float | int]:
    """``name`` of ``first`` minus ``second`` on the same test images, mean over their common seeds.

    The 95 % interval is over resampled lesions, paired; ``sd`` the spread of the difference over seeds.
    """
    common = [s for s in first.seeds if s in second.seeds]
    at = [[one.seeds.index(s) for s in common] for one in (first, second)]
    values = first.values[name][at[0]] - second.values[name][at[1]]
    low, high = interval((first.draws[name][at[0]] - second.draws[name][at[1]]).mean(axis=0))
    return _shown(float(values.mean()), low, high) | {
        "sd": 100 * float(np.std(values, ddof=1)) if len(values) > 1 else np.nan,
        "seeds": len(common),
    }


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
            seeds = set.intersection(*(set(one.seeds) for one in cells.values()))
            for name in ("accuracy", "recall"):
                signs = [difference(one, chosen, name)["sign"] for one in cells.values() if one is not chosen]
                best = max(cells, key=lambda row, cells=cells, seeds=seeds, name=name: cells[row].mean(name, seeds))
                row = {"table": number, **_labels(chosen), "metric": name, "rows": len(cells), "chosen": order[-1]}
                rows.append(row | {"best": best, "below": signs.count("lower"), "above": signs.count("higher")})
    return pd.DataFrame(rows)


def class_effects(scored: list[Scored]) -> pd.DataFrame:
    """Sensitivity of each class with both phases minus with none: whether the rare classes gain, as the paper says."""
    rows = []
    for cells in cell_sets(scored, "9"):
        if not {"proposed", "base"} <= set(cells):
            continue
        first, second = cells["proposed"], cells["base"]
        targets = first.group.arrays("test")[0]
        for number, dx in enumerate(first.group.classes):
            one, other = (_of_class(s, number) for s in (first, second))
            row = {**_labels(first), "dx": dx, "support": int((targets == number).sum())}
            row |= {"base": 100 * second.class_mean("recall", number), **difference(one, other, "recall")}
            rows.append(row)
    return pd.DataFrame(rows)


def split_effects(scored: list[Scored]) -> pd.DataFrame:
    """The same recipe on the paper's split and on the grouped one: ``difference`` is paper minus grouped.

    Two test sets of different lesions: their resamples are independent, and each has its own mean over seeds.
    """
    pairs: dict[str, dict[str, Scored]] = {}
    for one in scored:
        same = one.group.spec.model_copy(update={"split": None, "seed": 0})
        pairs.setdefault(same.model_dump_json(), {})[split_kind(one.group.spec)] = one
    rows = []
    for pair in pairs.values():
        if set(pair) != {"paper", "grouped"}:
            continue
        first, second = pair["paper"], pair["grouped"]
        labels = {k: v for k, v in _labels(first).items() if k != "split"}
        for name in METRICS:
            # Another order for one of them: resample r has nothing to do with the other's resample r.
            draws = first.draws[name].mean(axis=0) - np.roll(second.draws[name].mean(axis=0), 1)
            row = {**labels, "cell": phase(first.group.spec), "metric": name}
            row |= {"paper": 100 * first.mean(name), "grouped": 100 * second.mean(name)}
            row |= _shown(first.mean(name) - second.mean(name), *interval(draws))
            rows.append(row | {"seeds": f"{len(first.seeds)}/{len(second.seeds)}"})
    return pd.DataFrame(rows)


def _compared(contrast: str, first: Scored, second: Scored, row: tuple[str, str], other: tuple[str, str]) -> list[dict]:
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for name in METRICS:
        values = [published.get(f"table{number}.{r}.{name}", np.nan) for number, r in (row, other)]
        base = {**_labels(first), "n": first.n, "contrast": contrast, "metric": name}
        rows.append({**base, "published": values[0] - values[1], **difference(first, second, name)})
    return rows


def _labels(one: Scored) -> dict[str, object]:
    return {k: v for k, v in one.group.labels().items() if k not in ("model", "seeds")}


def _of_class(one: Scored, number: int) -> Scored:
    """``one`` with its overall recall replaced by that of a class, so that differences are made one way."""
    values, draws = one.class_values["recall"][:, number], one.class_draws["recall"][:, :, number]
    return Scored(one.group, {"recall": values}, {"recall": draws}, one.class_values, one.class_draws)


def _shown(value: float, low: float, high: float) -> dict[str, object]:
    """In percentage points, with what the interval says of the sign."""
    sign = "higher" if low > 0 else "lower" if high < 0 else "undecided"
    return {"difference": 100 * value, "low": 100 * low, "high": 100 * high, "sign": sign}


def count_signs(frame: pd.DataFrame) -> str:
    """Sentence part: how many differences lie above zero, below it, and neither, each metric apart."""
    parts = []
    for name, rows in frame.groupby("metric", sort=False):
        n = rows["sign"].value_counts()
        counts = ", ".join(f"{n.get(sign, 0)} {sign}" for sign in ("higher", "lower", "undecided"))
        parts.append(f"{name} {counts}")
    return "; ".join(parts)
