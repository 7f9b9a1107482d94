"""The papers' figures: nothing is cut off."""

import pandas as pd

from lib.figures import results

ROW = {"published_id": "a", "model": "ensemble_small_efficientnet_b3", "data": "malignant-vs-benign",
       "split": "grouped", "n": 660, "unit": "percent", "ours": 80.0, "low": 76.0, "high": 84.0, "difference": -10.0,
       "deviations": "64 px, not 224", "within_tolerance": "outside"}  # fmt: skip


def test_the_comparison_fits_its_page():
    figure = results.published_against_ours(pd.DataFrame([ROW, {**ROW, "unit": "fraction", "ours": 0.8, "low": 0.7,
                                                                "high": 0.9, "difference": 0.1}]))  # fmt: skip
    box = figure.get_tightbbox()
    assert box.x0 >= 0 and box.y0 >= 0
    assert box.x1 <= figure.get_figwidth() and box.y1 <= figure.get_figheight()
    points = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert points == [90.0, 70.0]


def test_a_mean_of_fewer_models_is_named_as_such():
    deviations = "mean of 6 models, not 7; 64 px, not 224; vit_tiny_patch16_224 in place of vit_base_patch16_224"
    row = {**ROW, "model": "ensemble_mean", "deviations": deviations}
    figure = results.published_against_ours(pd.DataFrame([row]))
    said = [t.get_text() for ax in figure.axes for t in (*ax.texts, *ax.get_yticklabels())]
    assert "mean of seven ← mean of 6 models" in said
