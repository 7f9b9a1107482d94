"""What notebook 11 found, in sentences made of its tables."""

import pandas as pd

from lib.evaluation.words import brief, effect, listed
from lib.records import names
from lib.studies.one_protocol.tables import MEASURES

PLAIN = "dhanalakshmi2025"  # its idea is plain fine-tuning
LEVEL = 0.05


def against_plain(pairs: pd.DataFrame, measure: str) -> str:
    """Each idea against plain fine-tuning by one of ``MEASURES``, or that none is seen to differ; table of
    :func:`tables.pairwise`."""
    parts, all_bounds = [], []
    for row in pairs[pairs["measure"] == measure].to_dict("records"):
        if PLAIN in (row["first"], row["second"]):
            sign, idea = (1, row["first"]) if row["second"] == PLAIN else (-1, row["second"])
            bounds = sorted(100 * sign * row[c] for c in ("low", "high"))
            parts.append(f"{idea} {brief(100 * sign * row['difference'], *bounds, ' points')}")
            all_bounds.append(bounds)
    said, lows, highs = measure.replace("_", " "), *zip(*all_bounds, strict=True)
    if max(lows) <= 0 <= min(highs):
        return (
            f"Under one protocol, no idea is seen to differ from plain fine-tuning in {said} "
            f"(intervals within {min(lows):+z.1f} and {max(highs):+z.1f} points)."
        )
    told = "; ".join(parts)
    return f"Under one protocol, {said} against plain fine-tuning (intervals not adjusted for all pairs): {told}."


def ideas(pairs: pd.DataFrame) -> list[str]:
    """:func:`against_plain` for accuracy and for the sensitivity that the ideas trade it for."""
    return [against_plain(pairs, measure) for measure in (MEASURES[0], MEASURES[2])]


def finding(pairs: pd.DataFrame) -> str:
    """The ideas that are more, and less, accurate than plain fine-tuning, by p values adjusted as in the table."""
    own = pairs[(pairs["measure"] == "accuracy") & pairs[["first", "second"]].eq(PLAIN).any(axis=1)]
    flip = own["first"].eq(PLAIN)
    idea = own["second"].where(flip, own["first"])
    gain = own["difference"].where(~flip, -own["difference"])
    beyond = own["p_holm"] < LEVEL
    better, worse = (listed(idea[beyond & side].tolist()) or "none" for side in (gain > 0, gain < 0))
    if not beyond.any():
        return "No idea differs from plain fine-tuning in accuracy beyond chance (adjusted for all pairs)"
    return f"More accurate than plain fine-tuning beyond chance, adjusted for all pairs: {better}; less: {worse}"


def largest(claims: pd.DataFrame, verdict: str) -> str:
    """The claim of a verdict from runs whose effect is largest in standard errors, as words; empty without one."""
    own = claims[(claims["verdict"] == verdict) & claims["evidence"].isin(("direct", "reduced"))]
    if own.empty:
        return ""
    row = own.loc[(own["effect"].abs() / (own["high"] - own["low"])).idxmax()]
    said, told = row["says"].rstrip("."), effect(row["effect"], row["low"], row["high"])
    return f"Most clearly {verdict} ({names.paper(row['paper'])}): “{said}”, {told} ({row['trained']})."


def leakage(grand: pd.DataFrame) -> str:
    """What leakage is worth in the headline values that have a run on both splits."""
    own = grand[grand["leakage"].notna() & (grand["unit"] == "percent")]
    if own.empty:
        return "No headline value has a run on both splits."
    middle, low, high = own["leakage"].agg(["median", "min", "max"])
    return f"""In {len(own)} headline values with the same recipe on both splits, leakage is worth {middle:+z.1f} points
        in the median ({low:+z.1f} to {high:+z.1f})."""


def distance(grand: pd.DataFrame) -> str:
    """How far our runs are from the headline values."""
    own = grand[grand["ours"].notna() & (grand["unit"] == "percent")]
    if own.empty:
        return "No headline value has a run beside it."
    middle, low, high = own["difference"].agg(["median", "min", "max"])
    tested = (own["verdict"] != "not testable").sum()
    rest = f"under the paper's own protocol: {tested} of them, the others come from smaller runs"
    return f"""{len(own)} headline proportions have a run beside them, {middle:+z.1f} points off in the median
        ({low:+z.1f} to {high:+z.1f}); {rest}."""
