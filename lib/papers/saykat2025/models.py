"""The seven models and their mean, seen alike by every table."""

from dataclasses import dataclass

import numpy as np

from lib.core.errors import StudyError
from lib.evaluation.estimates import Estimate
from lib.plan.grid import ensembles as planned_ensembles
from lib.published.compare import deviations
from lib.records.seeds import Recipe, measure

PAPER = "saykat2025"
ENSEMBLE = "ensemble_mean"
ROWS = tuple(planned_ensembles(PAPER)[ENSEMBLE])
PUBLISHED_AS = {"accuracy": "accuracy", "weighted_f1": "weighted_f1", "macro_auc_ovr": "macro_auc_ovr",
                "micro_auc": "micro_auc_ovr"}  # fmt: skip


@dataclass(frozen=True)
class MeanOfModels:
    """Mean of the members' probabilities ("probability-level mean of the seven models"), each with its first seed.

    Has what the tables ask of a ``Recipe``. ``members``: the models at hand, which may be fewer than seven.
    """

    members: tuple[Recipe, ...]
    paper_model: str = ENSEMBLE
    seeds: tuple[int, ...] = ()  # one network of each recipe: it speaks of these networks

    @property
    def spec(self):
        """The first member's specification, for data and split, which all members share."""
        return self.members[0].spec

    @property
    def classes(self) -> tuple[str, ...]:
        return self.members[0].classes

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [1, N, K], groups [N]).

        Raises:
            StudyError: the members' records hold other images under ``subset``.
        """
        ids = [m.records[0].subset(subset, checkpoint)["image_id"].tolist() for m in self.members]
        if any(other != ids[0] for other in ids):
            raise StudyError(f"members of {self.paper_model} have other images in {subset!r}: train them on one split.")
        arrays = [m.records[0].arrays(subset, checkpoint) for m in self.members]
        return arrays[0][0], np.mean([a[1] for a in arrays], axis=0)[None], arrays[0][2]

    def labels(self) -> dict[str, object]:
        """As a group's; where members differ, all that they have."""
        labels = [m.labels() for m in self.members]
        joined = {k: _one_or_all(x[k] for x in labels) for k in ("weights", "trained", "px")}
        return {
            **labels[0],
            "model": self.paper_model,
            "backbone": f"mean of {len(self.members)} models",
            **joined,
            "seeds": 1,
        }

    @property
    def deviations(self) -> str:
        """What sets the members apart from the paper's, each said once, and how many of the seven are missing."""
        parts = [p for m in self.members for p in described(m).split("; ") if p]
        fewer = [f"mean of {len(self.members)} models, not {len(ROWS)}"] if len(self.members) != len(ROWS) else []
        return "; ".join(dict.fromkeys(fewer + parts))


Predictor = Recipe | MeanOfModels


def _one_or_all(values) -> object:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else ", ".join(map(str, distinct))


def described(predictor: Predictor) -> str:
    """What sets a model or the mean apart from the paper's."""
    if isinstance(predictor, MeanOfModels):
        return predictor.deviations
    return deviations(PAPER, predictor.paper_model, predictor.spec)


def predictors(recipes: list[Recipe]) -> list[Predictor]:
    """For each split, the models in the paper's order and then their mean; one group per row, the first in the plan.

    Groups of rows that the paper does not have, and second groups of a row, come after them without a mean.
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
    found: list[Predictor] = []
    for rows in by_split.values():
        members = tuple(rows[name] for name in ROWS if name in rows)
        found += members
        if len(members) > 1:
            found.append(MeanOfModels(members))
    return found + others


@dataclass(frozen=True)
class Scored:
    """A predictor's metrics on a subset of ``n`` images, by name."""

    predictor: Predictor
    n: int
    metrics: dict[str, Estimate]


def score(
    found: list[Predictor], repeats: int, subset: str = "test", names: tuple[str, ...] = (*PUBLISHED_AS, "ece")
) -> list[Scored]:
    """Metrics of every predictor on ``subset``, over the same lesions for all that share its images."""
    return [
        Scored(p, len(p.arrays(subset)[0]), {name: measure(p, name, repeats, subset) for name in names}) for p in found
    ]
