"""Pools of stored models that were scored on the same images.

Members of a pool are recipes (runs that differ in their seed alone).
"""

import functools
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from lib.core.gather import gather_by
from lib.data.splits import SPLITS
from lib.evaluation.metrics import accuracy
from lib.figures.results import setting
from lib.records.baseline import constants
from lib.records.runs import stacked
from lib.records.seeds import Recipe, split_key, value
from lib.studies.claims.rows import apart


@dataclass(frozen=True)
class Pool:
    """Recipes with the same data, task, split and images; ``names`` tell them apart. ``pictures``: size of the data
    set's pictures, where other pools have those of another size."""

    members: tuple[Recipe, ...]
    names: tuple[str, ...]
    pictures: str = ""

    @functools.cached_property
    def labels(self) -> dict[str, object]:
        """What tables say of a pool: data, split and ``where`` (both, with the test images), how many members it has
        and how many of them did not learn, and the accuracy of the constant answer."""
        spec, n = self.members[0].spec, self.members[0].n
        own = {key: self.members[0].labels()[key] for key in ("data", "split")}
        if SPLITS[spec.split.name].fractions is None:  # a fixed split is an edition of the data
            own["data"] = own["data"].replace(spec.dataset, spec.split.name, 1)
        where = f"{setting(own)}, {n:,} images {self.pictures}".rstrip()
        found = {"members": len(self.members), "unlearned": sum(not m.learned for m in self.members)}
        return own | {"where": where, "n": n} | found | {"constant": value(constants(self.members)[0], "accuracy")}

    @property
    def setting(self) -> tuple:
        """What all draws of one random split have in common."""
        return (*split_key(self.members[0].spec), self.pictures)

    @property
    def draw(self) -> int:
        return self.members[0].spec.split.seed

    def stack(self, subset: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [M, N, K] of the first seed of each, groups [N])."""
        return stacked([member.records[0] for member in self.members], subset)

    def best(self) -> int:
        """The member whose first seed has the highest accuracy on the validation images."""
        targets, probs, _ = self.stack("val")
        return int(np.argmax([accuracy(targets, p) for p in probs]))


def pools(recipes: list[Recipe]) -> list[Pool]:
    """Recipes gathered by data, size of its pictures, task, split, and the very images tested and validated on; at
    least two each."""

    def alike(recipe: Recipe) -> tuple:
        spec, record = recipe.spec, recipe.records[0]
        images = tuple(tuple(record.rows(s)["image_id"]) for s in ("val", "test"))
        size = record.info.get("data", {}).get(spec.dataset, {}).get("picture_px", "")
        return (spec.dataset, size, spec.task, spec.split.name, spec.split.seed, images)

    gathered = gather_by((r for r in recipes if "val" in r.records[0].info["n"]), alike)
    sizes = Counter(data for data, _ in {key[:2] for key in gathered})
    found = [Pool(tuple(m), _names(m), size if sizes[data] > 1 else "")
             for (data, size, *_), m in gathered.items() if len(m) > 1]  # fmt: skip
    return sorted(found, key=lambda p: (p.labels["where"].split(",")[0].lower(), p.labels["split"], p.draw))


def family(backbone: str) -> str:
    """Family of architectures by the letters that a timm name begins with: ``convnext``, ``resnet``, ``vit``."""
    letters = re.match(r"(?:tf_|test_)?([a-z]+)", backbone)[1]
    return letters[:-1] if letters.endswith("v") and len(letters) > 2 else letters


def _names(members: list[Recipe]) -> tuple[str, ...]:
    """Backbone, size and how it was trained; paper and settings are added where that does not suffice."""
    short = {"none": ", scratch", "local": "", "imagenet": ""}
    names = []
    for m in members:
        head = ", head" if m.spec.model.train == "head" else ""
        backbone = m.spec.model.backbone.split(".")[0]
        names.append(f"{backbone} {m.spec.image_size} px{short[m.spec.model.weights]}{head}")
    twice = [names.count(n) > 1 for n in names]
    names = [f"{n} ({m.planned.paper})" if t else n for n, m, t in zip(names, members, twice, strict=True)]
    settings = apart([m.planned for m in members])
    return tuple(f"{n[:-1]}: {s})" if names.count(n) > 1 else n for n, s in zip(names, settings, strict=True))
