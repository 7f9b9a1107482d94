"""The seven models and their mean, seen alike by every table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.core.errors import StudyError
from lib.plan.grid import ensembles as planned_ensembles
from lib.published.compare import deviations
from lib.records.seeds import Recipe

PAPER = "saykat2025"
ENSEMBLE = "ensemble_mean"
ROWS = tuple(planned_ensembles(PAPER)[ENSEMBLE])
PUBLISHED_AS = {"accuracy": "accuracy", "weighted_f1": "weighted_f1", "macro_auc_ovr": "macro_auc_ovr",
                "micro_auc": "micro_auc_ovr"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class MeanOfModels(Recipe):
    """Mean of the members' probabilities ("probability-level mean of the seven models"), each with its first seed.

    ``records``: that of each member; ``members``: the models at hand, which may be fewer than seven.
    """

    members: tuple[Recipe, ...] = ()

    @classmethod
    def of(cls, members: Sequence[Recipe]) -> "MeanOfModels":
        return cls(members[0].planned, tuple(m.records[0] for m in members), tuple(members))

    @property
    def paper_model(self) -> str:
        return ENSEMBLE

    @property
    def seeds(self) -> tuple[int, ...]:
        """None: one network of each recipe speaks of these networks."""
        return ()

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [1, N, K], groups [N]).

        Raises:
            StudyError: the members' records hold other images under ``subset``.
        """
        ids = [r.rows(subset)["image_id"].tolist() for r in self.records]
        if any(other != ids[0] for other in ids):
            raise StudyError(f"members of {self.paper_model} have other images in {subset!r}: train them on one split.")
        targets, stack, groups = super().arrays(subset, checkpoint)
        return targets, stack.mean(axis=0, keepdims=True), groups

    def labels(self) -> dict[str, object]:
        """As a recipe's; where members differ, all that they have."""
        labels = [m.labels() for m in self.members]
        joined = {k: _one_or_all(x[k] for x in labels) for k in ("weights", "trained", "px")}
        joined |= {"model": ENSEMBLE, "backbone": f"mean of {len(self.members)} models", "seeds": 1}
        return labels[0] | joined | {"learned": all(x["learned"] for x in labels)}

    @property
    def deviations(self) -> str:
        """What sets the members apart from the paper's, each said once, and how many of the seven are missing."""
        parts = [p for m in self.members for p in described(m).split("; ") if p]
        fewer = [f"mean of {len(self.members)} models, not {len(ROWS)}"] if len(self.members) != len(ROWS) else []
        return "; ".join(dict.fromkeys(fewer + parts))


def _one_or_all(values) -> object:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else ", ".join(map(str, distinct))


def described(predictor: Recipe) -> str:
    """What sets a model or the mean apart from the paper's."""
    if isinstance(predictor, MeanOfModels):
        return predictor.deviations
    return deviations(PAPER, predictor.paper_model, predictor.spec)


def predictors(recipes: list[Recipe]) -> list[Recipe]:
    """For each split, the models in the paper's order and then their mean; one recipe per row, the first in the plan.

    Recipes of rows that the paper does not have, and second recipes of a row, come after them without a mean.
    """
    by_split: dict[tuple, dict[str, Recipe]] = {}
    others = []
    for recipe in recipes:
        spec = recipe.spec
        rows = by_split.setdefault((spec.dataset, spec.task, spec.split), {})
        if recipe.paper_model in ROWS and recipe.paper_model not in rows:
            rows[recipe.paper_model] = recipe
        else:
            others.append(recipe)
    found: list[Recipe] = []
    for rows in by_split.values():
        members = [rows[name] for name in ROWS if name in rows]
        found += members
        if len(members) > 1:
            found.append(MeanOfModels.of(members))
    return found + others
