"""What dhanalakshmi2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def split_effect(table: pd.DataFrame) -> str:
    mean = 100 * table["difference"].mean()
    above, below = (table["difference_low"] > 0).sum(), (table["difference_high"] < 0).sum()
    return f"""Benign against malignant, {len(table)} recipes: accuracy on the paper's image-level split is on average
        **{abs(mean):.1f} points {"higher" if mean > 0 else "lower"}** than on the grouped one; the 95 % interval of the
        difference lies above zero in {above} and below zero in {below} of them."""


def ensembles(table: pd.DataFrame) -> str:
    better, worse = (table["gain_low"] > 0).sum(), (table["gain_high"] < 0).sum()
    return f"""**{better} of {len(table)}** combinations of ensemble, strategy and setting beat their best member beyond
        chance (95 %, uncorrected), {worse} fall below it; the median gain is
        {100 * table["gain"].median():+z.1f} points."""


FINDINGS = {
    "02_dhanalakshmi2025/split_effect": split_effect,
    "02_dhanalakshmi2025/ensembles": ensembles,
}
