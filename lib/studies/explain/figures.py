"""Figures of Grad-CAM: pictures, and scores against their baselines."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.figures.forest import Block, Series, forest, series
from lib.figures.pictures import tiles
from lib.figures.results import setting
from lib.figures.style import ACCENT, NEUTRAL, styled
from lib.records import names
from lib.studies.explain.measure import Cams
from lib.studies.explain.scores import SCORES

SCORE_NAMES = {
    "energy_inside": "Share of the map inside the lesion",
    "pointing": "Maximum inside the lesion",
    "iou": "Overlap (IoU) at the lesion's area",
}
SHOWN = ("mel", "nv", "bkl", "vasc")  # classes of the pictures, where a data set has them
MOST = 4  # pictures side by side
_KEYS = ["data", "split", "model", "backbone", "weights", "trained", "px"]


@styled
def cam_grid(cams: list[Cams]) -> Figure:
    """One test image of a class (the first as drawn by lot) with its lesion mask in white, and after it every model's
    Grad-CAM of the class that it predicts: bright where it is high, stretched to each map's range; above it the
    prediction, its probability and whether it is right.

    All models on the same images, as Figure 7 of abdulqader2026 shows for one; melanoma, nevus, keratosis and vascular
    lesion, all classes where a data set has none of these.

    Raises:
        StudyError: nothing to show, or models that were explained on different images.
    """
    if not cams:
        raise StudyError("there is no Grad-CAM to show: run the notebook where the trained weights are.")
    for cam in cams[1:]:
        if not cam.images["image_id"].equals(cams[0].images["image_id"]):
            raise StudyError(
                f"{cam.recipe.spec.run_id} was explained on other images than {cams[0].recipe.spec.run_id}: "
                "show models of one data set, split and task together."
            )
    shown = cams[0].images[cams[0].images["shown"] >= 0].sort_values("shown")
    chosen = [dx for dx in SHOWN if dx in set(shown["dx"])] or list(shown["dx"])
    finest = max(cams, key=lambda c: c.recipe.spec.image_size)
    called = dict(zip(shown["target"], shown["dx"], strict=True))
    columns = min(MOST, len(cams) + 1)
    cells: list[tuple[np.ndarray | None, str]] = []
    for dx in chosen:
        row = shown[shown["dx"] == dx].iloc[0]
        cells.append((_tile(finest.picture, 0, row["shown"]), f"{dx}\n{row['image_id']}"))
        for cam in cams:
            own = cam.images[cam.images["shown"] == row["shown"]].iloc[0]
            mark = "✓" if own["predicted"] == own["target"] else "✗"
            label = {k: v for k, v in cam.labels().items() if k != "px"}
            name = textwrap.fill(names.trained(label), 64 // columns)
            said = f"{name}\n{called.get(own['predicted'], '?')} {own['p_predicted']:.2f} {mark}"
            cells.append((_tile(cam.picture, 1, row["shown"]), said))
        cells += [(None, "")] * (-len(cells) % columns)
    note = "White line: the lesion's mask. A bare image: its map is zero everywhere. "
    return tiles(cells, columns, note + cams[0].setting["attribution"])


def _tile(picture: np.ndarray, row: int, column: int) -> np.ndarray:
    side = picture.shape[0] // 2
    return picture[row * side : (row + 1) * side, column * side : (column + 1) * side]


@styled
def localization_chart(table: pd.DataFrame) -> Figure:
    """Where Grad-CAM looks, against lesion masks: three scores of each model with 95 % intervals over lesions, beside a
    centred Gaussian and the same architecture with random weights.

    ``table``: ``localization_table`` over all classes.
    """
    blocks = []
    for score in SCORES:
        rows = table[table["score"] == score]
        labels = [names.trained(row) for row in rows[_KEYS].to_dict("records")]
        drawn = [
            series(rows, "gradcam", "Grad-CAM", ("low", "high"), 1, colour=ACCENT),
            Series("centred Gaussian", rows["gaussian"].to_numpy(), colour="#E69F00", marker="D", hollow=True),
            Series("random weights", rows["random"].to_numpy(), colour=NEUTRAL, marker="s", hollow=True),
        ]
        if score == "energy_inside":
            drawn.append(Series("share of the image", rows["area"].to_numpy(), colour="black", marker="|"))
        blocks.append(Block(SCORE_NAMES[score], labels, drawn))
    n = " to ".join(dict.fromkeys(f"{end:.0f}" for end in (table["n"].min(), table["n"].max())))
    return forest(blocks, f"{setting(table.iloc[0])}, {n} images", zero=None, step=0.03, sharex=True)
