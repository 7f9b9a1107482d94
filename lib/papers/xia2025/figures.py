"""Figures of xia2025: losses, features in three dimensions, parts, the smoothing weight, and the subject leak."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.results import TEST, TRAIN, panels, title
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, class_colours, styled
from lib.papers.xia2025.scores import recipe
from lib.records.seeds import Recipe

SPLITS = {"paper": TEST, "grouped": ACCENT}
SPLIT_NAMES = {"paper": "by image, as the paper", "grouped": "by subject or lesion"}
WEIGHTS = {"none": "scratch", "local": "stand-in", "imagenet": "ImageNet"}


def name(group: Recipe) -> str:
    """Title of a panel: the paper's row, what was trained, and how."""
    row = "" if title(group).startswith(f"{group.paper_model} ") else f"{group.paper_model}\n"
    return f"{row}{title(group)}\n{recipe(group.spec)}"


@styled
def loss_curves(recipes: list[Recipe], columns: int = 4) -> Figure:
    """Loss per epoch on training and validation images, one panel per model, one thin line per seed."""
    figure, axes = panels(len(recipes), columns, 2.4)
    for ax, group in zip(axes, recipes, strict=True):
        for number, record in enumerate(group.records):
            h = record.history
            for column, colour, label in (("train_loss", TRAIN, "training"), ("val_loss", ACCENT, "validation")):
                ax.plot(h["epoch"], h[column], color=colour, lw=1.2, label=label if number == 0 else None)
            ax.axvline(record.info["best_epoch"], color=NEUTRAL, lw=0.6, ls=":")
        ax.set_title(name(group), fontsize=7)
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss (nats)")
        ax.set_ylim(bottom=0)
        ax.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=2, frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def feature_clouds(found: list[tuple[Recipe, pd.DataFrame, pd.DataFrame]], columns: int = 3) -> Figure:
    """Three principal components of the test images' pre-logit features: one panel per model, one colour per class."""
    columns = min(columns, len(found))
    rows = -(-len(found) // columns)
    figure = plt.figure(figsize=(WIDTH, 2.9 * rows))
    for number, (group, points, summary) in enumerate(found):
        ax = figure.add_subplot(rows, columns, number + 1, projection="3d")
        for target, (dx, colour) in enumerate(zip(group.classes, class_colours(group.classes), strict=True)):
            of_class = points[points["target"] == target]
            ax.scatter(of_class["pc1"], of_class["pc2"], of_class["pc3"], s=7, color=colour, lw=0, label=dx)
        shares = [f"{100 * summary[f'variance_{i}'].iloc[0]:.0f} %" for i in (1, 2, 3)]
        for axis, share, number_ in zip((ax.set_xlabel, ax.set_ylabel, ax.set_zlabel), shares, (1, 2, 3), strict=True):
            axis(f"PC{number_} ({share})", fontsize=6, labelpad=-12)
        ax.set_xticklabels([])
        ax.set_yticklabels([])
        ax.set_zticklabels([])
        ax.set_title(f"{name(group)}\nn = {len(points)}", fontsize=6.5)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=4, frameon=False, fontsize=7, loc="outside upper center", markerscale=1.5)
    return figure


@styled
def part_gains(table: pd.DataFrame) -> Figure:
    """Accuracy of each part of ICN-T minus the plain network's, on the same test images, with 95 % intervals.

    One panel per network and split whose parts were tried; where only one part was, its rows share one panel per split.
    """
    keys = ["data", "backbone", "weights", "px", "lr", "split"]
    rows = table[table["gain"].notna() & (table["part"] != "none")]
    alone = rows.groupby(keys)["part"].transform("size") == 1
    drawn = [(_setting(*key), part, part["part"]) for key, part in rows[~alone].groupby(keys, sort=False)]
    for (part, data, split), own in rows[alone].groupby(["part", "data", "split"], sort=False):
        drawn.append(
            (
                f"{part}, other settings: {data}\nsplit {SPLIT_NAMES[split]}",
                own,
                [_network(row) for _, row in own.iterrows()],
            )
        )
    figure, axes = panels(len(drawn), 2, 2.1)
    for ax, (heading, part, labels) in zip(axes, drawn, strict=True):
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for place, (_, row) in enumerate(part.iterrows()):
            colour = SPLITS[row["split"]]
            ax.plot([100 * row["gain_low"], 100 * row["gain_high"]], [place, place], color=colour, lw=1.5)
            ax.plot(100 * row["gain"], place, "o", color=colour, ms=4)
        ax.set_yticks(range(len(part)), labels, fontsize=7)
        ax.set_ylim(len(part) - 0.5, -0.5)
        ax.set_title(heading, fontsize=7)
        n, draws = ("/".join(str(v) for v in sorted(set(part[c]))) for c in ("n", "draws"))
        ax.set_xlabel(f"gain in accuracy (points), n = {n}, draws: {draws}", fontsize=7)
    return figure


def _setting(data: str, backbone: str, weights: str, px: int, lr: float, split: str) -> str:
    network = f"{backbone.split('.')[0]}, weights: {weights}\n{px} px, lr {lr:g}"
    return f"{data}, split {SPLIT_NAMES[split]}\n{network}"


def _network(row: pd.Series) -> str:
    return f"{row['backbone'].split('.')[0]}, {WEIGHTS[row['weights']]}\n{row['px']} px, lr {row['lr']:g}"


@styled
def lambda_curve(table: pd.DataFrame) -> Figure:
    """Test accuracy of ICN-T against the smoothing loss's weight, with 95 % intervals; dotted: the paper's 0.05."""
    figure, ax = plt.subplots(figsize=(0.75 * WIDTH, 2.8))
    least = table.loc[table["lambda"] > 0, "lambda"].min()
    for shift, (kind, part) in enumerate(table.groupby("split", sort=False)):
        x = part["lambda"].where(part["lambda"] > 0, least / 10) * (1 + 0.12 * shift)
        y, low, high = (100 * part[c].to_numpy() for c in ("accuracy", "low", "high"))
        ax.errorbar(x, y, [y - low, high - y], color=SPLITS[kind], marker="o", ms=4, lw=1.2, elinewidth=1,
                    label=f"{SPLIT_NAMES[kind]}, n = {part['n'].iloc[0]}")  # fmt: skip
    ax.set_xscale("log")
    ticks = sorted(set(table["lambda"]))
    ax.set_xticks([t or least / 10 for t in ticks], [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.axvline(0.05, color=NEUTRAL, lw=0.8, ls=":")
    ax.set_xlabel("weight of the smoothing loss")
    ax.set_ylabel("accuracy (%)")
    ax.legend(frameon=False, fontsize=7)
    return figure


@styled
def leak_chart(table: pd.DataFrame) -> Figure:
    """Accuracy of every recipe on the paper's split and on the grouped one, and the difference's 95 % interval."""
    rows = table.reset_index(drop=True)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(WIDTH, 1.0 + 0.22 * len(rows)), sharey=True, width_ratios=(1.2, 1)
    )
    for place, row in rows.iterrows():
        left.plot([100 * row["accuracy_grouped"], 100 * row["accuracy_paper"]], [place, place], color=NEUTRAL, lw=1)
        for kind, colour in SPLITS.items():
            left.plot(100 * row[f"accuracy_{kind}"], place, "o", color=colour, ms=4,
                      label=SPLIT_NAMES[kind] if place == 0 else None)  # fmt: skip
        right.plot([100 * row["difference_low"], 100 * row["difference_high"]], [place, place], color="black", lw=1.2)
        right.plot(100 * row["difference"], place, "o", color="black", ms=3.5)
    right.axvline(0, color=NEUTRAL, lw=0.8)
    left.set_yticks(range(len(rows)), [_row_name(row) for _, row in rows.iterrows()], fontsize=6.5)
    left.invert_yaxis()
    left.set_xlabel("accuracy (%)")
    right.set_xlabel("difference (points)")
    figure.legend(*left.get_legend_handles_labels(), ncols=2, frameon=False, fontsize=7, loc="outside upper center")
    return figure


def _row_name(row: pd.Series) -> str:
    if pd.isna(row.get("lr")):
        return f"{row['data']} · {row['model']}"
    weights = WEIGHTS[row["weights"]]
    lam = f", λ {row['lambda']:g}" if row["lambda"] not in (0, 0.05) or row["model"] == "iconvnext_tiny" else ""
    return (
        f"{row['data']} · {row['model']}: {row['backbone'].split('.')[0]} {row['px']:.0f} px, {weights}, "
        f"lr {row['lr']:g}, {row['epochs']:.0f} ep.{lam}"
    )
