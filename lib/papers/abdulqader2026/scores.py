"""The paper's metrics (equations 5 to 10) of stored predictions, with their draws.

Equations for one class hold of that class against the rest; the paper's overall numbers agree with the unweighted mean
over classes (notebook 01), overall accuracy with the share of hits.
"""

import functools
from dataclasses import dataclass

from lib.evaluation.estimates import Estimate
from lib.evaluation.resampled import accuracy_of_class, averaged, precision, specificity
from lib.records.seeds import Recipe, measure, measure_classes

METRICS = {
    "accuracy": "accuracy",
    "precision": averaged(precision),
    "recall": "balanced_accuracy",
    "specificity": averaged(specificity),
    "f1": "macro_f1",
    "auc": "macro_auc_ovr",
    "ece": "ece",
}
OVERALL = tuple(METRICS)[:-1]  # the paper has no calibration error
OF_CLASS = {"accuracy": accuracy_of_class, "recall": "sensitivity"} | {
    name: name for name in ("precision", "specificity", "f1", "auc")
}


@dataclass(frozen=True, eq=False)
class Scored:
    """Metrics of the runs of a recipe on its test set at the selected epoch, made when first asked for."""

    recipe: Recipe
    repeats: int

    @property
    def n(self) -> int:
        return self.recipe.records[0].info["n"]["test"]

    @functools.cached_property
    def overall(self) -> dict[str, Estimate]:
        """The metrics of ``METRICS``."""
        return {name: measure(self.recipe, metric, self.repeats) for name, metric in METRICS.items()}

    @functools.cached_property
    def classes(self) -> dict[str, list[Estimate]]:
        """Those of ``OF_CLASS``, for each class; ``accuracy`` is equation 5 with its true negatives."""
        return {name: measure_classes(self.recipe, metric, self.repeats) for name, metric in OF_CLASS.items()}
