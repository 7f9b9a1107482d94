"""Does the smoothing loss make classes tighter? Within-class over between-class scatter, with its interval."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import from_sums
from lib.evaluation.scatter import centred_logits, columns, scatters
from lib.papers.xia2025.scores import LAMBDA
from lib.papers.xia2025.tables import LOSS_AND_DRAW, PARTS_AND_DRAW
from lib.records import names
from lib.records.draws import by_draw, difference
from lib.records.runs import Record
from lib.records.seeds import Recipe, learned

COMPONENTS = ["pc1", "pc2", "pc3"]
RATIO = ("scatter_ratio", "scatter_ratio_low", "scatter_ratio_high")


def scatter(values: np.ndarray, targets: np.ndarray, groups, repeats: int) -> Estimate:
    """Logarithm of within-class over between-class scatter of ``values`` [N, D], over subjects or lesions."""
    k = targets.max() + 1

    def of_sums(sums: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(np.divide(*scatters(sums, k)))

    return from_sums(of_sums, columns(values, targets), groups, Plan(repeats))[0]


def of_logits(record: Record, repeats: int) -> Estimate:
    """:func:`scatter` of the test images' logits."""
    targets, probs, groups = record.arrays("test")
    return scatter(centred_logits(probs), targets, groups, repeats)


def tightness(recipes: Sequence[Recipe], clouds: list, repeats: int) -> pd.DataFrame:
    """Scatter with the loss over scatter without it: ``scatter_ratio``, with its 95 % interval; below 1 is
    tighter.

    From logits, recipes that differ in the loss alone, over their draws. From ``clouds`` (those of
    :func:`lib.studies.explain.features.feature_tables`), ICN-T over the plain network in the three components that
    are drawn, where the other parts differ too.
    """
    plain = [d for d in by_draw(recipes) if not _weight(d.first)]
    beside = {d.first.spec.model_dump_json(exclude=LOSS_AND_DRAW): d for d in plain}
    logits = partial(of_logits, repeats=repeats)
    rows = []
    for own in (d for d in by_draw(recipes) if _weight(d.first) == LAMBDA):
        other = beside.get(own.first.spec.model_dump_json(exclude=LOSS_AND_DRAW))
        change = difference(own.records, other.records, logits, logits) if other else None
        if change and all(learned(r) for d in (own, other) for r in d.records.values()):
            rows.append(_row(own.first, "logits", "the loss alone", change))
    for recipe, points, _ in clouds:
        alike = recipe.spec.model_dump_json(exclude=PARTS_AND_DRAW)
        networks = [(r, p) for r, p, _ in clouds if r.paper_model == "convnext_tiny"]
        partners = [p for r, p in networks if r.spec.model_dump_json(exclude=PARTS_AND_DRAW) == alike]
        if recipe.paper_model == "iconvnext_tiny" and partners and points[COMPONENTS].notna().all(axis=None):
            change = _of_points(points, repeats) - _of_points(partners[0], repeats)
            rows.append(_row(recipe, "three components", "all parts", change))
    columns = ["data", "split", "trained", "measured_in", "differs_in", *RATIO, "draws"]
    return pd.DataFrame(rows, columns=columns)


def _weight(recipe: Recipe) -> float:
    return recipe.spec.loss.feature_smoothing


def _of_points(points: pd.DataFrame, repeats: int) -> Estimate:
    return scatter(points[COMPONENTS].to_numpy(), points["target"].to_numpy(), points["group"], repeats)


def _row(recipe: Recipe, where: str, differs: str, change: Estimate) -> dict[str, object]:
    ratio = np.exp([change.value, *change.interval()])
    own = {k: v for k, v in recipe.labels().items() if k in ("data", "split")}
    own |= {"trained": names.trained(recipe.labels()), "measured_in": where, "differs_in": differs}
    return own | dict(zip(RATIO, ratio, strict=True)) | {"draws": max(len(change.runs), 1)}
