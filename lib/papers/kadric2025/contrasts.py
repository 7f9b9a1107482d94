"""Differences between runs on test sets that share images: a lesion weighs the same in all of them."""

import functools
import operator
from dataclasses import dataclass

import numpy as np

from lib.core.errors import StudyError
from lib.evaluation.estimates import Estimate, smallest_detectable
from lib.evaluation.resampled import METRICS, Metric, of_class
from lib.records.seeds import Recipe, measure

NAMES = ("accuracy", "balanced_accuracy", "melanoma_sensitivity")


@dataclass(frozen=True, eq=False)
class Cell:
    """Runs of one setting on one set of images: ids and lesions [N], targets [N], probabilities [S, N, K]."""

    images: np.ndarray
    lesions: np.ndarray
    targets: np.ndarray
    stack: np.ndarray
    seeds: tuple[int, ...]
    classes: tuple[str, ...]

    def arrays(self, subset: str = "test", checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As a recipe's, of the one subset and checkpoint that the cell was made of."""
        return self.targets, self.stack, self.lesions

    def only(self, images: set[str]) -> "Cell":
        """The cell on those of its images that are among ``images``."""
        kept = np.isin(self.images, list(images))
        return Cell(
            self.images[kept], self.lesions[kept], self.targets[kept], self.stack[:, kept], self.seeds, self.classes
        )


def cell(recipe: Recipe, subset: str = "test") -> Cell:
    targets, stack, lesions = recipe.arrays(subset)
    images = recipe.records[0].subset(subset)["image_id"].to_numpy()
    return Cell(images, lesions, targets, stack, recipe.seeds, recipe.classes)


def common(*cells: Cell) -> set[str]:
    """Images that are in every cell.

    Raises:
        StudyError: there is none, so that nothing can be compared.
    """
    shared = set.intersection(*(set(c.images) for c in cells))
    if not shared:
        raise StudyError("the test sets have no image in common: compare splits of one data set.")
    return shared


def metric(name: str, c: Cell) -> Metric:
    """One of ``NAMES``."""
    return of_class("sensitivity", c.classes.index("mel")) if name == "melanoma_sensitivity" else METRICS[name]


def score(name: str, c: Cell, repeats: int) -> Estimate:
    """A metric of ``NAMES``, over the seeds of the cell."""
    return measure(c, metric(name, c), repeats)


def contrasts(
    cells: dict[str, Cell], effects: dict[str, dict[str, float]], repeats: int, names: tuple[str, ...] = NAMES
) -> list[dict]:
    """Weighted sums of metrics over cells, with 95 % intervals and what could have been seen.

    ``effects``: name -> factor of each cell. What cells share, lesions and seeds, cancels as it should; ``seeds``: how
    many all of them have.
    """
    rows = []
    for name in names:
        found = {k: score(name, c, repeats) for k, c in cells.items()}
        for effect, factors in effects.items():
            whole = functools.reduce(operator.add, (factor * found[k] for k, factor in factors.items()))
            row = {"metric": name, "effect": effect, **whole.row("estimate", "low", "high"), "seeds": len(whole.runs)}
            rows.append(row | {"smallest_seen": smallest_detectable(whole), "interval_of": whole.speaks_of})
    return rows
