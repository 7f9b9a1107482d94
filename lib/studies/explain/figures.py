"""Figures of Grad-CAM: pictures, scores against their baselines, deletion and insertion curves."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.figures.style import ACCENT, NEUTRAL, WIDTH, styled
from lib.studies.explain.measure import Cams
from lib.studies.explain.scores import SCORES

SCORE_NAMES = {
    "energy_inside": "CAM energy inside the lesion",
    "pointing": "maximum inside the lesion",
    "iou": "overlap (IoU) at the lesion's area",
}
MARKS = {"gradcam": "o", "gaussian": "D", "random": "x"}
MARK_NAMES = {"gradcam": "Grad-CAM, 95 % interval", "gaussian": "centred Gaussian", "random": "random weights"}
MARK_COLOURS = {"gradcam": ACCENT, "gaussian": "#E69F00", "random": NEUTRAL}
INSERTION, DELETION = "#009E73", "#D55E00"
_KEYS = ["data", "split", "model", "backbone", "weights", "trained", "px"]


def model_name(labels: dict) -> str:
    """Lines that tell a model apart: the row it stands for, what it is and how it was made."""
    part = ", head only" if labels["trained"] == "head" else ""
    weights = {"none": "from scratch", "local": "stand-in weights", "imagenet": "ImageNet"}[labels["weights"]]
    backbone = labels["backbone"].split(".")[0]
    first = "" if labels["model"] == backbone else f"{labels['model']}\n"
    return f"{first}{backbone} {labels['px']} px\n{weights}{part}"


@styled
def cam_grid(cams: list[Cams]) -> Figure:
    """One test image per class (the first as drawn by lot) with its lesion mask in white, and under it, one row per
    model, Grad-CAM of the predicted class: bright where it is high, stretched to each map's range; above each the
    predicted class and its probability.

    All models on the same images, as Figure 7 of abdulqader2026 shows for one.

    Raises:
        StudyError: nothing to show, or models that were explained on different images.
    """
    _same_images(cams)
    shown = cams[0].images[cams[0].images["shown"] >= 0].sort_values("shown")
    finest = max(cams, key=lambda c: c.recipe.spec.image_size)
    side = min(WIDTH / len(shown), 1.5)
    figure, axes = plt.subplots(
        len(cams) + 1, len(shown), figsize=(WIDTH, (side + 0.22) * (len(cams) + 1) + 0.5), squeeze=False
    )
    for column, row in enumerate(shown.itertuples()):
        _tile(axes[0, column], finest.picture, 0, column, f"{row.dx}\n{row.image_id}")
    _side(axes[0, 0], "image,\nlesion mask")
    for line, cam in zip(axes[1:], cams, strict=True):
        names = dict(zip(cam.images["target"], cam.images["dx"], strict=True))
        rows = cam.images[cam.images["shown"] >= 0].sort_values("shown")
        for column, row in enumerate(rows.itertuples()):
            called = names.get(row.predicted, f"class {row.predicted}")
            _tile(line[column], cam.picture, 1, column, f"→ {called} {row.p_predicted:.2f}")
        _side(line[0], model_name(cam.labels()))
    note = "White: lesion mask. Bright: high in Grad-CAM of the predicted class (named above, with its probability)."
    if any((cam.images.loc[cam.images["shown"] >= 0, "empty"] == 1).any() for cam in cams):
        note += " A bare image: its map is zero everywhere, nothing speaks for the class."
    credit = textwrap.fill(cams[0].setting["attribution"], 170)
    figure.supxlabel(f"{note}\n{credit}", fontsize=6, x=0.01, ha="left")
    return figure


def _same_images(cams: list[Cams]) -> None:
    if not cams:
        raise StudyError("there is no Grad-CAM to show: run the notebook where the trained weights are.")
    first = cams[0].images["image_id"].tolist()
    for cam in cams[1:]:
        if cam.images["image_id"].tolist() != first:
            raise StudyError(
                f"{cam.recipe.spec.run_id} was explained on other images than {cams[0].recipe.spec.run_id}: "
                "show models of one data set, split and task together."
            )


def _tile(ax: Axes, picture: np.ndarray, row: int, column: int, title: str) -> None:
    side = picture.shape[0] // 2
    ax.imshow(picture[row * side : (row + 1) * side, column * side : (column + 1) * side])
    ax.set_axis_off()
    ax.set_title(title, fontsize=6, pad=2, loc="center")


def _side(ax: Axes, text: str) -> None:
    ax.text(-0.06, 0.5, text, transform=ax.transAxes, rotation=90, ha="right", va="center", fontsize=6)


@styled
def localization_chart(table: pd.DataFrame) -> Figure:
    """Where Grad-CAM looks, against lesion masks: three scores per model with 95 % intervals over lesions, beside a
    centred Gaussian and the same architecture with random weights.

    ``table``: ``localization_table`` over all classes.
    """
    models = table[_KEYS].drop_duplicates()
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 1.1 + 0.5 * len(models)), sharey=True, squeeze=False)
    for ax, score in zip(axes[0], SCORES, strict=True):
        rows = table[table["score"] == score].reset_index(drop=True)
        _rows(ax, rows)
        ax.set_xlabel(SCORE_NAMES[score], fontsize=8)
    names = [f"{model_name(row)}\n{row['data']}, {row['split']} split" for row in models.to_dict("records")]
    axes[0, 0].set_yticks(range(len(names)), names, fontsize=6)
    _legend(figure, f"n = {_span(table['n'])} images per model")
    return figure


@styled
def class_chart(table: pd.DataFrame, score: str = "energy_inside", columns: int = 3) -> Figure:
    """Where Grad-CAM looks, against lesion masks, by class: one score with 95 % intervals over lesions, a panel a
    model, beside a centred Gaussian and the same architecture with random weights.

    ``table``: ``localization_table`` by class; ``score``: one of its scores.
    """
    rows = table[table["score"] == score]
    panels = [part.reset_index(drop=True) for _, part in rows.groupby(_KEYS, sort=False)]
    columns = min(columns, len(panels))
    lines = -(-len(panels) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(WIDTH, 0.5 + 2.1 * lines), squeeze=False, sharex=True)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax, part in zip(axes.flat, panels, strict=False):
        _rows(ax, part)
        ax.set_yticks(range(len(part)), [f"{r.dx} (n = {r.n})" for r in part.itertuples()], fontsize=7)
        first = part.iloc[0]
        ax.set_title(f"{model_name(first)}\n{first['data']}, {first['split']} split", fontsize=7)
        ax.set_xlabel(SCORE_NAMES[score], fontsize=7)
    _legend(figure, "")
    return figure


def _rows(ax: Axes, rows: pd.DataFrame) -> None:
    for number, row in rows.iterrows():
        ax.plot([row["low"], row["high"]], [number, number], color=ACCENT, lw=1.5)
        for name, mark in MARKS.items():
            fill = MARK_COLOURS[name] if name == "gradcam" else "none"
            ax.plot(row[name], number, mark, color=MARK_COLOURS[name], ms=5, mfc=fill, ls="none", clip_on=False)
        if row["score"] == "energy_inside":
            ax.plot(row["area"], number, "|", color="black", ms=9)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rows) - 0.5, -0.5)


def _legend(figure: Figure, note: str) -> None:
    handles = [
        plt.Line2D([], [], color=MARK_COLOURS[k], marker=m, ls="-" if k == "gradcam" else "none", ms=5,
                   mfc=MARK_COLOURS[k] if k == "gradcam" else "none", label=MARK_NAMES[k])
        for k, m in MARKS.items()
    ]  # fmt: skip
    handles.append(plt.Line2D([], [], color="black", marker="|", ls="none", ms=9, label="lesion's share of the image"))
    figure.legend(handles=handles, ncols=4, frameon=False, fontsize=7, loc="outside upper center", title=note or None,
                  title_fontsize=7)  # fmt: skip


@styled
def curve_chart(cams: list[Cams], columns: int = 3) -> Figure:
    """Mean probability of the predicted class while pixels are taken away (deletion) or put in (insertion), a panel a
    model: full lines in Grad-CAM's order, dashed ones in random order of regions of the same size."""
    if not cams:
        raise StudyError("there is no Grad-CAM to show: run the notebook where the trained weights are.")
    columns = min(columns, len(cams))
    lines = -(-len(cams) // columns)
    figure, axes = plt.subplots(
        lines, columns, figsize=(WIDTH, 0.5 + 2.2 * lines), squeeze=False, sharex=True, sharey=True
    )
    for ax in axes.flat[len(cams) :]:
        ax.set_axis_off()
    for ax, cam in zip(axes.flat, cams, strict=False):
        rows = cam.curves[cam.curves["dx"] == "all"]
        for curve, colour in (("deletion", DELETION), ("insertion", INSERTION)):
            for order, line in (("cam", "-"), ("random", "--")):
                part = rows[(rows["curve"] == curve) & (rows["order"] == order)]
                ax.plot(100 * part["fraction"], part["p"], ls=line, color=colour, lw=1.5,
                        label=f"{curve}, {'CAM' if order == 'cam' else order} order")  # fmt: skip
        labels = cam.labels()
        ax.set_title(
            f"{model_name(labels)}\n{labels['data']}, {labels['split']} split, n = {len(cam.images)}", fontsize=7
        )
        ax.set_xlabel("pixels taken away or put in (%)", fontsize=7)
        ax.set_ylabel("probability", fontsize=7)
        ax.set_ylim(0, 1)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), ncols=4, frameon=False, fontsize=7,
                  loc="outside upper center")  # fmt: skip
    return figure


def _span(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low} to {high}"
