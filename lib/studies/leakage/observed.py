"""Stored runs as they were scored: one recipe on both splits, and lesions that were trained on beside new ones.

:mod:`lib.studies.leakage.standard` has the same questions at one class mix.
"""

import numpy as np
import pandas as pd

from lib.evaluation.metrics import accuracy, bootstrap
from lib.records.seeds import SeedGroup, measure, split_kind

SCORES = ("balanced_accuracy", "macro_auc_ovr")
SAME_MIX = 0.02  # largest share of images by which two test sets' classes may differ


def seen_lesions(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Within one test set: accuracy on images whose lesion was trained on against lesions never seen.

    On a grouped split no lesion is shared, so only the paper's split has both parts. Mean over seeds, 95 % intervals
    over resampled lesions. The parts also differ in class mix: lesions photographed twice are less often nevi.
    """
    rows = []
    for group in groups:
        if split_kind(group.spec) != "paper":
            continue
        targets, stack, lesions = group.arrays("test")
        seen = group.records[0].subset("test")["seen"].to_numpy(bool)
        row = {**group.labels(), "n": len(targets), "shared_share": float(seen.mean())}
        for part, mask in (("seen", seen), ("unseen", ~seen)):
            if mask.any():
                t, p, g = targets[mask], stack[:, mask], lesions[mask]
                row[f"accuracy_{part}"] = float(np.mean([accuracy(t, q) for q in p]))
                row[f"{part}_low"], row[f"{part}_high"] = bootstrap(accuracy, t, p, g, repeats=repeats)
        rows.append(row)
    return pd.DataFrame(rows)


def split_effect(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """One recipe on both splits: accuracy, balanced accuracy and AUC of each, in fractions.

    ``difference`` is paper's minus grouped accuracy at the selected epoch, with a 95 % interval for two independent
    test sets: the half-widths of their intervals over resampled lesions, added in quadrature. Pairs whose test sets
    have another class mix (DermaMNIST and DermaMNIST-C) are left out: their accuracies cannot be subtracted.
    """
    rows = []
    for pair in recipe_pairs(groups):
        if mix_distance(pair["paper"], pair["grouped"]) > SAME_MIX:
            continue
        row, halves = recipe_labels(pair["paper"]), []
        for kind in ("paper", "grouped"):
            found = measure(pair[kind], "accuracy", repeats)
            row |= {f"n_{kind}": pair[kind].records[0].info["n"]["test"], f"accuracy_{kind}": found["accuracy"]}
            for name in SCORES:
                stored = [r.info["metrics"]["best"]["test"][name] for r in pair[kind].records]
                row[f"{name}_{kind}"] = float(np.mean(np.array(stored, dtype=float)))
            halves.append((found["high"] - found["low"]) / 2)
        difference, reach = row["accuracy_paper"] - row["accuracy_grouped"], float(np.hypot(*halves))
        row |= {"difference": difference, "difference_low": difference - reach, "difference_high": difference + reach}
        rows.append(row)
    return pd.DataFrame(rows)


def mix_distance(first: SeedGroup, second: SeedGroup) -> float:
    """Share of the test images that would have to change class to give both test sets one mix, 0..1."""
    k = len(first.classes)
    shares = [np.bincount(g.arrays("test")[0], minlength=k) / len(g.arrays("test")[0]) for g in (first, second)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def direction(effect: pd.DataFrame) -> str:
    """A sentence on a table of :func:`split_effect`: mean difference, and how many intervals leave zero out."""
    if effect.empty:
        return "No recipe has records on both splits in this profile."
    above, below = (effect["difference_low"] > 0).sum(), (effect["difference_high"] < 0).sum()
    return (
        f"Mean difference over {len(effect)} recipes: {100 * effect['difference'].mean():+.2f} points; the interval "
        f"lies above zero in {above} of them and below zero in {below}."
    )


def recipe_pairs(groups: list[SeedGroup]) -> list[dict[str, SeedGroup]]:
    """``paper`` and ``grouped``: runs that differ in the kind of split (and in seeds) alone."""
    pairs: dict[str, dict[str, SeedGroup]] = {}
    for group in groups:
        recipe = group.spec.model_dump(mode="json", exclude={"split", "seed"})
        key = f"{group.planned.paper} {group.spec.split.fractions} {recipe}"
        pairs.setdefault(key, {})[split_kind(group.spec)] = group
    return [pair for pair in pairs.values() if set(pair) == {"paper", "grouped"}]


def recipe_labels(group: SeedGroup) -> dict[str, object]:
    """What names a recipe in a table: its paper, and the group's labels but for the split."""
    return {"paper": group.planned.paper, **{k: v for k, v in group.labels().items() if k != "split"}}
