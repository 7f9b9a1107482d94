"""abdulqader2026: ConvNeXt-Tiny with offline and online augmentation on HAM10000 (Tables 2, 7 to 9 and 12 to 15)."""

import pandas as pd

from lib.papers.abdulqader2026.cells import FACTORS, PAPER, cell_deviations, cell_sets, proposed
from lib.papers.abdulqader2026.compression import stored_rows
from lib.papers.abdulqader2026.scores import METRICS, OF_CLASS, OVERALL
from lib.published.compare import answers
from lib.records.seeds import Recipe, measure, measure_classes

__all__ = ["PAPER", "measured", "stored_rows"]


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Table 8's column "Acc" equals its recall (notebook 01), so recall stands beside it.
    """
    found = []
    for one in proposed(recipes):
        base = {**one.place(), "deviations": cell_deviations(one, "9", "proposed")}
        found += _overall(one, "table7.proposed", base, repeats)
        for name in OVERALL:
            metric = OF_CLASS["recall" if name == "accuracy" else name]
            for dx, ours in zip(one.classes, measure_classes(one, metric, repeats), strict=True):
                found.append({**base, "published_id": f"table8.{dx}.{name}", "estimate": ours})
        # The highest validation accuracy of any epoch, which the text reads off Figure 6.
        peak = measure(one, "accuracy", repeats, "val").moved_to([r.history["val_accuracy"].max() for r in one.records])
        n = one.records[0].info["n"]["val"]
        found.append({**base, "n": n, "published_id": "curves.accuracy.peak", "estimate": peak})
    for number in FACTORS:
        for cells in cell_sets(recipes, number):
            for row, one in cells.items():
                base = {**one.place(), "deviations": cell_deviations(one, number, row)}
                found += _overall(one, f"table{number}.{row}", base, repeats)
    return answers(PAPER, found)


def _overall(one: Recipe, prefix: str, base: dict, repeats: int) -> list[dict]:
    return [
        {**base, "published_id": f"{prefix}.{name}", "estimate": measure(one, METRICS[name], repeats)}
        for name in OVERALL
    ]
