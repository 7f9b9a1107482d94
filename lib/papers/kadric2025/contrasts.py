"""Differences between runs on test sets that share images: every lesion is drawn for all of them at once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.evaluation.resampling import METRICS, draw_weights, interval
from lib.records.seeds import SeedGroup

NAMES = ("accuracy", "balanced_accuracy", "melanoma_sensitivity")


@dataclass(frozen=True)
class Cell:
    """Runs of one setting on one set of images: ids and lesions [N], targets [N], probabilities [S, N, K]."""

    images: np.ndarray
    lesions: np.ndarray
    targets: np.ndarray
    stack: np.ndarray
    classes: tuple[str, ...]

    def only(self, images: set[str]) -> "Cell":
        """The cell on those of its images that are among ``images``."""
        kept = np.isin(self.images, list(images))
        return Cell(self.images[kept], self.lesions[kept], self.targets[kept], self.stack[:, kept], self.classes)


def cell(group: SeedGroup, subset: str = "test") -> Cell:
    targets, stack, lesions = group.arrays(subset)
    images = group.records[0].subset(subset)["image_id"].to_numpy()
    return Cell(images, lesions, targets, stack, group.classes)


def common(*cells: Cell) -> set[str]:
    """Images that are in every cell.

    Raises:
        StudyError: there is none, so that nothing can be compared.
    """
    shared = set.intersection(*(set(c.images) for c in cells))
    if not shared:
        raise StudyError("the test sets have no image in common: compare splits of one data set.")
    return shared


def score(name: str, c: Cell, weights: np.ndarray) -> np.ndarray:
    """Mean over seeds of a metric of ``NAMES`` in each resample ``weights`` [R, N], [R]; NaN where undefined."""
    if name == "melanoma_sensitivity":
        of_class = weights[:, c.targets == c.classes.index("mel")]
        hits = (c.stack.argmax(axis=2) == c.classes.index("mel"))[:, c.targets == c.classes.index("mel")].mean(axis=0)
        with np.errstate(invalid="ignore"):
            return of_class @ hits / of_class.sum(axis=1)
    return np.mean([METRICS[name](c.targets, probs, weights) for probs in c.stack], axis=0)


def value(name: str, c: Cell) -> float:
    """Mean over seeds of the metric."""
    return float(score(name, c, np.ones((1, len(c.images))))[0])


def contrasts(
    cells: dict[str, Cell], effects: dict[str, dict[str, float]], repeats: int, names: tuple[str, ...] = NAMES
) -> list[dict]:
    """Weighted sums of metrics over cells, with 95 % intervals: rows metric, effect, estimate, low, high.

    ``effects``: name -> factor of each cell. Lesions of all cells together are resampled, and a cell uses those of
    its images that were drawn: what cells share cancels as it should. Seeds are averaged, not resampled.
    """
    whole = pd.concat([pd.DataFrame({"image": c.images, "lesion": c.lesions}) for c in cells.values()])
    whole = whole.drop_duplicates("image").sort_values("image").reset_index(drop=True)
    place = pd.Series(whole.index, index=whole["image"])
    weights = draw_weights(whole["lesion"].to_numpy(), len(whole), repeats)
    rows = []
    for name in names:
        drawn = {k: score(name, c, weights[:, place[c.images].to_numpy()]) for k, c in cells.items()}
        exact = {k: value(name, c) for k, c in cells.items()}
        for effect, factors in effects.items():
            estimate = sum(factor * exact[k] for k, factor in factors.items())
            low, high = interval(sum(factor * drawn[k] for k, factor in factors.items()))
            rows.append({"metric": name, "effect": effect, "estimate": estimate, "low": low, "high": high})
    return rows


def difference(name: str, first: Cell, second: Cell, repeats: int) -> dict[str, float]:
    """``first`` minus ``second`` in one metric: estimate, low, high."""
    row = contrasts({"a": first, "b": second}, {"": {"a": 1.0, "b": -1.0}}, repeats, (name,))[0]
    return {k: row[k] for k in ("estimate", "low", "high")}
