"""Stored runs as they were scored: one recipe on both splits, and lesions that were trained on beside new ones.

:mod:`lib.studies.leakage.standard` has the same questions at one class mix.
"""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.core.gather import gather_by
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import FEWEST, Estimate, mean, over_splits, smallest_detectable
from lib.evaluation.measure import mean_of
from lib.evaluation.words import draws, effect
from lib.records.draws import Drawn, by_draw, over_draws
from lib.records.names import data_set
from lib.records.runs import Record
from lib.records.seeds import Recipe, measure, on_common_draws, split_kind, value
from lib.studies.claims.rows import apart

KINDS = ("paper", "grouped")
SCORES = ("balanced_accuracy", "macro_auc_ovr")
SAME_MIX = 0.02  # largest share of images by which two test sets' classes may differ
Pair = dict[str, Recipe]  # one recipe on both kinds of split, ``paper`` and ``grouped``, with the seeds of both


def seen_lesions(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Within one test set: accuracy on images whose lesion was trained on against lesions never seen.

    On a grouped split no lesion is shared, so only the paper's split has both parts. One row per recipe over its draws,
    95 % intervals. The parts also differ in class mix: lesions photographed twice are less often nevi.
    """
    rows = []
    for drawn in by_draw([r for r in recipes if split_kind(r.spec) == "paper"]):
        seen = {d: r.rows("test")["seen"].to_numpy(bool) for d, r in drawn.records.items()}
        row = {**drawn.labels(), "n": drawn.first.n, "shared_share": float(np.mean([s.mean() for s in seen.values()]))}
        for part, masks in (("seen", seen), ("unseen", {d: ~s for d, s in seen.items()})):
            if all(mask.any() for mask in masks.values()):
                found = {d: _accuracy(r, repeats, masks[d]) for d, r in drawn.records.items()}
                row |= over_draws(found, drawn.records).row(f"accuracy_{part}")
        rows.append(row)
    return pd.DataFrame(rows)


def split_effect(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per recipe on both splits, over its draws: accuracy, balanced accuracy and AUC of each, in fractions.

    ``setting``: what sets runs of one network apart. ``difference`` is paper's minus grouped accuracy at the selected
    epoch with its 95 % interval, ``smallest_seen`` the difference that such runs see at 80 % power; ``interval_of``:
    whether the interval speaks of the recipe or, with fewer than three draws, of these networks.
    """
    rows, found_pairs = [], drawn_pairs(recipes)
    settings = apart([pairs[0]["paper"].planned for pairs in found_pairs])
    for pairs, setting in zip(found_pairs, settings, strict=True):
        own = pairs[0]["paper"]
        row = {"paper": own.planned.paper, **own.labels(), "setting": setting}
        del row["split"], row["seeds"]
        row["draws"] = sum(len(p["paper"].seeds) for p in pairs)
        for kind, recipe in pairs[0].items():
            row |= {f"n_{kind}": recipe.n}
            row |= {f"{s}_{kind}": float(np.mean([value(p[kind], s) for p in pairs])) for s in ("accuracy", *SCORES)}
        found = over_pairs(pairs, repeats)
        row |= found.row("difference") | {"smallest_seen": smallest_detectable(found)}
        rows.append(row | {"interval_of": found.speaks_of})
    return pd.DataFrame(rows)


def drawn_pairs(recipes: list[Recipe]) -> list[list[Pair]]:
    """The pairs of :func:`recipe_pairs`, gathered by everything but their draw."""

    def undrawn(pair: Pair) -> str:
        specs = [pair[kind].spec for kind in KINDS]
        splits = [(spec.split.name, spec.split.fractions) for spec in specs]
        recipe = specs[0].model_dump(mode="json", exclude={"split", "seed"})
        return f"{pair['paper'].planned.paper} {splits} {recipe}"

    return list(gather_by(recipe_pairs(recipes), undrawn).values())


def over_pairs(pairs: list[Pair], repeats: int) -> Estimate:
    """Paper's minus grouped accuracy over all draws of ``pairs``."""
    records = {kind: Drawn(tuple(p[kind] for p in pairs)).records for kind in KINDS}
    found = {d: _accuracy(records["paper"][d], repeats) - _accuracy(r, repeats) for d, r in records["grouped"].items()}
    return over_draws(found, records["grouped"], records["paper"])


def _accuracy(record: Record, repeats: int, where: np.ndarray | None = None) -> Estimate:
    targets, probs, lesions = record.arrays("test")
    hits = mean_of(probs.argmax(axis=1) == targets, lesions, Plan(repeats), where=where)
    return replace(hits, bounds=(0.0, 1.0))


def split_pairs(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per pair of splits: paper's minus grouped accuracy, mean over recipes that were run on both.

    Recipes share the two test sets, so that they are no independent evidence: the pair of splits is the unit, and its
    interval is over lesions drawn for all recipes at once or, from three draws of the splits on, over these. Of the
    recipes those count that have as many draws as any, so that each draw is a mean over the same. Data sets are never
    pooled.
    """

    def setting(pairs: list[Pair]) -> tuple[object, ...]:
        return (pairs[0]["paper"].labels()["data"], *(pairs[0][kind].spec.split.name for kind in KINDS))

    rows = []
    for key, alike in gather_by(drawn_pairs(recipes), setting).items():
        own = [{pair["paper"].spec.split.seed: pair for pair in pairs} for pairs in alike]
        most = max(map(set, own), key=len)
        kept = [pairs for pairs in own if most <= set(pairs)]
        means = {d: mean([_gap(pairs[d], repeats).pooled() for pairs in kept]) for d in sorted(most)}
        found = mean(list(means.values()))
        if len(means) >= FEWEST:
            n = kept[0][min(most)]["paper"].records[0].info["n"]
            found = over_splits(means, n["test"] / n["train"])
        row = dict(zip(("data", *KINDS), key, strict=True)) | {"draws": len(means), "recipes": len(kept)}
        row |= found.row("difference") | {"smallest_seen": smallest_detectable(found)}
        rows.append(row | {"over": ", ".join(found.levels)})
    return pd.DataFrame(rows)


def direction(pairs: pd.DataFrame) -> str:
    """Sentences on a table of :func:`split_pairs`, one per pair of splits."""
    if pairs.empty:
        return "No recipe has records on both splits in this profile."
    numbers = ["difference", "difference_low", "difference_high", "smallest_seen"]

    def split(row: dict, kind: str) -> str:
        return data_set(row[kind]).removeprefix(data_set(row["data"]) + " ")

    return " ".join(
        f"{data_set(r['data'])}, {split(r, 'paper')} minus {split(r, 'grouped')}: "
        f"{effect(*(100 * r[k] for k in numbers))}, mean of {r['recipes']} recipe{'s' * (r['recipes'] > 1)} over "
        f"{draws(r['draws'])} of the split."
        for r in pairs.to_dict("records")
    )


def mix_distance(first: Recipe, second: Recipe) -> float:
    """Share of the test images that would have to change class to give both test sets one mix, 0..1."""
    targets = [recipe.arrays("test")[0] for recipe in (first, second)]
    shares = [np.bincount(t, minlength=len(first.classes)) / len(t) for t in targets]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def recipe_pairs(groups: list[Recipe]) -> list[Pair]:
    """Runs that differ in the kind of split alone, over the seeds that both have; one pair for each grouped split.

    Pairs whose test sets have another class mix (DermaMNIST and DermaMNIST-C) are left out: their accuracies cannot be
    subtracted.
    """
    recipes: dict[str, dict[str, list[Recipe]]] = {}
    for group in groups:
        recipe = group.spec.model_dump(mode="json", exclude={"split", "seed"})
        key = f"{group.planned.paper} {group.spec.split.fractions} {group.spec.split.seed} {recipe}"
        recipes.setdefault(key, {"paper": [], "grouped": []})[split_kind(group.spec)].append(group)
    pairs = [on_common_draws(p) for kinds in recipes.values() for p in itertools.product(*kinds.values())]
    return [dict(zip(KINDS, p, strict=True)) for p in pairs if p and mix_distance(*p) <= SAME_MIX]


def _gap(pair: Pair, repeats: int) -> Estimate:
    return measure(pair["paper"], "accuracy", repeats) - measure(pair["grouped"], "accuracy", repeats)
