"""Tables as a reader sees them; the CSV beside each keeps every column."""

import html

import pandas as pd

# What a run was made of: said once, above the table, where all rows agree.
SETTINGS = ("data", "dataset", "split", "backbone", "weights", "trained", "px", "pixels", "seeds", "axis", "lr",
            "epochs", "batch", "n")  # fmt: skip
# Hyperparameters over orders of magnitude: a fixed number of decimals would show 5e-6 as 0.000.
SCALES = ("lr", "lambda")


def as_html(frame: pd.DataFrame, decimals: int) -> str:
    """``frame`` as an HTML table, floats with ``decimals``, those of :data:`SCALES` with all digits that count.

    A dash stands for what is missing; counts with missing ones stay integers (660, not 660.0). Columns of
    :data:`SETTINGS` with one value in all of several rows are named in the caption instead.
    """
    common = {}
    if len(frame) > 1:
        common = {c: frame[c].iloc[0] for c in frame if c in SETTINGS and frame[c].nunique(dropna=False) == 1}
        common = {c: v for c, v in common.items() if pd.notna(v)}
    shown = frame.drop(columns=list(common)) if len(common) < len(frame.columns) else frame
    shown = shown.assign(**{c: shown[c].map("{:g}".format, na_action="ignore") for c in SCALES if c in shown})
    numbers = [c for c in shown if pd.api.types.is_numeric_dtype(shown[c]) and shown[c].isna().any()]
    counts = [c for c in numbers if shown[c].notna().any() and (shown[c].dropna() % 1 == 0).all()]
    shown = shown.assign(**{c: [str(int(v)) if pd.notna(v) else "–" for v in shown[c]] for c in counts})
    shown = shown.where(shown.notna(), "–")
    with pd.option_context("display.max_colwidth", None):  # sentences in full
        table = shown.to_html(index=False, float_format=lambda x: f"{x:.{decimals}f}", border=0)
    if len(shown.columns) == len(frame.columns):
        return table
    said = "; ".join(f"{name} {value}" for name, value in common.items())
    head, rest = table.split("\n", 1)
    return f"{head}\n  <caption>in all rows: {html.escape(said)}</caption>\n{rest}"
