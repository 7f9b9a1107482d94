"""Stored runs as they were scored: one recipe on both splits, and lesions that were trained on beside new ones.

:mod:`lib.studies.leakage.standard` has the same questions at one class mix.
"""

import itertools

import numpy as np
import pandas as pd

from lib.evaluation.draws import Plan
from lib.evaluation.estimates import FEWEST, Estimate, mean, over_splits
from lib.evaluation.measure import mean_of
from lib.records.seeds import Recipe, measure, on_common_seeds, over_runs, split_kind, value

SCORES = ("balanced_accuracy", "macro_auc_ovr")
SAME_MIX = 0.02  # largest share of images by which two test sets' classes may differ
Pair = dict[str, Recipe]  # one recipe on both kinds of split, ``paper`` and ``grouped``, with the seeds of both


def seen_lesions(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Within one test set: accuracy on images whose lesion was trained on against lesions never seen.

    On a grouped split no lesion is shared, so only the paper's split has both parts. Mean over seeds, 95 % intervals.
    The parts also differ in class mix: lesions photographed twice are less often nevi.
    """
    rows, plan = [], Plan(repeats)
    for recipe in recipes:
        if split_kind(recipe.spec) != "paper":
            continue
        seen = recipe.records[0].subset("test")["seen"].to_numpy(bool)
        row = {**recipe.labels(), "n": len(seen), "shared_share": float(seen.mean())}
        for part, mask in (("seen", seen), ("unseen", ~seen)):
            if mask.any():
                (found,) = over_runs(
                    recipe, lambda t, p, g, mask=mask: [mean_of(p.argmax(axis=1) == t, g, plan, where=mask)]
                )
                row |= found.row(f"accuracy_{part}", f"{part}_low", f"{part}_high")
        rows.append(row)
    return pd.DataFrame(rows)


def split_effect(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per recipe on both splits: accuracy, balanced accuracy and AUC of each, in fractions.

    ``difference`` is paper's minus grouped accuracy at the selected epoch with its 95 % interval; ``interval_of``:
    whether that speaks of the recipe or, with fewer than three seeds, of these networks.
    """
    rows = []
    for pair, found in _differences(recipes, repeats):
        row = recipe_labels(pair)
        for kind, recipe in pair.items():
            row |= {f"n_{kind}": recipe.records[0].info["n"]["test"]}
            row |= {f"{name}_{kind}": value(recipe, name) for name in ("accuracy", *SCORES)}
        rows.append(row | found.row("difference") | {"interval_of": found.speaks_of})
    return pd.DataFrame(rows)


def split_pairs(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per pair of splits: paper's minus grouped accuracy, mean over all recipes that were run on both.

    Recipes share the two test sets, so that they are no independent evidence: the pair of splits is the unit, and its
    interval is over lesions drawn for all recipes at once or, from three draws of the splits on, over these. Data sets
    are never pooled.
    """
    gathered: dict[tuple, dict[int, list[tuple[Pair, Estimate]]]] = {}
    for pair, found in _differences(recipes, repeats):
        first, second = (pair[kind].spec.split for kind in ("paper", "grouped"))
        by_draw = gathered.setdefault((pair["paper"].labels()["data"], first.name, second.name), {})
        by_draw.setdefault(first.seed, []).append((pair, found))
    rows = []
    for key, by_draw in gathered.items():
        means = {draw: mean([e.pooled() for _, e in found]) for draw, found in by_draw.items()}
        pair, _ = by_draw[min(by_draw)][0]
        effect = mean(list(means.values()))
        if len(means) >= FEWEST:
            n = pair["paper"].records[0].info["n"]
            effect = over_splits({d: e.value for d, e in means.items()}, n["test"] / n["train"], Plan(repeats))
        signs = [e.sign for found in by_draw.values() for _, e in found]
        row = dict(zip(("data", "paper", "grouped"), key, strict=True)) | {"draws": len(means), "recipes": len(signs)}
        row |= effect.row("difference") | {"over": ", ".join(effect.levels)}
        rows.append(row | {"above_zero": signs.count("higher"), "below_zero": signs.count("lower")})
    return pd.DataFrame(rows)


def direction(pairs: pd.DataFrame) -> str:
    """Sentences on a table of :func:`split_pairs`, one per pair of splits."""
    if pairs.empty:
        return "No recipe has records on both splits in this profile."
    return " ".join(
        f"{r['data']}, {r['paper']} minus {r['grouped']}: {100 * r['difference']:+.1f} points "
        f"[{100 * r['difference_low']:+.1f}, {100 * r['difference_high']:+.1f}] on average over {r['recipes']} recipes "
        f"(drawn: {r['over']}; single intervals above zero: {r['above_zero']}, below: {r['below_zero']})."
        for r in pairs.to_dict("records")
    )


def mix_distance(first: Recipe, second: Recipe) -> float:
    """Share of the test images that would have to change class to give both test sets one mix, 0..1."""
    k = len(first.classes)
    shares = [np.bincount(g.arrays("test")[0], minlength=k) / len(g.arrays("test")[0]) for g in (first, second)]
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
    pairs = [on_common_seeds(list(p)) for kinds in recipes.values() for p in itertools.product(*kinds.values())]
    return [dict(zip(("paper", "grouped"), p, strict=True)) for p in pairs if p and mix_distance(*p) <= SAME_MIX]


def recipe_labels(pair: Pair) -> dict[str, object]:
    """What names a recipe in a table: its paper, and the group's labels but for the split."""
    group = pair["paper"]
    return {"paper": group.planned.paper, **{k: v for k, v in group.labels().items() if k != "split"}}


def _differences(recipes: list[Recipe], repeats: int) -> list[tuple[Pair, Estimate]]:
    return [
        (pair, measure(pair["paper"], "accuracy", repeats) - measure(pair["grouped"], "accuracy", repeats))
        for pair in recipe_pairs(recipes)
    ]
