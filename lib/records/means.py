"""The mean of several models' probabilities, seen alike with them by every table and figure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.core.errors import StudyError
from lib.records.seeds import Recipe


@dataclass(frozen=True, eq=False)
class MeanOfModels(Recipe):
    """Mean of the members' probabilities, each with its first seed.

    ``records``: that of each member; ``members``: the models at hand; ``name``: the paper's row.
    """

    members: tuple[Recipe, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, name: str, members: Sequence[Recipe]) -> "MeanOfModels":
        return cls(members[0].planned, tuple(m.records[0] for m in members), tuple(members), name)

    @property
    def paper_model(self) -> str:
        return self.name

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
            raise StudyError(f"members of {self.name} have other images in {subset!r}: train them on one split.")
        targets, stack, groups = super().arrays(subset, checkpoint)
        return targets, stack.mean(axis=0, keepdims=True), groups

    def labels(self) -> dict[str, object]:
        """As a recipe's; where members differ, all that they have."""
        labels = [m.labels() for m in self.members]
        joined = {k: _one_or_all(x[k] for x in labels) for k in ("weights", "trained", "px")}
        joined |= {"model": self.name, "backbone": f"mean of {len(self.members)} models", "seeds": 1}
        return labels[0] | joined | {"learned": all(x["learned"] for x in labels)}


def _one_or_all(values) -> object:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else ", ".join(map(str, distinct))
