"""Figures 3 and 6 and charts of what phases and settings change."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.evaluation.words import draws
from lib.figures.forest import Block, Series, forest, key_above, series
from lib.figures.pictures import tiles
from lib.figures.results import SPLITS, TEST, TRAIN, constant_answer, setting
from lib.figures.style import panels, styled
from lib.papers.abdulqader2026.cells import PHASES
from lib.records import names
from lib.records.draws import Drawn
from lib.records.measurements import Measurement
from lib.records.seeds import Recipe

NAMES = {"base": "base", "offline": "+ offline", "online": "+ online", "proposed": "both (proposed)"}
METRICS = {"accuracy": "Accuracy", "recall": "Balanced accuracy", "ece": "Calibration error, less is better"}


@styled
def transform_samples(stored: Measurement) -> Figure:
    """Every transform of Table 3 alone, all together, MixUp and CutMix, on two training images (as Figure 3)."""
    picture, table, sources = stored.picture("picture"), stored.table("tiles"), stored.table("sources")
    cells = []
    for column, tile in zip(np.hsplit(picture, len(table)), table.itertuples(), strict=True):
        note = tile.name.replace("_", " ") + ("" if pd.isna(tile.note) else f" {tile.note}")
        cells.append((column, textwrap.fill(note, 13)))
    text = "Above and below: " + ", ".join(f"{s.dx} ({s.image_id})" for s in sources.itertuples())
    return tiles(cells, 4, f"{text}. {sources['attribution'][0]}")


@styled
def ablation_curves(cells: dict[str, Drawn]) -> Figure:
    """Loss and accuracy per epoch on training and validation images for the four rows of Table 9 (as Figure 6), one
    thin line per draw. Training images are mixed or copied where a phase does so: theirs is a harder task."""
    shown = [p for p in PHASES if p in cells]
    figure, axes = panels(2 * len(shown), 2, 1.9, sharex=True, sharey="col")
    for line, name in enumerate(shown):
        records = list(cells[name].records.values())
        for ax, quantity, scale in ((axes[2 * line], "loss", 1), (axes[2 * line + 1], "accuracy", 100)):
            for record in records:
                h = record.history
                drawn = [
                    ax.plot(h["epoch"], scale * h[f"{part}_{quantity}"], color=colour, lw=1.2, label=label)[0]
                    for part, colour, label in (("train", TRAIN, "training"), ("val", TEST, "validation"))
                ]
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.set_ylabel("smoothed loss" if quantity == "loss" else "accuracy (%)")
        axes[2 * line].set_title(f"{NAMES[name]}, {draws(len(records))}")
    for ax in axes[-2:]:
        ax.set_xlabel("epoch")
    labels = cells[shown[0]].first.labels()
    made = f"{names.trained({**labels, 'model': 'convnext_tiny'})}\n{setting(labels)}"
    key_above(figure, drawn, f"{made}; validation n = {records[0].info['n']['val']:,}")
    return figure


@styled
def effect_chart(effects: pd.DataFrame) -> Figure:
    """What each phase changes, in percentage points with 95 % intervals, under the paper's split and the grouped one;
    diamond: what the paper's table gives."""
    contrasts = effects["contrast"].drop_duplicates().tolist()
    blocks = []
    for metric, title in METRICS.items():
        rows = effects[effects["metric"] == metric]
        drawn = []
        for split, (colour, label) in SPLITS.items():
            own = rows[rows["split"] == split].drop_duplicates("contrast").set_index("contrast").reindex(contrasts)
            if (effects["split"] == split).any():
                drawn.append(series(own, "difference", label, ("low", "high"), 1, colour=colour))
        published = rows.drop_duplicates("contrast").set_index("contrast").reindex(contrasts)["published"]
        drawn.append(Series("published", published.to_numpy(), colour="black", marker="D", hollow=True))
        blocks.append(Block(title, contrasts, drawn))
    return forest(blocks, "difference (points)")


@styled
def ablation_chart(tables: dict[str, pd.DataFrame], recipes: list[Recipe]) -> Figure:
    """Accuracy of each setting with its 95 % interval, one panel per table of the paper; diamond: published; dashed:
    the constant answer."""
    blocks = []
    for number, table in tables.items():
        for (data, split, weights), part in table.groupby(["data", "split", "weights"], sort=False):
            labels = [f"{row} (at {px} px)" for row, px in zip(part["row_name"], part["px"], strict=True)]
            networks = [names.network(name) for name in dict.fromkeys(part["backbone"])]
            made = networks[0] if len(networks) == 1 else f"{len(networks)} networks"
            how = f"{names.how_trained('all', weights)}, {draws(part['draws'].min())}"
            title = f"Table {number}: {setting({'data': data, 'split': split})}\n{made}, {how}"
            published = part["accuracy_published"].to_numpy()
            blocks.append(Block(title, labels, [
                series(part, "accuracy", "ours, smaller runs", scale=1),
                Series("published", published, colour="black", marker="D", hollow=True),
            ], constant=constant_answer(recipes, data)))  # fmt: skip
    return forest(blocks, "accuracy (%)", zero=None, sharex=True)
