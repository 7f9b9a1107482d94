"""The repository's tables from run records: split, results, ensemble minus model."""

import numpy as np
import pandas as pd

from lib.evaluation.estimates import Estimate
from lib.papers.saykat2025.models import PAPER, PUBLISHED_AS, described, predictors
from lib.plan.spec import RunSpec
from lib.published.compare import answers
from lib.published.tables import tolerance_table
from lib.published.values import load_published, published_values
from lib.records.means import MeanOfModels
from lib.records.parts import split_table
from lib.records.seeds import Recipe, measure, split_kind
from lib.studies.external.tables import PARTS, WHOLE

FRACTIONS = (0.7, 0.15, 0.15)


def published_confusion() -> pd.DataFrame:
    """The matrix that the repository publishes as the ensemble's: rows true, columns predicted, images."""
    rows = load_published(PAPER)
    rows = rows[rows["id"].str.match(r"confusion\.\w+\.\w+$")]
    keys = rows["id"].str.split(".", expand=True)
    grid = pd.crosstab(keys[1], keys[2], values=rows["value"], aggfunc="first").astype("int64")
    return grid.loc[keys[1].unique(), keys[1].unique()].rename_axis("true").rename_axis("predicted", axis=1)


def tolerances() -> pd.DataFrame:
    """What counts as reproduced."""
    rows = load_published(PAPER)
    others = rows["id"].str.endswith((".ci_low", ".ci_high")) | rows["id"].str.startswith(("split.", "manus"))
    return tolerance_table(rows[~others & (rows["quantity"] != "confidence_level")])


def on_papers_split(spec: RunSpec) -> bool:
    """Whether a run has the paper's images in training, validation and test."""
    return spec.dataset == "ham10000" and split_kind(spec) == "paper" and spec.split.fractions == FRACTIONS


def split_counts(recipes: list[Recipe]) -> pd.DataFrame:
    """:func:`lib.records.parts.split_table`; runs on the paper's split must have its counts."""
    return split_table(PAPER, "split", recipes, on_papers_split)


def results_table(found: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per model and split: every metric (mean over seeds) with ``_low`` and ``_high``, ``_published``, ``sd``.

    ``accuracy_sd`` is the spread over seeds. Intervals are over lesions, where the paper resamples images, and from
    three seeds on over seeds (``interval_of``).
    """
    published = published_values(PAPER)
    rows = []
    for one in found:
        row = {**one.labels(), "n": one.n}
        for ours, theirs in PUBLISHED_AS.items():
            row |= measure(one, ours, repeats).row(ours)
            row[f"{ours}_published"] = published.get(f"results.{one.paper_model}.{theirs}", np.nan)
        accuracy = measure(one, "accuracy", repeats)
        rows.append(row | {"accuracy_sd": accuracy.sd, "interval_of": accuracy.speaks_of})
    return pd.DataFrame(rows)


def pairs(found: list[Recipe]) -> list[tuple[MeanOfModels, Recipe]]:
    """(mean, member) for every mean among ``found``."""
    return [(p, m) for p in found if isinstance(p, MeanOfModels) for m in p.members]


def delta(mean: MeanOfModels, member: Recipe, metric: str, repeats: int) -> Estimate:
    """Mean minus member, the first seed of each."""
    return measure(mean, metric, repeats) - measure(member, metric, repeats).over(member.seeds[:1])


def delta_table(found: list[Recipe], repeats: int) -> pd.DataFrame:
    """Ensemble minus model for the four metrics, first seed of each, with 95 % intervals over the same lesions."""
    published = published_values(PAPER)
    rows = []
    for mean, member in pairs(found):
        row = {**member.labels(), "seeds": 1, "members": len(mean.members), "n": mean.n}
        for ours, theirs in PUBLISHED_AS.items():
            row |= delta(mean, member, ours, repeats).row(ours)
            row[f"{ours}_published"] = published.get(f"ensemble_minus_model.{member.paper_model}.{theirs}", np.nan)
        rows.append(row)
    return pd.DataFrame(rows)


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Input of ``lib.published.compare.compare``: the four metrics, calibration error, ensemble minus model, and ISIC
    2019 where records hold it."""
    found = predictors(recipes)
    rows = []
    for one in found:
        base = {**one.place(), "deviations": described(one)}
        names = {f"results.{one.paper_model}.{theirs}": ours for ours, theirs in PUBLISHED_AS.items()}
        for ident, ours in (names | {f"ece.{one.paper_model}": "ece"}).items():
            rows.append({**base, "published_id": ident, "estimate": measure(one, ours, repeats)})
    for mean, member in pairs(found):
        base = {**member.place(), "deviations": described(mean)}
        for ours, theirs in PUBLISHED_AS.items():
            ident = f"ensemble_minus_model.{member.paper_model}.{theirs}"
            rows.append({**base, "published_id": ident, "estimate": delta(mean, member, ours, repeats)})
    return answers(PAPER, rows + measured_external(found, repeats))


def measured_external(found: list[Recipe], repeats: int) -> list[dict]:
    """Rows for ``lib.published.compare.compare``: the published accuracies on ISIC 2019 and the images they rest on."""
    rows = []
    sets = {WHOLE: "accuracy.all", **dict(zip(PARTS, (None, "accuracy.unseen"), strict=True))}
    for predictor in found:
        if predictor.paper_model != "convnext_tiny" or WHOLE not in predictor.external:
            continue
        base = {**predictor.place(), "data": WHOLE, "deviations": described(predictor)}
        counts = {}
        for subset, ident in sets.items():
            n = len(predictor.arrays(subset)[0])
            extra = [s for s in predictor.unmapped if s.startswith(f"{subset}:")]
            counts[subset] = n + sum(len(predictor.arrays(s)[0]) for s in extra)
            if ident:
                own = measure(predictor, "accuracy", repeats, subset)
                rows.append({**base, "published_id": f"external.{ident}", "n": n, "estimate": own})
        for subset, ident in zip(PARTS, ("n_shared", "n_unseen"), strict=True):
            n = counts[subset]
            exact = {"ours": n, "low": n, "high": n, "deviations": ""}
            rows.append({**base, "published_id": f"external.{ident}", "n": n, **exact})
    return rows
