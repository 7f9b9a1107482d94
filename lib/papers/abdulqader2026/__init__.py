"""abdulqader2026: ConvNeXt-Tiny with offline and online augmentation on HAM10000 (Tables 2, 7 to 9 and 12 to 15)."""

import pandas as pd

from lib.papers.abdulqader2026.cells import FACTORS, PAPER, cell_deviations, cell_sets, phase_groups, proposed
from lib.papers.abdulqader2026.compression import stored_rows
from lib.papers.abdulqader2026.effects import (
    choices,
    class_effects,
    count_signs,
    phase_effects,
    row_effects,
    split_effects,
)
from lib.papers.abdulqader2026.pictures import augmentation_samples
from lib.papers.abdulqader2026.scores import OVERALL, Scored
from lib.papers.abdulqader2026.tables import (
    ablation_table,
    offline_counts,
    published_tables,
    table_2,
    table_7,
    table_8,
    tolerances,
)
from lib.published.values import load_published
from lib.records.seeds import Recipe, measure

__all__ = [
    "PAPER",
    "ablation_table",
    "augmentation_samples",
    "cell_sets",
    "choices",
    "class_effects",
    "count_signs",
    "measured",
    "offline_counts",
    "phase_effects",
    "phase_groups",
    "published_tables",
    "row_effects",
    "score_all",
    "split_effects",
    "stored_rows",
    "table_2",
    "table_7",
    "table_8",
    "tolerances",
]


def score_all(recipes: list[Recipe], repeats: int) -> list[Scored]:
    """Metrics of every group, once for all tables."""
    return [Scored(recipe, repeats) for recipe in recipes]


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Table 8's column "Acc" equals its recall (notebook 01), so recall stands beside it.
    """
    scored = score_all(recipes, repeats)
    found = []
    for one in proposed(scored):
        base = _common(one, "9", "proposed")
        found += _overall(one, "table7.proposed", base)
        for number, dx in enumerate(one.recipe.classes):
            for name in OVERALL:
                ours = one.classes["recall" if name == "accuracy" else name][number]
                found.append({**base, "published_id": f"table8.{dx}.{name}", "estimate": ours})
        found.append(_peak(one, base))
    for number in FACTORS:
        for cells in cell_sets(scored, number):
            for row, one in cells.items():
                found += _overall(one, f"table{number}.{row}", _common(one, number, row))
    known = set(load_published(PAPER)["id"])
    return pd.DataFrame([row for row in found if row["published_id"] in known])


def _overall(one: Scored, prefix: str, base: dict) -> list[dict]:
    return [{**base, "published_id": f"{prefix}.{name}", "estimate": one.overall[name]} for name in OVERALL]


def _peak(one: Scored, base: dict) -> dict:
    """The highest validation accuracy of any epoch, which the text reads off Figure 6."""
    records = one.recipe.records
    peaks = [r.history["val_accuracy"].max() for r in records]
    found = measure(one.recipe, "accuracy", one.repeats, "val").moved_to(peaks)
    return {**base, "n": records[0].info["n"]["val"], "published_id": "curves.accuracy.peak", "estimate": found}


def _common(one: Scored, number: str, row: str) -> dict:
    labels = one.recipe.labels()
    return {
        "data": labels["data"],
        "split": labels["split"],
        "n": one.recipe.records[0].info["n"]["test"],
        "deviations": cell_deviations(one, number, row),
    }
