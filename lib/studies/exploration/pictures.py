"""Pictures of notebook 00: what the images look like, with their ids and attribution."""

import textwrap
from collections.abc import Sequence

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.data import read_image
from lib.data.cache import open_cache
from lib.figures.style import WIDTH, styled
from lib.studies.exploration.tables import class_order, need, unit

THUMBNAIL = 128  # pixels, the longer side of a picture in a grid


def attribution(index: pd.DataFrame) -> str:
    """Name, licence and citation of the data set, as a caption."""
    attrs = index.attrs
    return f"{attrs['name']}: {attrs['licence']}. {attrs['citation']}."


@styled
def sample_grid(index: pd.DataFrame, per_class: int = 6, seed: int = 0) -> Figure:
    """Images drawn at random, one row per class, at most one image per group, titled by image_id."""
    drawn = index.sample(frac=1, random_state=seed).drop_duplicates("group")
    rows = [drawn[drawn["dx"] == dx].head(per_class) for dx in class_order(index)]
    return _grid(rows, class_order(index), ["image_id"], per_class, attribution(index))


@styled
def repeat_grid(index: pd.DataFrame, groups: int = 5, per_group: int = 5, seed: int = 0) -> Figure:
    """Images of the same lesion or subject, one row per group, of different classes where there are as many.

    Raises StudyError if no group has two images.
    """
    repeated = index[index["group"].duplicated(keep=False)]
    if repeated.empty:
        raise StudyError(f"data set {index.attrs['name']} has no {unit(index)} with two images to show.")
    order = repeated.drop_duplicates("group").sample(frac=1, random_state=seed)
    order = order.assign(turn=order.groupby("dx").cumcount()).sort_values("turn", kind="stable")
    chosen = order.head(groups)
    rows = [repeated[repeated["group"] == group].head(per_group) for group in chosen["group"]]
    names = [f"{dx}\n{group}" for dx, group in zip(chosen["dx"], chosen["group"], strict=True)]
    return _grid(rows, names, ["image_id"], per_group, attribution(index))


@styled
def pair_grid(pairs: pd.DataFrame, count: int = 6) -> Figure:
    """The first ``count`` pairs of :func:`lib.studies.exploration.suspect_pairs`, one column per pair."""
    if pairs.empty:
        raise StudyError("there is no pair to show: lower the correlation asked of suspect_pairs.")
    shown = pairs.head(count)
    partner = shown[["nearest_id", "nearest_path", "nearest_dx"]].set_axis(["image_id", "path", "dx"], axis=1)
    names = [f"correlation {low:.3f}" for low in shown["correlation"]]
    upper, lower = shown[["image_id", "path", "dx"]].assign(pair=names), partner.assign(pair="")
    return _grid([upper, lower], ["image", "nearest"], ["pair", "dx", "image_id"], count, attribution(pairs))


@styled
def mean_images(index: pd.DataFrame, by: str = "dx", size: int = 64) -> Figure:
    """Mean of all images per value of ``by`` (a column, such as dx or site), in the aspect of the first image, with n.

    Images are first brought to ``size`` x ``size`` pixels.
    """
    need(index, by)
    images = open_cache(index, size).images
    height, width = read_image(index["path"].iloc[0]).shape[:2]
    values = class_order(index) if by == "dx" else sorted(index[by].dropna().unique())
    figure, axes = plt.subplots(
        1, len(values), figsize=(WIDTH, WIDTH / len(values) * height / width + 0.65), squeeze=False
    )
    for ax, value in zip(axes[0], values, strict=True):
        rows = np.flatnonzero((index[by] == value).to_numpy())
        mean = images[rows].mean(axis=0) if len(rows) else np.full((size, size, 3), 255.0)
        picture = cv2.resize(mean.astype(np.float32), (THUMBNAIL, round(THUMBNAIL * height / width)))
        _show(ax, picture.astype(np.uint8), f"{value}\nn = {len(rows)}", 8)
    figure.supxlabel(_wrapped(attribution(index)), fontsize=6, x=0.01, ha="left")
    return figure


def _grid(
    rows: Sequence[pd.DataFrame], names: Sequence[str], titles: Sequence[str], columns: int, caption: str
) -> Figure:
    """Rows of images (columns path and ``titles``), each row named at its left."""
    figure, axes = plt.subplots(
        len(rows), columns, figsize=(WIDTH, WIDTH / columns * len(rows) * 0.8 + 0.3), squeeze=False
    )
    for row, name, line in zip(rows, names, axes, strict=True):
        for ax in line:
            ax.set_axis_off()
        for ax, image in zip(line, row.itertuples(), strict=False):
            title = "\n".join(str(getattr(image, column)) for column in titles if getattr(image, column))
            _show(ax, _thumbnail(read_image(image.path)), title, 5.5)
        line[0].text(-0.06, 0.5, name, transform=line[0].transAxes, rotation=90, ha="right", va="center", fontsize=7)
    figure.supxlabel(_wrapped(caption), fontsize=6, x=0.01, ha="left")
    return figure


def _show(ax: Axes, picture: np.ndarray, title: str, fontsize: float) -> None:
    ax.imshow(picture)
    ax.set_axis_off()
    ax.set_title(title, fontsize=fontsize, pad=2, loc="center")


def _thumbnail(image: np.ndarray) -> np.ndarray:
    scale = THUMBNAIL / max(image.shape[:2])
    if scale >= 1:
        return image
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _wrapped(caption: str) -> str:
    return textwrap.fill(caption, 170)
