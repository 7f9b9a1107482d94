"""What compressing a network comes to: sentences on ``lib.studies.compression.tables.trade_off``."""

import pandas as pd

from lib.evaluation.words import points

BOUND = 0.02  # a loss of accuracy that speed may cost; set after the first results were seen


def bearable(table: pd.DataFrame) -> pd.DataFrame:
    """The compressed variants, controls apart, whose interval leaves no loss beyond ``BOUND``, the fastest first."""
    own = table.iloc[1:]
    own = own[own["learned"] & (own["origin"] != "control") & (own["difference_low"] >= -BOUND)]
    return own.sort_values("median_ms")


def worth_it(table: pd.DataFrame) -> str:
    """The fastest variant of bearable loss, and what the fastest of all loses."""
    base, found = table.iloc[0], bearable(table)
    fast = table[table["learned"]].sort_values("median_ms").head(1)
    if found.empty:
        told = finding(table)
    else:
        least = f"whose interval leaves no loss beyond {100 * BOUND:.0f} points"
        told = f"of the variants {least} ({len(found)}), {_told(found.iloc[0], base)} is the fastest for one image."
    if len(fast) and not fast["variant"].isin([base["variant"], *found["variant"]]).item():
        told += f" The fastest of all that beat the constant answer is {_told(fast.iloc[0], base)}."
    return f"**Worth it**: {told}"


def finding(table: pd.DataFrame) -> str:
    """The fastest variant of bearable loss in a line."""
    found = bearable(table)
    if found.empty:
        return f"No variant is sure to lose at most {100 * BOUND:.0f} points."
    base, best = table.iloc[0], found.iloc[0]
    return f"Worth its loss: {best['variant']}, {_gains(best, base)}, {_loss(best)}"


def _told(row: pd.Series, base: pd.Series) -> str:
    own, theirs = (f"{100 * r['balanced_accuracy']:.1f} %" for r in (row, base))
    return (
        f"{row['variant']} ({row['median_ms']:.1f} ms, {_gains(row, base)}; {100 * row['accuracy']:.1f} %, "
        f"{_loss(row)}; balanced accuracy {own}, the base's {theirs})"
    )


def _gains(row: pd.Series, base: pd.Series) -> str:
    faster, smaller = base["median_ms"] / row["median_ms"], row["file_MiB"] / base["file_MiB"]
    return f"{faster:.1f} times the base's speed, {smaller:.0%} of its file"


def _loss(row: pd.Series) -> str:
    return points(*(100 * row[name] for name in ("difference", "difference_low", "difference_high")))
