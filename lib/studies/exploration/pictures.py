"""Pictures of notebook 00: what the images look like, with their ids and attribution."""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.data import read_image
from lib.data.cache import open_cache
from lib.data.catalogue import attribution
from lib.figures.pictures import tiles
from lib.figures.style import styled
from lib.studies.exploration.tables import class_order, need, unit

COLUMNS, GROUPS = 4, 5  # pictures in a row; rows of repeats
THUMBNAIL = 256  # pixels, the longer side of a picture in a grid


@styled
def sample_grid(index: pd.DataFrame) -> Figure:
    """Images drawn at random, one row per class, at most one image per group, titled by image_id."""
    drawn = index.sample(frac=1, random_state=0).drop_duplicates("group")
    rows = [drawn[drawn["dx"] == dx].head(COLUMNS) for dx in class_order(index)]
    return _grid(index, rows, class_order(index), ["image_id"])


@styled
def repeat_grid(index: pd.DataFrame) -> Figure:
    """Images of the same lesion or subject, one row per group, of different classes where there are as many.

    Raises StudyError if no group has two images.
    """
    repeated = index[index["group"].duplicated(keep=False)]
    if repeated.empty:
        raise StudyError(f"data set {index.attrs['name']} has no {unit(index)} with two images to show.")
    drawn = repeated.drop_duplicates("group").sample(frac=1, random_state=0)
    chosen = drawn.assign(turn=drawn.groupby("dx").cumcount()).sort_values("turn", kind="stable").head(GROUPS)
    rows = [repeated[repeated["group"] == group].head(COLUMNS) for group in chosen["group"]]
    names = [f"{dx}\n{group}" for dx, group in zip(chosen["dx"], chosen["group"], strict=True)]
    return _grid(index, rows, names, ["image_id"])


@styled
def pair_grid(pairs: pd.DataFrame) -> Figure:
    """Images that look alike though the metadata do not know them as one lesion, one pair a column.

    The first ``COLUMNS`` of :func:`lib.studies.exploration.duplicates.suspect_pairs`.
    """
    if pairs.empty:
        raise StudyError("there is no pair to show: lower the correlation asked of suspect_pairs.")
    shown = pairs.head(COLUMNS)
    partner = shown[["nearest_id", "nearest_path", "nearest_dx"]].set_axis(["image_id", "path", "dx"], axis=1)
    names = [f"correlation {low:.3f}" for low in shown["correlation"]]
    upper, lower = shown[["image_id", "path", "dx"]].assign(pair=names), partner.assign(pair="")
    return _grid(pairs, [upper, lower], ["image", "nearest"], ["pair", "dx", "image_id"])


@styled
def mean_images(index: pd.DataFrame, by: str = "dx") -> Figure:
    """Mean of all images of each class or site, with their number.

    ``by``: column of ``index``; in the aspect of the first image. Images are first brought to 64 x 64 pixels.
    """
    need(index, by)
    images = open_cache(index, 64).images
    height, width = read_image(index["path"].iloc[0]).shape[:2]
    cells = []
    for value in class_order(index) if by == "dx" else sorted(index[by].dropna().unique()):
        rows = np.flatnonzero((index[by] == value).to_numpy())
        mean = images[rows].mean(axis=0) if len(rows) else np.full((64, 64, 3), 255.0)
        picture = cv2.resize(mean.astype(np.float32), (THUMBNAIL, round(THUMBNAIL * height / width)))
        cells.append((picture.astype(np.uint8), f"{str(value).replace('_', ' ')}\nn = {len(rows):,}"))
    return tiles(cells, COLUMNS, f"{attribution(index)}.")


def _grid(index: pd.DataFrame, rows: Sequence[pd.DataFrame], names: Sequence[str], titles: Sequence[str]) -> Figure:
    """Rows of images of ``index`` (columns path and ``titles``), each row named at its left."""
    cells: list[tuple[np.ndarray | None, str]] = []
    for row in rows:
        for image in row.itertuples():
            title = "\n".join(str(getattr(image, column)) for column in titles if getattr(image, column))
            cells.append((_thumbnail(read_image(image.path)), title))
        cells += [(None, "")] * (-len(cells) % COLUMNS)
    return tiles(cells, COLUMNS, f"{attribution(index)}.", names)


def _thumbnail(image: np.ndarray) -> np.ndarray:
    scale = THUMBNAIL / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
