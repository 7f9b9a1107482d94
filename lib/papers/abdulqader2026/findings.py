"""What abdulqader2026 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def phases(table: pd.DataFrame) -> str:
    rows = table[(table["metric"] == "accuracy") & (table["contrast"] == "both phases")]
    told = [
        f"{row['difference']:+z.1f} points [{row['low']:+z.1f}, {row['high']:+z.1f}] ({row['backbone']}, "
        f"{row['px']} px, {row['split']} split)"
        for row in rows.to_dict("records")
    ]
    return f"""abdulqader2026's two augmentation phases together change accuracy by **{"; ".join(told)}**; the paper
        prints {rows["published"].iloc[0]:+z.1f}."""


def choices(table: pd.DataFrame) -> str:
    agree = (table["best"] == table["chosen"]).sum()
    return f"""abdulqader2026's choice of network, input size, optimizer and batch comes first in **{agree} of
        {len(table)}** comparisons; beyond chance {table["above"].sum()} alternatives beat it and
        {table["below"].sum()} lose to it."""


FINDINGS = {
    "03_abdulqader2026/phase_effects": phases,
    "05_ablations/choices": choices,
}
