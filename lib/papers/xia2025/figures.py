"""Figures of xia2025: features, parts, the smoothing weight, and the subject leak."""

import pandas as pd
from matplotlib.figure import Figure

from lib.figures.forest import Block, Series, forest, key_above, series
from lib.figures.results import SPLITS, heading
from lib.figures.style import NEUTRAL, class_colours, class_names, panels, styled, text_height
from lib.papers.xia2025.scores import loss_weight, recipe
from lib.records import names
from lib.records.seeds import Recipe


def settings(group: Recipe) -> str:
    """What else tells two runs apart here: learning rate and epochs."""
    return recipe(group.spec)


@styled
def feature_clouds(found: list[tuple[Recipe, pd.DataFrame, pd.DataFrame]]) -> Figure:
    """First two principal components of the test images' pre-logit features with their share of the variance, coloured
    by class; one panel per model. A network that gives all images the same features has none and is left out."""
    found = [one for one in found if one[2]["variance_1"].notna().iloc[0]]
    headings = [heading(group, settings) for group, _, _ in found]
    figure, axes = panels(len(found), 2, 2.2 + text_height(*headings))
    for ax, (group, points, summary), text in zip(axes, found, headings, strict=True):
        drawn = []
        named = zip(class_names(group.classes), class_colours(group.classes), strict=True)
        for target, (name, colour) in enumerate(named):
            own = points[points["target"] == target]
            drawn.append(ax.scatter(own["pc1"], own["pc2"], s=9, color=colour, lw=0, label=name))
        shares = [f"PC{i} ({summary[f'variance_{i}'].iloc[0]:.0%})" for i in (1, 2)]
        ax.set(title=text, xlabel=shares[0], ylabel=shares[1], xticks=[], yticks=[])
    key_above(figure, drawn)
    return figure


@styled
def part_gains(table: pd.DataFrame) -> Figure:
    """Accuracy of each part of ICN-T minus the plain network's, on the same test images, with 95 % intervals, paper's
    split above the grouped one; networks and settings that were run with one part alone share a panel."""
    rows = table[table["gain"].notna() & (table["part"] != "none")]
    part, data = rows["part"].str.replace("_", " "), rows["data"].map(names.data_set)
    made = rows.apply(_made, axis=1)
    several = rows.groupby(["data", made])["part"].transform("nunique") > 1
    title = data + ": " + made.where(several, part + ", other networks and settings")
    blocks = []
    for words, own in rows.assign(label=part.where(several, made)).groupby(title, sort=False):
        by_split = own.drop_duplicates(["label", "split"]).set_index(["split", "label"])
        labels = list(dict.fromkeys(own["label"]))
        drawn = []
        for split, (colour, name) in SPLITS.items():
            found = by_split.reindex(pd.MultiIndex.from_product([[split], labels]))
            drawn.append(series(found, "gain", name, colour=colour))
        blocks.append(Block(words, labels, drawn))
    return forest(blocks, "gain in accuracy (points)", sharex=True)


def _made(row: pd.Series) -> str:
    return f"{names.trained(row)}, lr {row['lr']:g}, {row['epochs']} epochs"


@styled
def lambda_curve(table: pd.DataFrame) -> Figure:
    """Test accuracy of one network with all parts against the smoothing loss's weight, with 95 % intervals; dotted: the
    paper's 0.05."""
    figure, (ax,) = panels(1, 1, 3)
    least = table.loc[table["lambda"] > 0, "lambda"].min()
    drawn = []
    for shift, (kind, part) in enumerate(table.groupby("split", sort=False)):
        x = part["lambda"].where(part["lambda"] > 0, least / 10) * (1 + 0.12 * shift)
        y, low, high = (100 * part[c].to_numpy() for c in ("accuracy", "low", "high"))
        colour, label = SPLITS[kind]
        drawn.append(ax.errorbar(x, y, [y - low, high - y], color=colour, marker="o", lw=1.2, elinewidth=1,
                                 label=f"{label}, n = {part['n'].iloc[0]}"))  # fmt: skip
    ax.set_xscale("log")
    ticks = sorted(set(table["lambda"]))
    ax.set_xticks([t or least / 10 for t in ticks], [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.axvline(0.05, color=NEUTRAL, lw=0.8, ls=":")
    # Of three draws, an interval may leave the range of an accuracy.
    ax.set(xlabel="weight of the smoothing loss", ylabel="accuracy (%)", ylim=(0, 100))
    made = table.iloc[0].drop("model")
    key_above(figure, drawn, f"all parts on {names.trained(made)}; draws: {made['draws']}")
    return figure


@styled
def leak_chart(table: pd.DataFrame) -> Figure:
    """Accuracy of every recipe on the paper's split, by image, and on the grouped one, by subject or lesion; behind the
    name their difference in points with its 95 % interval."""
    blocks = []
    for data, rows in table.groupby("data", sort=False):
        labels = [
            f"{_row_name(row)}: {100 * row['difference']:+.0f} [{100 * row['difference_low']:+.0f}, "
            f"{100 * row['difference_high']:+.0f}]" for row in rows.to_dict("records")
        ]  # fmt: skip
        drawn = [Series(label, 100 * rows[f"accuracy_{kind}"].to_numpy(), colour=colour)
                 for kind, (colour, label) in SPLITS.items()]  # fmt: skip
        blocks.append(Block(names.data_set(data), labels, drawn))
    return forest(blocks, "accuracy (%)", zero=None, step=0.02, sharex=True)


def _row_name(row: dict) -> str:
    if pd.isna(row.get("lr")):
        return str(row["model"])
    weight = f", smoothing loss {row['lambda']:g}" if row["lambda"] != loss_weight(row["model"]) else ""
    return f"{names.trained(row)}, lr {row['lr']:g}{weight}"
