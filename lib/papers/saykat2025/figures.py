"""Figure of notebook 06: what the mean of the models gains over each of them."""

import pandas as pd
from matplotlib.figure import Figure

from lib.figures.forest import Block, Series, forest, series
from lib.figures.results import SPLITS
from lib.figures.style import styled
from lib.records import names

KEYS = ["model", "backbone", "weights", "trained", "px"]


@styled
def mean_minus_members(deltas: pd.DataFrame) -> Figure:
    """Accuracy of the mean minus that of each member in points: the published difference (diamond) beside ours with its
    95 % interval, on the paper's split and on the grouped one."""
    members = deltas[KEYS].drop_duplicates()
    printed = 100 * members.merge(deltas.drop_duplicates(KEYS), how="left")["accuracy_published"].to_numpy()
    drawn = [Series("published", printed, colour="black", marker="D", hollow=True)]
    for split, (colour, label) in SPLITS.items():
        own = members.merge(deltas[deltas["split"] == split], how="left")
        if own["accuracy"].notna().any():
            drawn.append(series(own, "accuracy", f"ours, {label}", colour=colour))
    labels = [names.trained(row) for row in members.to_dict("records")]
    return forest([Block("", labels, drawn)], "accuracy of the mean minus a member's (points)")
