"""The paper's metrics (equations 5 to 10) of stored predictions, with their draws; in per cent, as it prints them.

Equations for one class hold of that class against the rest; the paper's overall numbers agree with the unweighted mean
over classes (notebook 01), overall accuracy with the share of hits.
"""

import functools

from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate, estimates
from lib.evaluation.resampled import BY_CLASS, Metric, accuracy_of_class, averaged, precision, specificity
from lib.records.draws import Drawn, over_draws
from lib.records.runs import Record

METRICS: dict[str, str | Metric] = {
    "accuracy": "accuracy",
    "precision": averaged(precision),
    "recall": "balanced_accuracy",
    "specificity": averaged(specificity),
    "f1": "macro_f1",
    "auc": "macro_auc_ovr",
    "ece": "ece",
}
OVERALL = tuple(METRICS)[:-1]  # the paper has no calibration error
OF_CLASS: dict[str, str | Metric] = {"accuracy": accuracy_of_class, "recall": "sensitivity"} | {
    name: name for name in ("precision", "specificity", "f1", "auc")
}


@functools.lru_cache(maxsize=1024)  # pairs share sides
def of_run(record: Record, name: str, repeats: int) -> Estimate:
    """One of ``METRICS`` of one run's test set at the selected epoch, in per cent."""
    return 100 * estimate(METRICS[name], *record.arrays("test"), Plan(repeats))


@functools.lru_cache(maxsize=256)
def classes_of_run(record: Record, name: str, repeats: int) -> list[Estimate]:
    """One of ``OF_CLASS`` for each class; ``accuracy`` is equation 5 with its true negatives."""
    metric = OF_CLASS[name]
    metric = BY_CLASS[metric] if isinstance(metric, str) else metric
    return [100 * found for found in estimates(metric, *record.arrays("test"), Plan(repeats))]


def overall(drawn: Drawn, name: str, repeats: int) -> Estimate:
    """:func:`of_run` over all draws."""
    return over_draws({d: of_run(r, name, repeats) for d, r in drawn.records.items()}, drawn.records)


def of_classes(drawn: Drawn, name: str, repeats: int) -> list[Estimate]:
    """:func:`classes_of_run` over all draws."""
    found = {d: classes_of_run(r, name, repeats) for d, r in drawn.records.items()}
    return [over_draws({d: own[c] for d, own in found.items()}, drawn.records) for c in range(len(drawn.first.classes))]
