"""Test images of one trained network, right and wrong ones, with its Grad-CAM, kept so that records alone draw them."""

import itertools
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.core.errors import StudyError
from lib.data.catalogue import attribution
from lib.figures.pictures import tiles
from lib.figures.style import class_names, styled
from lib.records import names
from lib.records.measurements import Measurement, Outputs, has_measurement
from lib.records.runs import Record
from lib.records.seeds import Recipe
from lib.studies import Study, measured

KIND, VERSION = "gallery", 1  # the version is part of the key: raise it when the method changes
SIDE = 144  # pixels of a stored tile
NEAR = 0.05  # how far a probability may be from the record's: another machine's precision


def measure_gallery(study: Study, recipes: list[Recipe]) -> tuple[Recipe, Measurement] | None:
    """Of the first recipe (its first seed) whose pictures are stored or, else, whose trained weights are at hand."""
    for may_make in (False, True):
        for recipe in recipes:
            key = {"run": recipe.spec.run_id, "version": VERSION}
            if may_make or has_measurement(study.results, KIND, recipe.spec.run_id, key):
                if stored := measured(study, KIND, recipe.spec, key, partial(_make, study, recipe)):
                    return recipe, stored
    return None


def choose(record: Record) -> pd.DataFrame:
    """Of every class the first test images named right and the first named wrong, in an order drawn by lot.

    One of each (two where there are two classes), at most one of a lesion or subject; what does not occur is missing.
    Columns image_id, target and predicted (numbers of classes), probability of the predicted class, right.
    """
    rows = record.subset("test")
    probs = record.arrays("test")[1]
    rows = rows.assign(predicted=probs.argmax(axis=1), probability=probs.max(axis=1))
    rows["right"] = rows["predicted"] == rows["target"]
    drawn = rows.iloc[np.random.default_rng(0).permutation(len(rows))].drop_duplicates("group")
    chosen = drawn.groupby(["target", "right"]).head(2 if len(record.classes) == 2 else 1)
    chosen = chosen.sort_values(["target", "right"], ascending=[True, False], kind="stable", ignore_index=True)
    return chosen[["image_id", "target", "predicted", "probability", "right"]]


def _make(study: Study, recipe: Recipe) -> Outputs:
    from lib.studies.explain.network import predicted_maps, under_map
    from lib.training.checkpoints import load_trained

    spec, chosen = recipe.spec, choose(recipe.records[0])
    trained = load_trained(spec, study.folders)
    pixels, probs, maps = predicted_maps(trained, spec, list(chosen["image_id"]))
    now = probs[np.arange(len(chosen)), chosen["predicted"]]
    if np.abs(now - chosen["probability"]).max() > NEAR:
        raise StudyError(f"the weights of {spec.run_id} do not give its record's predictions: train it again.")
    pictures = [np.hstack(under_map(p, m, SIDE)) for p, m in zip(pixels, maps, strict=True)]
    credit = attribution(trained.ready.frames["test"])
    return {"images": chosen, "setting": pd.DataFrame([{"attribution": credit}]), "picture": np.vstack(pictures) & 0xF8}


@styled
def gallery(recipe: Recipe, stored: Measurement) -> Figure:
    """Test images that one network names right (left) and wrong (right), each with its Grad-CAM of the named class:
    above the image its true class, above the map what was predicted, with which probability. Chosen by a rule: the
    first right and the first wrong image of every class in an order drawn by lot, one of a lesion or subject."""
    rows, picture = stored.table("images"), stored.picture("picture")
    called = class_names(recipe.classes)
    cells: list[tuple[np.ndarray | None, str]] = []
    for target, name in enumerate(called):
        pairs = [rows[(rows["target"] == target) & (rows["right"] == right)] for right in (True, False)]
        for places in itertools.zip_longest(*(part.index for part in pairs)):
            for place, mark in zip(places, "✓✗", strict=True):
                if place is None:
                    cells += [(None, ""), (None, "")]
                    continue
                row, tile = rows.loc[place], picture[place * SIDE : (place + 1) * SIDE]
                said = f"{called[row['predicted']]} {row['probability']:.2f} {mark}"
                cells += [(tile[:, :SIDE], f"true: {name}"), (tile[:, SIDE:], said)]
    return tiles(cells, 4, f"{names.trained(recipe.labels())}. {stored.table('setting')['attribution'][0]}")
