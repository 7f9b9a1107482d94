"""Stored runs by recipe: what differs in nothing but its draw, a training seed and the split's seed together."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.core.gather import gather_by
from lib.data.splits import SPLITS
from lib.plan.grid import PlannedRun
from lib.plan.spec import RunSpec
from lib.published.claims import Not
from lib.records.runs import Draw, Record

OTHER_NAMES = {"detail_px": "preprocessing.detail_px"}
DRAWN = ("split.seed", "seed", "external", "track_test")  # set no recipe apart
BY_MODEL = ("model", "image_size", "optimizer.lr", "augmentation.random_crop", "preprocessing.normalization")
"""Fields that a paper's rows for its models may differ in."""


@dataclass(frozen=True, eq=False)
class DrawnRecipe:
    """Records of one recipe by draw."""

    planned: PlannedRun
    records: Mapping[Draw, Record]

    @functools.cached_property
    def fields(self) -> dict[str, Any]:
        """The specification's, by dotted key."""
        return flat(self.spec.model_dump(mode="json"))

    @property
    def spec(self) -> RunSpec:
        return self.planned.spec

    @property
    def split(self) -> str:
        return self.spec.split.name

    def has(self, wanted: Mapping[str, Any]) -> bool:
        """Whether the recipe has the values of a side; extra keys of a side but ``paper_model`` ask for nothing."""
        return all(_holds(self._value(key), value) for key, value in wanted.items() if self._knows(key))

    def _knows(self, key: str) -> bool:
        return key in OTHER_NAMES or key == "paper_model" or key.split(".")[0] in RunSpec.model_fields

    def _value(self, key: str) -> Any:
        if key == "paper_model":
            return self.planned.paper_model
        if key == "detail_px":  # None: the detail of the input itself
            return self.fields[OTHER_NAMES[key]] or self.spec.image_size
        if key in self.fields:
            return self.fields[key]
        return True if any(k.startswith(f"{key}.") for k in self.fields) else None  # a part that is there, or not

    def holds(self, subset: str) -> bool:
        return subset in next(iter(self.records.values())).subsets

    def rest(self, named: Iterable[str] = ()) -> dict[str, Any]:
        """All fields but those ``named`` (with what is below them) and the draw."""
        names = [*(OTHER_NAMES.get(name, name) for name in named), *DRAWN]
        return {k: v for k, v in self.fields.items() if not any(k == n or k.startswith(f"{n}.") for n in names)}


def families(recipes: list[DrawnRecipe], named: Sequence[str] = BY_MODEL) -> list[list[DrawnRecipe]]:
    """Recipes gathered by all but what is ``named``."""
    return list(gather_by(recipes, lambda recipe: repr(sorted(recipe.rest(named).items()))).values())


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as dotted keys; an absent part is one key with None."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Not):
        return value != wanted.value
    return value in wanted if isinstance(wanted, list) else value == wanted


def by_recipe(runs: Iterable[tuple[PlannedRun, Record]]) -> list[DrawnRecipe]:
    """Runs gathered by everything but the draw, in the given order."""
    single = [DrawnRecipe(planned, {record.draw: record}) for planned, record in runs]
    members = gather_by(single, lambda one: repr([one.planned.paper_model, sorted(one.rest().items())])).values()
    return [DrawnRecipe(own[0].planned, {d: r for one in own for d, r in one.records.items()}) for own in members]


def common_draws(recipes: Sequence[DrawnRecipe]) -> list[Draw]:
    """Draws that all have, in the order of the first."""
    return [draw for draw in recipes[0].records if all(draw in r.records for r in recipes)]


def grouped_partner(split: str) -> str | None:
    """The split of the same data in which no lesion or subject is on both sides; None if there is none."""
    stem = split.removesuffix("-image")
    own = SPLITS[split]
    partners = [n for n, s in SPLITS.items() if s.grouped and s.dataset == own.dataset and n.startswith(f"{stem}-")]
    return partners[0] if partners and not own.grouped else None
