"""Runs gathered over seeds, and their metrics with intervals."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.data.sources import SOURCES
from lib.data.splits import SPLITS
from lib.data.tasks import TASKS
from lib.evaluation.metrics import METRICS, bootstrap
from lib.plan.grid import PlannedRun
from lib.plan.spec import RunSpec
from lib.records.runs import Record


@dataclass(frozen=True)
class SeedGroup:
    """Runs that differ in their seed alone."""

    planned: PlannedRun
    records: tuple[Record, ...]

    @property
    def spec(self) -> RunSpec:
        return self.planned.spec

    @property
    def stands_for(self) -> str:
        return self.planned.stands_for

    @property
    def classes(self) -> tuple[str, ...]:
        return self.records[0].classes

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets [N], probabilities [S, N, K], groups [N]) over the S seeds."""
        targets, _, groups = self.records[0].arrays(subset, checkpoint)
        return targets, np.stack([r.arrays(subset, checkpoint)[1] for r in self.records]), groups

    def labels(self) -> dict[str, object]:
        """The columns by which tables keep unlike runs apart."""
        spec = self.spec
        return {
            "data": ", ".join(filter(None, (spec.dataset, TASKS[spec.task].label))),
            "split": split_kind(spec),
            "model": self.stands_for,
            "backbone": spec.model.backbone,
            "weights": spec.model.weights,
            "trained": spec.model.train,
            "px": spec.image_size,
            "seeds": len(self.records),
        }


def split_kind(spec: RunSpec) -> str:
    """``grouped`` where no lesion or subject crosses the split, else ``paper``."""
    return SPLITS[spec.split.name].kind


def by_seed(runs: list[tuple[PlannedRun, Record]]) -> list[SeedGroup]:
    """Runs gathered by everything but the seed, in the given order; a run that two grids plan counts once."""
    gathered: dict[str, list[tuple[PlannedRun, Record]]] = {}
    for planned, record in runs:
        members = gathered.setdefault(planned.spec.model_copy(update={"seed": 0}).hash, [])
        if all(p.spec.hash != planned.spec.hash for p, _ in members):
            members.append((planned, record))
    return [SeedGroup(members[0][0], tuple(r for _, r in members)) for members in gathered.values()]


def measure(group: SeedGroup, name: str, repeats: int, subset: str = "test", checkpoint: str = "best") -> dict:
    """Mean of a metric over seeds, 95 % interval over resampled lesions, spread over seeds (NaN for one)."""
    targets, stack, groups = group.arrays(subset, checkpoint)
    values = [METRICS[name](targets, p) for p in stack]
    low, high = bootstrap(METRICS[name], targets, stack, groups, repeats=repeats)
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else np.nan
    return {name: float(np.mean(values)), "low": low, "high": high, "sd_over_seeds": spread}


def metric_table(groups: list[SeedGroup], names: tuple[str, ...], repeats: int, subset: str = "test") -> pd.DataFrame:
    """A row a group of seeds: labels, n, each metric's mean over seeds, with an interval for the first of them."""
    rows = []
    for group in groups:
        first = measure(group, names[0], repeats, subset)
        # An undefined metric is null in the record, and then NaN here.
        stored = [pd.Series(r.info["metrics"]["best"][subset], dtype=float) for r in group.records]
        rest = {n: float(np.mean([s[n] for s in stored])) for n in names[1:]}
        rows.append({**group.labels(), "n": group.records[0].info["n"][subset], **first, **rest})
    return pd.DataFrame(rows)


def part_counts(group: SeedGroup) -> pd.DataFrame:
    """Images by class (and "total") in train, validation, test; train is unknown (NaN) for synthetic images."""
    record = group.records[0]
    parts = {"train": "train", "validation": "val", "test": "test"}
    counts = pd.DataFrame(index=[*record.classes, "total"], columns=list(parts), dtype=float)
    for part, subset in parts.items():
        counts.loc["total", part] = record.info["n"][subset]
        if subset != "train":
            targets = record.arrays(subset)[0]
            counts.loc[list(record.classes), part] = np.bincount(targets, minlength=len(record.classes))
    if group.spec.dataset in SOURCES and group.spec.task == "dx":
        known = SOURCES[group.spec.dataset].counts
        rest = counts.loc[list(record.classes)]
        counts.loc[list(record.classes), "train"] = pd.Series(known) - rest["validation"] - rest["test"]
    return counts.rename_axis("dx")
