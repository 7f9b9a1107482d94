"""What dhanalakshmi2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def split_effect(table: pd.DataFrame) -> str:
    told = [
        f"**{100 * row['difference']:+z.1f} [{100 * row['difference_low']:+z.1f}, "
        f"{100 * row['difference_high']:+z.1f}] points** on {row['data']} ({row['recipes']} recipes)"
        for row in table.to_dict("records")
    ]
    return f"""Benign against malignant, the paper's image-level split changes accuracy against the grouped one by
        {"; ".join(told)}."""


def ensembles(table: pd.DataFrame) -> str:
    table = table[table["gain"].notna()]
    better, worse = (table["gain_low"] > 0).sum(), (table["gain_high"] < 0).sum()
    return f"""**{better} of {len(table)}** ensembles beat their best member beyond chance (95 %, uncorrected) and
        {worse} lose to it; the median gain is {100 * table["gain"].median():+z.1f} points."""


FINDINGS = {
    "02_dhanalakshmi2025/split_pairs": split_effect,
    "02_dhanalakshmi2025/ensembles": ensembles,
}
