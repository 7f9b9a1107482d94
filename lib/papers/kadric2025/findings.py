"""What kadric2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.evaluation.words import brief, would_show
from lib.papers.kadric2025.factors import NEWEST, PLAIN
from lib.papers.kadric2025.heads import UNTESTED
from lib.papers.kadric2025.settings import DATA
from lib.records import names

RATES = ("recall", "precision")


def cleaning(table: pd.DataFrame) -> str:
    accuracy = table[table["metric"] == "accuracy"]
    sizes, detail = (accuracy[accuracy["axis"] == axis] for axis in ("input size", "detail"))
    means = 100 * sizes.groupby(["effect", "evaluated_on"])["estimate"].mean()
    own, common = "own test images", "common test images"
    n = sizes["backbone"].nunique()
    text = f"""Cleaning DermaMNIST adds, on average over {n} frozen networks, **{means["cleaning", own]:+z.1f} points**
        of accuracy on each edition's own test images and {means["cleaning", common]:+z.1f} on images that both share;
        an input of 224 px instead of 28 adds **{means["resolution", common]:+z.1f} points** there"""
    if detail.empty:
        return f"{text}."
    worth = 100 * detail.loc[(detail["effect"] == "resolution") & (detail["evaluated_on"] == common), "estimate"].mean()
    return f"{text}, the detail alone {worth:+z.1f}."


def factor(table: pd.DataFrame, axis: str) -> str:
    """Cleaning and resolution in points of accuracy over the networks of an axis of notebook 07's two factors."""
    own = table[(table["metric"] == "accuracy") & (table["axis"] == axis)]
    if own.empty:
        return f"Resolution as {axis}: not run."
    worth = {key: _span(rows) for key, rows in own.groupby(["effect", "evaluated_on"])}
    said = {"input size": "**A larger input**", "detail": "**More detail** in an input of one size"}[axis]
    n = own["backbone"].nunique()
    return f"""{said} adds {worth["resolution", "common test images"]} points ({n} frozen network{"s" if n > 1 else ""};
        brackets: how far the intervals reach). Cleaning adds {worth["cleaning", "own test images"]} points on each
        edition's own test images, and {worth["cleaning", "common test images"]} on the images that both share."""


def _span(rows: pd.DataFrame) -> str:
    """Least and largest estimate in points, and how far their intervals reach."""
    low, high = (f"{100 * value:+z.1f}" for value in (rows["estimate"].min(), rows["estimate"].max()))
    bounds = 100 * rows["low"].min(), 100 * rows["high"].max()
    bold = "**" if min(bounds) * max(bounds) > 0 else ""
    return f"{bold}{' to '.join(dict.fromkeys([low, high]))}{bold} [{bounds[0]:+z.1f}, {bounds[1]:+z.1f}]"


def finding(table: pd.DataFrame, cells: pd.DataFrame) -> str:
    """The two factors of notebook 07 in a line, beside what cleaning adds to the constant answer (of ``cells``)."""
    own = table[(table["metric"] == "accuracy") & (table["axis"] == "input size")]
    means = 100 * own.groupby(["effect", "evaluated_on"])["estimate"].mean()
    cleaning, resolution = means["cleaning"], means["resolution"]
    constant = cells.drop_duplicates("data").set_index("data")["majority"]
    plain, clean = (constant[constant.index.isin([DATA[s] for s in of])].iloc[0] for of in (PLAIN, NEWEST))
    return (
        f"Cleaning adds {cleaning['own test images']:z.1f} points when the test set changes with it (the constant "
        f"answer: {100 * (clean - plain):+z.1f}) and {cleaning['common test images']:z.1f} on the same images; a "
        f"larger input adds {resolution['common test images']:z.1f}."
    )


def crossing(sets: pd.DataFrame) -> str:
    """Of each edition, how many test images show a trained lesion, from ``factors.test_sets``."""
    shares = zip(sets["test_set"], 100 * sets["of_a_trained_lesion"], strict=True)
    told = ", ".join(f"{name} {f'{share:.1f} %' if share else 'none'}" for name, share in shares)
    return f"Test images whose lesion was trained on: {told}."


def claims(table: pd.DataFrame) -> str:
    """The differences between heads that the paper's conclusions rest on, in points."""
    rows = table[table["agrees"] != UNTESTED].drop_duplicates("claim") if len(table) else table
    if rows.empty:
        return "No pair of heads was run that the paper compares."
    parts = [
        f"{row['claim']}{_of(row)} {brief(*(100 * row[c] for c in ('ours', 'low', 'high')), ' points')} "
        f"(the paper {100 * row['published']:+z.1f})"
        for row in rows.to_dict("records")
    ]
    return f"**Heads**: {'; '.join(parts)}. {would_show(100 * rows['smallest_seen'])}".strip()


def _of(row: dict) -> str:
    return "" if row["backbone"] == "both" else f" ({names.network(row['backbone'])}, {row['features']})"


def weights(table: pd.DataFrame) -> str:
    """What class weights do to melanoma: recall, precision, and the whole curve."""
    parts = []
    for row in table[table["dx"] == "mel"].to_dict("records"):
        curve = brief(*(100 * row[c] for c in ("ap_difference", "low", "high")), " points")
        rates = [f"{name} {row[f'{name}_effv3']:.2f} → {row[f'{name}_effv4']:.2f}" for name in RATES]
        parts.append(f"{names.network(row['backbone'])} {', '.join(rates)}, average precision {curve}")
    return f"**Melanoma** with class weights: {'; '.join(parts)}." if parts else "Class weights: not run."


FINDINGS = {
    "07_kadric2025/two_factor": cleaning,
}
