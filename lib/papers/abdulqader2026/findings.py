"""What abdulqader2026 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def phases(table: pd.DataFrame) -> str:
    rows = table[(table["metric"] == "accuracy") & (table["contrast"] == "both phases")]
    told = [
        f"{row['difference']:+z.1f} [{row['low']:+z.1f}, {row['high']:+z.1f}] points ({row['backbone']}, "
        f"{row['px']} pixels, {row['split']} split)"
        for row in rows.to_dict("records")
    ]
    return f"""Both augmentation phases of abdulqader2026 together change accuracy by **{"; ".join(told)}**; the paper
        prints {rows["published"].iloc[0]:+z.1f}."""


def choices(table: pd.DataFrame) -> str:
    agree = (table["best"] == table["chosen"]).sum()
    return f"""abdulqader2026's choice of size, pixels, optimizer and batch has the highest value in
        **{agree} of {len(table)}** comparisons that were run; {table["above"].sum()} other rows lie above it beyond
        chance, {table["below"].sum()} below."""


FINDINGS = {
    "03_abdulqader2026/phase_effects": phases,
    "05_ablations/choices": choices,
}
