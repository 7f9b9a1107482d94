"""The constant answer, which needs no network: always the commonest class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from lib.records.seeds import Recipe, measure, value


@dataclass(frozen=True)
class Constant:
    """Always the class that is commonest in training, on the test images of ``recipe``; measured as a ``Recipe`` is.

    Records keep no classes of training images: those of the validation images, taken from them, stand for them.
    """

    recipe: Recipe
    seeds: ClassVar[tuple[int, ...]] = ()

    @property
    def answer(self) -> str:
        return self.recipe.classes[np.bincount(self.recipe.arrays("val")[0]).argmax()]

    @property
    def n(self) -> int:
        return self.recipe.records[0].info["n"]["test"]

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [1, N, K], groups [N])."""
        targets, stack, groups = self.recipe.arrays(subset, checkpoint)
        probs = np.zeros_like(stack[:1])
        probs[..., self.recipe.classes.index(self.answer)] = 1
        return targets, probs, groups

    def labels(self) -> dict[str, object]:
        own = self.recipe.labels()
        return {"data": own["data"], "split": own["split"], "model": f"always {self.answer}"}


def constants(recipes: Iterable[Recipe]) -> list[Constant]:
    """One for each set of test images, in order."""
    return list({r.records[0].info["images"]: Constant(r) for r in reversed(list(recipes))}.values())[::-1]


def constant_answer(recipes: Iterable[Recipe]) -> pd.DataFrame:
    """Accuracy and balanced accuracy of always answering the commonest training class.

    One row per set of test images: data, split, model (``always nv``), n, accuracy, balanced_accuracy.
    """
    names = ("accuracy", "balanced_accuracy")
    rows = [{**c.labels(), "n": c.n} | {name: value(c, name) for name in names} for c in constants(recipes)]
    return pd.DataFrame(rows, columns=["data", "split", "model", "n", *names])


def with_constant(table: pd.DataFrame, recipes: Iterable[Recipe], repeats: int, scale: float = 1) -> pd.DataFrame:
    """``table`` of ``recipes``, below the constant answers on their test images.

    They fill the columns ``accuracy`` (with the interval beside it), ``balanced_accuracy`` and ``macro_auc_ovr`` as far
    as the table has them, times ``scale``; ``learned`` is unknown.
    """
    rows = []
    for constant in constants(recipes):
        accuracy = scale * measure(constant, "accuracy", repeats)
        row = {**constant.labels(), "n": constant.n, **accuracy.row("accuracy")}
        row |= accuracy.row("accuracy", "low", "high")
        row |= {name: scale * value(constant, name) for name in ("balanced_accuracy", "macro_auc_ovr")}
        rows.append({name: cell for name, cell in row.items() if name in table})
    whole = {c: "Int64" for c in table if pd.api.types.is_integer_dtype(table[c])}
    return pd.concat([pd.DataFrame(rows), table])[list(table)].astype(whole)
