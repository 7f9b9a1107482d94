"""Grad-CAM of trained runs, measured against lesion masks and kept, so that notebooks render without networks."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from lib.core.errors import StudyError
from lib.records.measurements import Outputs
from lib.records.runs import Record
from lib.records.seeds import Recipe
from lib.studies import Study, measured

KIND = "gradcam"
VERSION = 1  # part of the key: raise it when the method changes
PER_CLASS = {"smoke": 3, "cpu": 20, "gpu": 40, "p100": 40}


@dataclass(frozen=True)
class Cams:
    """The stored Grad-CAM measurement of one trained run, the first seed of ``group``.

    ``images``: one row per image (image_id, group, dx, target, predicted, p_predicted, area: the mask's share of the
    image, shown: its place in ``picture`` or -1, each score, a baseline's with ``_gaussian`` or ``_random``, empty:
    whether the CAM has no pixel above zero, areas under the deletion and insertion curves). ``setting``: what made
    them. ``picture``: uint8, tiles of one image per class, above with the mask's outline, below with the CAM.
    """

    recipe: Recipe
    images: pd.DataFrame
    setting: pd.Series
    picture: np.ndarray

    def labels(self) -> dict[str, object]:
        """As :meth:`Recipe.labels`, of the one seed that was measured."""
        return {**self.recipe.labels(), "seeds": 1}


def measure_gradcam(study: Study, recipes: list[Recipe], per_class: int | None = None) -> list[Cams]:
    """Grad-CAM of each group's first seed on the same test images, read where it is stored.

    A run whose measurement is not stored and cannot be made here (its weights are not on this machine, or the
    notebook only reads) is left out, and the notebook says so.

    Args:
        study: the notebook (``lib.report.study.begin``): its results, folders and ``measure``.
        per_class: images per class, one per lesion; by default what ``PER_CLASS`` gives the profile.

    Raises:
        StudyError: the data set has no lesion masks, or the network's family is not known to Grad-CAM.
    """
    per_class = per_class or PER_CLASS[study.profile]
    found = []
    for recipe in recipes:
        run = recipe.spec.run_id
        key = {"run": run, "subset": "test", "per_class": per_class, "seed": 0, "version": VERSION}
        stored = measured(study, KIND, recipe.spec, key, partial(_explain, study, recipe, per_class))
        if stored:
            setting = stored.table("setting").iloc[0]
            found.append(Cams(recipe, stored.table("images"), setting, stored.picture("grid")))
        else:
            display(Markdown(f"*Grad-CAM of {run} is left out: neither stored, nor are its weights here.*"))
    return found


def _explain(study: Study, recipe: Recipe, per_class: int) -> Outputs:
    from lib.studies.explain.network import explain  # torch only where something is measured

    return explain(recipe.spec, study.folders, select_images(recipe.records[0], per_class))


def select_images(record: Record, per_class: int, seed: int = 0) -> pd.DataFrame:
    """Test images to explain, drawn from the record alone: the same for every run with the same test set.

    At most ``per_class`` a class, at most one of a lesion. Columns image_id, group, target, dx (the target's name);
    ordered by class, within it as drawn.
    """
    if per_class < 1:
        raise StudyError(f"per_class is {per_class}: ask for at least one image per class.")
    rows = record.subset("test")[["image_id", "group", "target"]]
    drawn = rows.iloc[np.random.default_rng(seed).permutation(len(rows))].drop_duplicates("group")
    chosen = drawn.groupby("target").head(per_class).sort_values("target", kind="stable", ignore_index=True)
    return chosen.assign(dx=[record.classes[t] for t in chosen["target"]])
