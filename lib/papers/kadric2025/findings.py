"""What kadric2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def cleaning(table: pd.DataFrame) -> str:
    accuracy = table[table["metric"] == "accuracy"]
    sizes, detail = (accuracy[accuracy["axis"] == axis] for axis in ("input size", "detail"))
    means = 100 * sizes.groupby(["effect", "evaluated_on"])["estimate"].mean()
    own, common = "own test images", "common test images"
    text = f"""Cleaning DermaMNIST adds **{means["cleaning", own]:+z.1f} points** of accuracy on each edition's own test
        images and {means["cleaning", common]:+z.1f} on images that both share; an input of 224 px instead of 28 adds
        **{means["resolution", common]:+z.1f} points** there"""
    if detail.empty:
        return f"{text}."
    worth = 100 * detail.loc[(detail["effect"] == "resolution") & (detail["evaluated_on"] == common), "estimate"].mean()
    return f"{text}, the detail alone {worth:+z.1f}."


FINDINGS = {
    "07_kadric2025/two_factor": cleaning,
}
