"""Differences between runs on test sets that share images: a lesion weighs the same in all of them."""

import functools
import operator
from dataclasses import dataclass

import numpy as np

from lib.core.errors import StudyError
from lib.evaluation.estimates import smallest_detectable
from lib.evaluation.resampled import Metric, of_class
from lib.records.seeds import Recipe, measure, value

NAMES = ("accuracy", "balanced_accuracy", "melanoma_sensitivity")


@dataclass(frozen=True, eq=False)
class On(Recipe):
    """A recipe on those of its test images that are among ``images``."""

    images: frozenset[str] = frozenset()

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        targets, stack, lesions = super().arrays(subset, checkpoint)
        kept = np.isin(self.records[0].rows(subset)["image_id"], list(self.images))
        return targets[kept], stack[:, kept], lesions[kept]


def on(recipe: Recipe, images: frozenset[str]) -> On:
    return On(recipe.planned, recipe.records, images)


def images_of(recipe: Recipe) -> frozenset[str]:
    """Test images."""
    return frozenset(recipe.records[0].rows("test")["image_id"])


def common(*recipes: Recipe) -> frozenset[str]:
    """Test images that are in every recipe.

    Raises:
        StudyError: there is none, so that nothing can be compared.
    """
    shared = frozenset.intersection(*map(images_of, recipes))
    if not shared:
        raise StudyError("the test sets have no image in common: compare splits of one data set.")
    return shared


def metric(name: str, recipe: Recipe) -> str | Metric:
    """One of ``NAMES``, or of ``lib.evaluation.resampled.METRICS``."""
    return of_class("sensitivity", recipe.classes.index("mel")) if name == "melanoma_sensitivity" else name


def scores(recipe: Recipe, repeats: int) -> dict[str, object]:
    """Columns: accuracy with its 95 % interval and spread over seeds, and the means of the other ``NAMES``."""
    accuracy = measure(recipe, "accuracy", repeats)
    row = accuracy.row("accuracy", "low", "high") | {"interval_of": accuracy.speaks_of, "sd_over_seeds": accuracy.sd}
    return row | {name: value(recipe, metric(name, recipe)) for name in NAMES[1:]}


def contrasts(cells: dict[str, Recipe], effects: dict[str, dict[str, float]], repeats: int) -> list[dict]:
    """Weighted sums of ``NAMES`` over cells, with 95 % intervals and what could have been seen.

    ``effects``: name -> factor of each cell. What cells share, lesions and seeds, cancels as it should; ``seeds``: how
    many all of them have.
    """
    rows = []
    for name in NAMES:
        found = {k: measure(c, metric(name, c), repeats) for k, c in cells.items()}
        for effect, factors in effects.items():
            whole = functools.reduce(operator.add, (factor * found[k] for k, factor in factors.items()))
            row = {"metric": name, "effect": effect, **whole.row("estimate", "low", "high"), "seeds": len(whole.runs)}
            rows.append(row | {"smallest_seen": smallest_detectable(whole), "interval_of": whole.speaks_of})
    return rows
