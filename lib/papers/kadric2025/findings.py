"""What kadric2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def _names(table: pd.DataFrame) -> str:
    return ", ".join(table["backbone"].unique())


def cleaning(table: pd.DataFrame) -> str:
    accuracy = table[table["metric"] == "accuracy"]
    sizes, detail = (accuracy[accuracy["axis"] == axis] for axis in ("input size", "detail"))
    means = 100 * sizes.groupby(["effect", "evaluated_on"])["estimate"].mean()
    own, common = "own test images", "common test images"
    text = f"""DermaMNIST against DermaMNIST-C, mean of frozen {_names(sizes)}: cleaning is worth
        {means["cleaning", own]:+z.1f} points of accuracy on each edition's own test images and
        **{means["cleaning", common]:+z.1f} points** on the images that both have; 224 instead of 28 pixels are worth
        **{means["resolution", common]:+z.1f} points** on those as the network's input"""
    if detail.empty:
        return f"{text}."
    worth = 100 * detail.loc[(detail["effect"] == "resolution") & (detail["evaluated_on"] == common), "estimate"].mean()
    return f"{text}, and **{worth:+z.1f} points** as detail of images enlarged to 224 ({_names(detail)})."


FINDINGS = {
    "07_kadric2025/two_factor": cleaning,
}
