"""The repository's tables from run records: split, results, ensemble minus model."""

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.evaluation.estimates import Estimate
from lib.papers.saykat2025.models import PAPER, PUBLISHED_AS, MeanOfModels, Predictor, Scored, described
from lib.published.values import load_published
from lib.records.seeds import Recipe, part_counts, split_kind

FRACTIONS = (0.7, 0.15, 0.15)


def published_tables() -> dict[str, pd.DataFrame]:
    """The repository's tables as printed, by id: results, ensemble_minus_model, mcnemar; one row per model."""
    published = load_published(PAPER)
    tables = {}
    for name in ("results", "ensemble_minus_model", "mcnemar"):
        rows = published[published["id"].str.startswith(f"{name}.")].drop_duplicates(["row", "column"])
        grid = rows.pivot(index="row", columns="column", values="cell")
        order = grid.loc[rows["row"].unique(), rows["column"].unique()]
        tables[name] = order.rename_axis(None, axis=1).rename_axis("model").reset_index()
    return tables


def published_confusion() -> pd.DataFrame:
    """The matrix that the repository publishes as the ensemble's: rows true, columns predicted, images."""
    rows = load_published(PAPER)
    rows = rows[rows["id"].str.match(r"confusion\.\w+\.\w+$")]
    keys = rows["id"].str.split(".", expand=True)
    grid = pd.crosstab(keys[1], keys[2], values=rows["value"], aggfunc="first").astype("int64")
    return grid.loc[keys[1].unique(), keys[1].unique()].rename_axis("true").rename_axis("predicted", axis=1)


def tolerances() -> pd.DataFrame:
    """What counts as reproduced, with the reason: fixed before anything was run."""
    published = load_published(PAPER)
    names = {"quantity": "quantity", "tolerance_kind": "kind", "tolerance_reason": "reason"}
    parts = published["id"].str.endswith((".ci_low", ".ci_high")) | published["id"].str.startswith(("split.", "manus"))
    rows = published[~parts & (published["quantity"] != "confidence_level")]
    found = rows.groupby(list(names), sort=False)["tolerance_value"].agg(["min", "max"]).reset_index()
    return found.rename(columns={**names, "min": "smallest", "max": "largest"})[
        ["quantity", "kind", "smallest", "largest", "reason"]
    ]


def split_table(recipes: list[Recipe]) -> pd.DataFrame:
    """Images of each class in each part: published beside ours for every split (training: the class's rest)."""
    published = load_published(PAPER).set_index("id")["value"]
    firsts = {(g.spec.dataset, g.spec.split): g for g in recipes}
    rows = []
    for (dataset, split), recipe in firsts.items():
        counts = part_counts(recipe)
        for dx, ours in counts.iterrows():
            row = {"data": dataset, "split": split.name, "dx": dx}
            for part in ("train", "validation", "test"):
                row |= {f"{part}_published": published[f"split.{dx}.{part}"], part: ours[part]}
            rows.append(row)
    return pd.DataFrame(rows)


def check_supports(recipes: list[Recipe]) -> int:
    """Number of runs on the paper's split of HAM10000, after checking that each has exactly the published supports.

    Raises:
        StudyError: a run has other counts: its split is not the paper's.
    """
    published = load_published(PAPER).set_index("id")["value"]
    checked = 0
    for recipe in recipes:
        split = recipe.spec.split
        if recipe.spec.dataset != "ham10000" or split_kind(recipe.spec) != "paper" or split.fractions != FRACTIONS:
            continue
        for (dx, part), ours in part_counts(recipe).stack().items():
            if ours != (theirs := published[f"split.{dx}.{part}"]):
                raise StudyError(
                    f"{recipe.spec.run_id} has {ours:g} {dx} images in {part}, not the paper's {theirs:g}: "
                    "delete its record and run it again."
                )
        checked += len(recipe.records)
    return checked


def results_table(scored: list[Scored]) -> pd.DataFrame:
    """One row per model and split: every metric (mean over seeds) with ``_low`` and ``_high``, ``_published``, ``sd``.

    ``accuracy_sd`` is the spread over seeds. Intervals are over lesions, where the paper resamples images, and from
    three seeds on over seeds (``interval_of``).
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for s in scored:
        row = {**s.predictor.labels(), "n": s.n}
        for ours, theirs in PUBLISHED_AS.items():
            row |= s.metrics[ours].row(ours)
            row[f"{ours}_published"] = published.get(f"results.{s.predictor.paper_model}.{theirs}", np.nan)
        accuracy = s.metrics["accuracy"]
        row |= {"accuracy_sd": accuracy.sd, "interval_of": accuracy.speaks_of}
        rows.append(row)
    return pd.DataFrame(rows)


def pairs(found: list[Predictor]) -> list[tuple[MeanOfModels, Recipe]]:
    """(mean, member) for every mean among ``found``."""
    return [(p, m) for p in found if isinstance(p, MeanOfModels) for m in p.members]


def deltas(scored: list[Scored]) -> list[tuple[MeanOfModels, Recipe, dict[str, Estimate]]]:
    """(mean, member, mean minus member in the four metrics) with the first seed of each."""
    of = {id(s.predictor): s.metrics for s in scored}
    return [
        (mean, member, {m: of[id(mean)][m] - of[id(member)][m].over(member.seeds[:1]) for m in PUBLISHED_AS})
        for mean, member in pairs([s.predictor for s in scored])
    ]


def delta_table(scored: list[Scored]) -> pd.DataFrame:
    """Ensemble minus model for the four metrics, first seed of each, with 95 % intervals over the same lesions."""
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for mean, member, found in deltas(scored):
        row = {**member.labels(), "seeds": 1, "members": len(mean.members), "n": len(mean.arrays("test")[0])}
        for ours, theirs in PUBLISHED_AS.items():
            row |= found[ours].row(ours)
            row[f"{ours}_published"] = published.get(f"ensemble_minus_model.{member.paper_model}.{theirs}", np.nan)
        rows.append(row)
    return pd.DataFrame(rows)


def measured_from(scored: list[Scored]) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``."""
    known = set(load_published(PAPER)["id"])
    rows = []
    for s in scored:
        base = {**_common(s.predictor, s.n), "deviations": described(s.predictor)}
        names = {f"results.{s.predictor.paper_model}.{theirs}": ours for ours, theirs in PUBLISHED_AS.items()}
        for ident, ours in (names | {f"ece.{s.predictor.paper_model}": "ece"}).items():
            if ident in known:
                rows.append({**base, "published_id": ident, "estimate": s.metrics[ours]})
    for mean, member, found in deltas(scored):
        base = {**_common(member, len(mean.arrays("test")[0])), "deviations": described(mean)}
        for ours, theirs in PUBLISHED_AS.items():
            ident = f"ensemble_minus_model.{member.paper_model}.{theirs}"
            rows.append({**base, "published_id": ident, "estimate": found[ours]})
    return pd.DataFrame(rows)


def _common(predictor: Predictor, n: int) -> dict:
    return {**{k: predictor.labels()[k] for k in ("data", "split")}, "n": n}
