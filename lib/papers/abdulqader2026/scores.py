"""The paper's metrics (equations 5 to 10) of stored predictions, with their draws; in per cent, as it prints them.

Equations for one class hold of that class against the rest; the paper's overall numbers agree with the unweighted mean
over classes (notebook 01), overall accuracy with the share of hits.
"""

from lib.evaluation.estimates import Estimate
from lib.evaluation.resampled import Metric, accuracy_of_class, averaged, precision, specificity
from lib.records.seeds import Recipe, measure, measure_classes

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


def overall(recipe: Recipe, name: str, repeats: int) -> Estimate:
    """One of ``METRICS`` on the test set at the selected epoch."""
    return 100 * measure(recipe, METRICS[name], repeats)


def of_classes(recipe: Recipe, name: str, repeats: int) -> list[Estimate]:
    """One of ``OF_CLASS`` for each class; ``accuracy`` is equation 5 with its true negatives."""
    return [100 * found for found in measure_classes(recipe, OF_CLASS[name], repeats)]
