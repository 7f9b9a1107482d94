"""Figures 3 and 6 and charts of what phases and settings change."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.figures.results import TEST, TRAIN
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.papers.abdulqader2026.cells import PHASES
from lib.papers.abdulqader2026.scores import Scored
from lib.records.measurements import Measurement

NAMES = {"base": "base", "offline": "+ offline", "online": "+ online", "proposed": "both (proposed)"}
SIGNS = {"higher": "#009E73", "lower": "#D55E00", "undecided": NEUTRAL}
COLUMNS = 7


@styled
def transform_samples(stored: Measurement) -> Figure:
    """Every transform of Table 3 alone, all together, MixUp and CutMix, on two training images (as Figure 3)."""
    picture, tiles, sources = stored.picture("picture"), stored.table("tiles"), stored.table("sources")
    side, lines = picture.shape[0] // len(sources), -(-len(tiles) // COLUMNS)
    figure, axes = plt.subplots(
        lines * len(sources), COLUMNS, figsize=(WIDTH, 1.28 * lines * len(sources)), squeeze=False
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for tile in tiles.itertuples():
        for row in range(len(sources)):
            ax = axes[len(sources) * (tile.column // COLUMNS) + row, tile.column % COLUMNS]
            ax.imshow(picture[row * side : (row + 1) * side, tile.column * side : (tile.column + 1) * side])
            if row == 0:
                note = "" if pd.isna(tile.note) else f"\n{tile.note}"
                ax.set_title(tile.name.replace("_", " ") + note, fontsize=7, pad=2, loc="center")
    text = "Rows: " + ", ".join(f"{s.dx} ({s.image_id})" for s in sources.itertuples())
    figure.supxlabel(textwrap.fill(f"{text}. {sources['attribution'][0]}", 150), fontsize=6, x=0.01, ha="left")
    return figure


@styled
def ablation_curves(cells: dict[str, Scored]) -> Figure:
    """Loss and accuracy per epoch on training and validation images for the four rows of Table 9 (as Figure 6).

    One thin line per seed. Training images are mixed or copied where a phase does so, so that their loss and accuracy
    are of a harder task; validation images never are.
    """
    shown = [p for p in PHASES if p in cells]
    figure, axes = plt.subplots(2, len(shown), figsize=(WIDTH, 4.2), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(shown):
        records = cells[name].recipe.records
        for line, (quantity, scale) in enumerate((("loss", 1), ("accuracy", 100))):
            ax = axes[line, column]
            for number, record in enumerate(records):
                h = record.history
                for part, colour, label in (("train", TRAIN, "training"), ("val", TEST, "validation")):
                    ax.plot(h["epoch"], scale * h[f"{part}_{quantity}"], color=colour, lw=1.2, marker=".", ms=3,
                            label=label if number == 0 else None)  # fmt: skip
            ax.xaxis.get_major_locator().set_params(integer=True)
        axes[0, column].set_title(f"{NAMES[name]}\nseeds = {len(records)}", fontsize=8)
        axes[1, column].set_xlabel("epoch")
    axes[0, 0].set_ylabel("smoothed loss")
    axes[1, 0].set_ylabel("accuracy (%)")
    axes[0, 0].legend(frameon=False, fontsize=7)
    labels = cells[shown[0]].recipe.labels()
    n = records[0].info["n"]
    made = f"{labels['backbone']} (weights: {labels['weights']}), {labels['px']} px"
    text = f"{made}, {labels['data']}, {labels['split']} split; validation n = {n['val']}"
    figure.suptitle(text, fontsize=8, x=0.01, ha="left")
    return figure


@styled
def effect_chart(effects: pd.DataFrame, metrics: tuple[str, ...] = ("accuracy", "recall", "ece")) -> Figure:
    """Differences in percentage points with 95 % intervals: one panel per metric, one block per setting."""
    keys = ["data", "split", "backbone", "weights", "px"]
    rows = effects[effects["metric"].isin(metrics)]
    settings = rows[keys].drop_duplicates().to_records(index=False).tolist()
    contrasts = rows["contrast"].drop_duplicates().tolist()
    height = 0.9 + (0.22 * len(contrasts) + 0.5) * len(settings)
    figure, axes = plt.subplots(
        len(settings), len(metrics), figsize=(WIDTH, height), sharex="col", sharey=True, squeeze=False
    )
    for line, key in zip(axes, settings, strict=True):
        for ax, metric in zip(line, metrics, strict=True):
            part = rows[(rows[keys] == list(key)).all(axis=1) & (rows["metric"] == metric)]
            ax.axvline(0, color=NEUTRAL, lw=0.8)
            for row in part.itertuples():
                y = contrasts.index(row.contrast)
                ax.plot([row.low, row.high], [y, y], color=SIGNS[row.sign], lw=1.5)
                ax.plot(row.difference, y, "o", color=SIGNS[row.sign], ms=4)
                if metric != "ece":
                    ax.plot(row.published, y, "D", color="black", ms=4, mfc="none")
            ax.set_yticks(range(len(contrasts)), contrasts, fontsize=7)
            ax.set_ylim(len(contrasts) - 0.5, -0.5)
        data, split, backbone, weights, px = key
        n = part["n"].iloc[0]
        line[0].set_title(f"{data}, {split} split, n = {n}; {backbone} (weights: {weights}), {px} px", fontsize=7)
    for ax, metric in zip(axes[-1], metrics, strict=True):
        name = {"recall": "macro recall", "ece": "ECE, less is better", "auc": "macro AUC"}.get(metric, metric)
        ax.set_xlabel(f"{name} (points)", fontsize=8)
    handles = [plt.Line2D([], [], color=c, marker="o", lw=1.5, ms=4, label=s) for s, c in SIGNS.items()]
    handles.append(plt.Line2D([], [], color="black", marker="D", mfc="none", ls="none", ms=4, label="published"))
    figure.legend(handles=handles, ncols=4, frameon=False, fontsize=7, loc="outside upper center")
    return figure


@styled
def ablation_chart(tables: dict[str, pd.DataFrame]) -> Figure:
    """Accuracy of each row of Tables 12 to 15 with its 95 % interval, one panel per table; diamond: published."""
    panels = [
        (number, key, part.reset_index(drop=True))
        for number, table in tables.items()
        for key, part in table.groupby(["data", "split", "weights"], sort=False)
    ]
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(WIDTH, 0.4 + 1.7 * lines), squeeze=False)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax, (number, (data, split, weights), part) in zip(axes.flat, panels, strict=False):
        for y, row in part.iterrows():
            ax.plot([row["accuracy_low"], row["accuracy_high"]], [y, y], color=ACCENT, lw=1.5)
            ax.plot(row["accuracy"], y, "o", color=ACCENT, ms=4)
            ax.plot(row["accuracy_published"], y, "D", color="black", ms=4, mfc="none")
        names = [f"{row} ({px} px)" if number == "13" else row for row, px in zip(part["row"], part["px"], strict=True)]
        ax.set_yticks(np.arange(len(part)), names, fontsize=7)
        ax.set_ylim(len(part) - 0.5, -0.5)
        made = ", ".join(dict.fromkeys(part["backbone"])) if number != "12" else "several backbones"
        ax.set_title(
            f"Table {number}: {data}, {split} split, n = {part['n'][0]}\n{made} (weights: {weights})", fontsize=7
        )
        ax.set_xlabel("accuracy (%)", fontsize=8)
    handles = [
        plt.Line2D(
            [], [], color=ACCENT, marker="o", lw=1.5, ms=4, label="ours, 95 % interval (reduced runs: see table)"
        ),
        plt.Line2D([], [], color="black", marker="D", mfc="none", ls="none", ms=4, label="published"),
    ]
    figure.legend(handles=handles, ncols=2, frameon=False, fontsize=7, loc="outside upper center")
    return figure
