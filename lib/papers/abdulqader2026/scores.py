"""The paper's metrics (equations 5 to 10) of stored predictions, for all resamples of the test lesions at once.

Weights of one give the metric itself, so value and interval come from the same lines. Equations for one class hold of
that class against the rest; the paper's overall numbers agree with the unweighted mean over classes (notebook 01),
overall accuracy with the share of hits.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from lib.evaluation import resampling
from lib.evaluation.resampling import draw_weights, interval
from lib.records.seeds import SeedGroup

OVERALL = ("accuracy", "precision", "recall", "specificity", "f1", "auc")


def per_class(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Equations 5 to 10 for each class against the rest, [R, K].

    ``accuracy`` is equation 5 with its true negatives. A class that is never predicted has precision 0; what depends
    on images of a class is NaN where a resample holds none.
    """
    k = probs.shape[1]
    true, called = np.eye(k)[targets], np.eye(k)[probs.argmax(axis=1)]
    total = weights.sum(axis=1, keepdims=True)
    support, named, hits = weights @ true, weights @ called, weights @ (true * called)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "accuracy": (total - support - named + 2 * hits) / total,
            "precision": np.where(support > 0, hits / np.maximum(named, 1), np.nan),
            "recall": hits / support,
            "specificity": 1 - (named - hits) / (total - support),
            "f1": np.where(support > 0, 2 * hits / (support + named), np.nan),
            "auc": np.stack([resampling.auc(targets == c, probs[:, c], weights) for c in range(k)], axis=1),
        }


def overall(targets: np.ndarray, probs: np.ndarray, weights: np.ndarray, classes: dict[str, np.ndarray]) -> dict:
    """Overall metrics [R]: the share of hits, the others' mean over the classes that occur, and the ECE.

    ``recall`` is thereby what is also called balanced accuracy.
    """
    return {
        "accuracy": resampling.accuracy(targets, probs, weights),
        **{name: np.nanmean(classes[name], axis=1) for name in OVERALL[1:]},
        "ece": resampling.ece(targets, probs, weights),
    }


@dataclass(frozen=True)
class Scored:
    """Metrics of a group of seeds on its test set.

    ``values[name]``: [S], a number a seed; ``draws[name]``: [S, R]; ``class_values`` and ``class_draws``: the same by
    class, [S, K] and [S, R, K]. Resample r is the same lesions for every group on the same test set.
    """

    group: SeedGroup
    values: dict[str, np.ndarray]
    draws: dict[str, np.ndarray]
    class_values: dict[str, np.ndarray]
    class_draws: dict[str, np.ndarray]

    @property
    def n(self) -> int:
        return self.group.records[0].info["n"]["test"]

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(r.spec.seed for r in self.group.records)

    def mean(self, name: str, seeds: Collection[int] | None = None) -> float:
        """Mean over ``seeds``, by default over all."""
        at = [i for i, seed in enumerate(self.seeds) if seeds is None or seed in seeds]
        return float(self.values[name][at].mean())

    def interval(self, name: str) -> tuple[float, float]:
        """95 % percentile interval over resampled lesions of the mean over seeds."""
        return interval(self.draws[name].mean(axis=0), around=self.mean(name) if name == "ece" else None)

    def class_mean(self, name: str, number: int) -> float:
        return float(self.class_values[name][:, number].mean())

    def class_interval(self, name: str, number: int) -> tuple[float, float]:
        return interval(self.class_draws[name][:, :, number].mean(axis=0))


def score(group: SeedGroup, repeats: int) -> Scored:
    """All metrics of ``group`` on its test set at the selected epoch."""
    targets, stack, lesions = group.arrays("test")
    once, resamples = np.ones((1, len(targets))), draw_weights(lesions, len(targets), repeats)
    (values, class_values), (draws, class_draws) = (_over_seeds(targets, stack, w) for w in (once, resamples))
    first = [{name: v[:, 0] for name, v in part.items()} for part in (values, class_values)]
    return Scored(group, first[0], draws, first[1], class_draws)


def _over_seeds(targets: np.ndarray, stack: np.ndarray, weights: np.ndarray) -> tuple[dict, dict]:
    """Overall metrics [S, R] and those by class [S, R, K]."""
    by_class = [per_class(targets, probs, weights) for probs in stack]
    whole = [overall(targets, probs, weights, c) for probs, c in zip(stack, by_class, strict=True)]
    return tuple({name: np.stack([part[name] for part in parts]) for name in parts[0]} for parts in (whole, by_class))
