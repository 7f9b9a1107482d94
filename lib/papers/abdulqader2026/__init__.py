"""abdulqader2026: ConvNeXt-Tiny with offline and online augmentation on HAM10000 (Tables 2, 7 to 9 and 12 to 15)."""

import pandas as pd

from lib.papers.abdulqader2026.cells import FACTORS, PAPER, cell_deviations, cell_sets, proposed
from lib.papers.abdulqader2026.compression import stored_rows
from lib.papers.abdulqader2026.scores import OVERALL, of_classes, overall
from lib.published.compare import answers
from lib.records.draws import Drawn
from lib.records.seeds import Recipe

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
            ours = of_classes(one, "recall" if name == "accuracy" else name, repeats)
            for dx, of_class in zip(one.first.classes, ours, strict=True):
                found.append({**base, "published_id": f"table8.{dx}.{name}", "estimate": 0.01 * of_class})
        # The highest validation accuracy of any epoch, which the text reads off Figure 6.
        highest = [r.history["val_accuracy"].max() for r in one.records.values()]
        peak = one.measure("accuracy", repeats, "val").moved_to(highest)
        n = one.first.records[0].info["n"]["val"]
        found.append({**base, "n": n, "published_id": "curves.accuracy.peak", "estimate": peak})
    for number in FACTORS:
        for cells in cell_sets(recipes, number):
            for row, one in cells.items():
                base = {**one.place(), "deviations": cell_deviations(one, number, row)}
                found += _overall(one, f"table{number}.{row}", base, repeats)
    return answers(PAPER, found)


def _overall(one: Drawn, prefix: str, base: dict, repeats: int) -> list[dict]:
    return [
        {**base, "published_id": f"{prefix}.{name}", "estimate": 0.01 * overall(one, name, repeats)} for name in OVERALL
    ]
