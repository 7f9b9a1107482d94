"""Runs gathered over seeds, and their metrics with intervals."""

import functools
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from lib.core.gather import gather_by
from lib.data.splits import SPLITS
from lib.data.tasks import TASKS
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate, over_seeds
from lib.evaluation.measure import estimate, estimates
from lib.evaluation.metrics import values
from lib.evaluation.resampled import BY_CLASS, METRICS, Metric
from lib.plan.grid import PlannedRun
from lib.plan.spec import RunSpec
from lib.records.runs import Draw, Record, stacked

FEW = 200  # draws for a standard error


@functools.cache
def learned(record: Record) -> bool:
    """Whether a network beats the constant answer on validation: several classes named, AUC above 0.5 by three errors.

    Accuracy would not do: a network trained on balanced classes may know them and still be right less often than the
    largest class is frequent.
    """
    targets, probs, groups = record.arrays("val")
    auc = estimate("macro_auc_ovr", targets, probs, groups, Plan(repeats=FEW))
    return len(np.unique(probs.argmax(axis=1))) > 1 and auc.value - 0.5 > 3 * auc.se


@dataclass(frozen=True, eq=False)
class Recipe:
    """Runs that differ in their seed alone."""

    planned: PlannedRun
    records: tuple[Record, ...]

    @property
    def spec(self) -> RunSpec:
        return self.planned.spec

    @property
    def paper_model(self) -> str:
        return self.planned.paper_model

    @property
    def classes(self) -> tuple[str, ...]:
        return self.records[0].classes

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(r.spec.seed for r in self.records)

    @property
    def draws(self) -> list[Draw]:
        return [r.draw for r in self.records]

    def on(self, draws: Set[Draw]) -> "Recipe":
        """Its runs of ``draws``, maybe none."""
        return Recipe(self.planned, tuple(r for r in self.records if r.draw in draws))

    @property
    def n(self) -> int:
        """Test images."""
        return self.records[0].info["n"]["test"]

    @property
    def learned(self) -> bool:
        """Whether the networks of all seeds :func:`learned`; others stand for nothing."""
        return all(map(learned, self.records))

    def place(self) -> dict[str, object]:
        """What it was measured on (data, split, n), and whether it learned."""
        return {key: self.labels()[key] for key in ("data", "split", "learned")} | {"n": self.n}

    @property
    def subsets(self) -> list[str]:
        """Subsets that all records have predictions of, in the first one's order."""
        first, *others = (r.subsets for r in self.records)
        return [s for s in first if all(s in names for names in others)]

    @property
    def external(self) -> list[str]:
        """Those that are data sets of their own."""
        return [s for s in self.subsets if s not in ("val", "test") and ":" not in s]

    @property
    def unmapped(self) -> list[str]:
        """Those of diagnoses without a class, such as ``isic2019:scc``."""
        return [s for s in self.subsets if ":" in s]

    def seen_share(self, subset: str) -> float:
        """Share of the images of ``subset`` whose lesion the first seed was trained on."""
        return float(self.records[0].rows(subset)["seen"].mean())

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [S, N, K], groups [N]) over the S seeds."""
        return stacked(self.records, subset, checkpoint)

    def labels(self) -> dict[str, object]:
        """The columns by which tables keep unlike runs apart, and whether the networks of all seeds :func:`learned`."""
        spec = self.spec
        return {
            "data": ", ".join(filter(None, (spec.dataset, TASKS[spec.task].label))),
            "split": split_kind(spec),
            "model": self.paper_model,
            "backbone": spec.model.backbone,
            "weights": spec.model.weights,
            "trained": spec.model.train,
            "px": spec.image_size,
            "seeds": len(self.records),
            "learned": self.learned,
        }


def split_kind(spec: RunSpec) -> str:
    """``grouped`` where no lesion or subject crosses the split, else ``paper``."""
    return SPLITS[spec.split.name].kind


def split_key(spec: RunSpec) -> tuple:
    """What the runs on all draws of a split have in common: data set, task, the split's name and fractions."""
    return spec.dataset, spec.task, spec.split.name, spec.split.fractions


def by_seed(runs: list[tuple[PlannedRun, Record]]) -> list[Recipe]:
    """Runs gathered by everything but the seed, in the given order; a run that two grids plan counts once."""
    distinct: dict[str, tuple[PlannedRun, Record]] = {}
    for planned, record in runs:
        distinct.setdefault(planned.spec.hash, (planned, record))
    groups = gather_by(distinct.values(), lambda run: run[0].spec.model_copy(update={"seed": 0}).hash)
    return [Recipe(members[0][0], tuple(r for _, r in members)) for members in groups.values()]


def on_common_draws(found: Sequence) -> list:
    """Recipes, or :class:`lib.records.draws.Drawn`, over the draws that all have, so that none is favoured by a lucky
    one; [] without any."""
    common = set.intersection(*(set(one.draws) for one in found)) if found else set()
    return [one.on(common) for one in found] if common else []


def gathered(recipe, found: list[list[Estimate]]) -> list[Estimate]:
    """Estimates over the seeds of ``recipe`` from those of each run, ``found`` [S][...].

    ``recipe`` is a :class:`Recipe`, or has ``arrays`` and ``seeds`` as it has; without ``seeds`` it is one network.
    """
    if not recipe.seeds:
        return found[0]
    return [over_seeds(dict(zip(recipe.seeds, parts, strict=True))) for parts in zip(*found, strict=True)]


def over_runs(
    recipe, function: Callable[..., list[Estimate]], subset: str = "test", checkpoint: str = "best"
) -> list[Estimate]:
    """Estimates over the seeds of ``recipe``: ``function`` of (targets, probs, lesions) gives those of one run."""
    targets, stack, lesions = recipe.arrays(subset, checkpoint)
    return gathered(recipe, [function(targets, probs, lesions) for probs in stack])


@functools.lru_cache(maxsize=256)  # tables of one notebook ask for the same again; at most 200 MB
def measure(recipe, metric: str | Metric, repeats: int, subset: str = "test", checkpoint: str = "best") -> Estimate:
    """A metric over the seeds of ``recipe``, with draws of lesions and, from three on, of seeds."""
    plan = Plan(repeats)
    return over_runs(recipe, lambda t, p, g: [estimate(metric, t, p, g, plan)], subset, checkpoint)[0]


@functools.lru_cache(maxsize=64)
def measure_classes(recipe, name: str, repeats: int, subset: str = "test", checkpoint: str = "best") -> list[Estimate]:
    """As :func:`measure` for each class; ``name``: a metric of ``lib.evaluation.resampled.BY_CLASS``."""
    plan = Plan(repeats)
    return over_runs(recipe, lambda t, p, g: estimates(BY_CLASS[name], t, p, g, plan), subset, checkpoint)


def value(recipe, metric: str | Metric) -> float:
    """Mean of a metric over seeds on the test images, without draws."""
    targets, stack, lesions = recipe.arrays("test")
    metric = METRICS[metric] if isinstance(metric, str) else metric
    return float(np.mean([values(metric, targets, probs, lesions) for probs in stack]))
