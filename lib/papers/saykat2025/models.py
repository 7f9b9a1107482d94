"""The seven models and their mean, seen alike by every table."""

from lib.plan.grid import beside
from lib.published.compare import deviations
from lib.records.means import MeanOfModels
from lib.records.seeds import Recipe

PAPER = "saykat2025"
ENSEMBLE = "ensemble_mean"
ROWS = tuple(beside(PAPER, "ensembles")[ENSEMBLE])
PUBLISHED_AS = {"accuracy": "accuracy", "weighted_f1": "weighted_f1", "macro_auc_ovr": "macro_auc_ovr",
                "micro_auc": "micro_auc_ovr"}  # fmt: skip


def described(predictor: Recipe) -> str:
    """What sets a model apart from the paper's; of the mean all that does, and how many of the seven are missing."""
    if not isinstance(predictor, MeanOfModels):
        return deviations(PAPER, predictor.paper_model, predictor.spec)
    n = len(predictor.members)
    fewer = [f"mean of {n} models, not {len(ROWS)}"] if n != len(ROWS) else []
    parts = [part for member in predictor.members for part in described(member).split("; ") if part]
    return "; ".join(dict.fromkeys(fewer + parts))


def predictors(recipes: list[Recipe]) -> list[Recipe]:
    """For each split, the models in the paper's order and then their mean; one recipe per row, the first in the plan.

    Recipes of rows that the paper does not have, and second recipes of a row, come after them without a mean.
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
    found: list[Recipe] = []
    for rows in by_split.values():
        members = [rows[name] for name in ROWS if name in rows]
        found += members
        if len(members) > 1:
            found.append(MeanOfModels.of(ENSEMBLE, members))
    return found + others
