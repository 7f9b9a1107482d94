"""The constant answer, which needs no network: always the commonest class."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from lib.records.runs import Record
from lib.records.seeds import Recipe, measure, split_key

NAMES = ("accuracy", "balanced_accuracy", "macro_auc_ovr")


def commonest(record: Record) -> int:
    """The class that is commonest in training.

    Records keep no classes of training images: those of the validation images, taken from them, stand for them.
    """
    return int(np.bincount(record.arrays("val")[0]).argmax())


class Constant(Recipe):
    """Always the class that is commonest in training, on a recipe's test images."""

    @property
    def answer(self) -> int:
        return commonest(self.records[0])

    @property
    def seeds(self) -> tuple[int, ...]:
        return ()

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [1, N, K], groups [N])."""
        targets, stack, groups = super().arrays(subset, checkpoint)
        probs = np.zeros_like(stack[:1])
        probs[..., self.answer] = 1
        return targets, probs, groups

    def labels(self) -> dict[str, object]:
        own = super().labels()
        return {"data": own["data"], "split": own["split"], "model": f"always {self.classes[self.answer]}"}


def constants(recipes: Iterable[Recipe]) -> list[Constant]:
    """One for each split, in order; of random splits that of the first draw."""
    first: dict[tuple, Constant] = {}
    for recipe in recipes:
        first.setdefault(split_key(recipe.spec), Constant(recipe.planned, recipe.records[:1]))
    return list(first.values())


def with_constant(
    table: pd.DataFrame,
    recipes: Iterable[Recipe],
    repeats: int,
    scale: float = 1,
    labels: Callable[[Constant], dict[str, object]] = Constant.labels,
) -> pd.DataFrame:
    """``table`` of ``recipes``, below the constant answers on their test images; ``learned`` says nothing of these.

    Args:
        scale: 100 where the table is in per cent.
        labels: what names a row.
    """
    rows = []
    columns = [name for name in NAMES if name in table]
    for constant in constants(recipes):
        for subset in table["set"].unique() if "set" in table else ("test",):
            row = {**labels(constant), "set": subset, "n": len(constant.arrays(subset)[0])}
            for column in columns:
                row |= (scale * measure(constant, column, repeats, subset)).row(column)
            row |= {end: row.get(f"{columns[0]}_{end}") for end in ("low", "high")}
            rows.append({name: cell for name, cell in row.items() if name in table})
    whole = {c: "Int64" for c in table if pd.api.types.is_integer_dtype(table[c])}
    return pd.concat([pd.DataFrame(rows), table])[list(table)].astype(whole)
