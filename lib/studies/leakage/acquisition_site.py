"""HAM10000's acquisition site as a shortcut: can it be seen, and does a model reach a site it was not trained on?"""

import numpy as np
import pandas as pd

from lib.evaluation.draws import REPEATS, Plan
from lib.evaluation.measure import estimate
from lib.studies.leakage.heads import head_probabilities, out_of_fold


def compute_prediction(index: pd.DataFrame, features: np.ndarray, repeats: int = REPEATS) -> dict[str, pd.DataFrame]:
    """Site predicted from features, out of fold over lesions, for all images and for nevi alone.

    Returns:
        ``scores``: scope, n, sites, majority, accuracy and balanced_accuracy with 95 % intervals over lesions;
        ``confusion``: scope, site, predicted, images.
    """
    sites, codes = np.unique(index["site"], return_inverse=True)
    scores, confusion = [], []
    for scope, kept in (("all", np.ones(len(index), bool)), ("nv", (index["dx"] == "nv").to_numpy())):
        present, targets = np.unique(codes[kept], return_inverse=True)
        groups = index["group"].to_numpy()[kept]
        probs = out_of_fold(features[kept], targets, groups, len(present))
        row = {"scope": scope, "n": int(kept.sum()), "sites": len(present)}
        row["majority"] = float(np.bincount(targets).max() / kept.sum())
        for name in ("accuracy", "balanced_accuracy"):
            row |= estimate(name, targets, probs, groups, Plan(repeats)).row(name)
        scores.append(row)
        counts = pd.crosstab(sites[present][targets], sites[present][probs.argmax(axis=1)]).stack().rename("images")
        confusion.append(counts.rename_axis(["site", "predicted"]).reset_index().assign(scope=scope))
    return {"scores": pd.DataFrame(scores), "confusion": pd.concat(confusion, ignore_index=True)}


def held_out_sites(index: pd.DataFrame) -> list[dict]:
    """For every site and each half of its lesions: rows that test, and rows that train with and without the site.

    ``without`` are all images of the other sites whose lesion is not tested; ``with_`` are as many, drawn at random
    from those and the site's other half. No lesion is in training and test.
    """
    rng = np.random.default_rng(0)
    groups, sites = index["group"].to_numpy(), index["site"].to_numpy()
    found = []
    for site in np.unique(sites):
        own = np.unique(groups[sites == site])
        for number, half in enumerate(np.array_split(rng.permutation(own), 2)):
            test = (sites == site) & np.isin(groups, half)
            without = (sites != site) & ~np.isin(groups, own)
            pool = np.flatnonzero(without | ((sites == site) & ~np.isin(groups, half)))
            drawn = np.sort(rng.choice(pool, size=int(without.sum()), replace=False))
            found.append({"site": site, "half": number, "test": np.flatnonzero(test),
                          "without": np.flatnonzero(without), "with_": drawn})  # fmt: skip
    return found


def compute_transfer(index: pd.DataFrame, features: np.ndarray, repeats: int = REPEATS) -> dict[str, pd.DataFrame]:
    """Diagnosis at each site from a model trained on the other three, against one trained on all four.

    Both have equally many training images; see :func:`held_out_sites`.

    Returns:
        ``sites``: site, n, lesions, classes, and accuracy and balanced accuracy (mean sensitivity over the classes
        that the site has) of both models with their paired difference and its 95 % interval over lesions.
    """
    targets, groups, places = (index[c].to_numpy() for c in ("label", "group", "site"))
    names = index.attrs["classes"]
    called = np.zeros((2, len(index), len(names)))  # by the model without the site, and by that with it

    def answers(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        probs = head_probabilities("logistic", features[train], targets[train], features[test], len(names))
        return np.eye(len(names))[probs.argmax(axis=1)]

    for fold in held_out_sites(index):
        if fold["half"] == 0:  # both halves of a site have the same training images without it
            own = np.flatnonzero(places == fold["site"])
            called[0, own] = answers(fold["without"], own)
        called[1, fold["test"]] = answers(fold["with_"], fold["test"])
    rows = []
    for site in np.unique(places):
        own = places == site
        row = {"site": site, "n": int(own.sum()), "lesions": len(np.unique(groups[own]))}
        row["classes"] = len(np.unique(targets[own]))
        for name in ("accuracy", "balanced_accuracy"):
            three, four = (estimate(name, targets[own], c[own], groups[own], Plan(repeats)) for c in called)
            row |= {f"{name}_three": three.value, f"{name}_four": four.value}
            row |= (three - four).row(f"{name}_difference", f"{name}_low", f"{name}_high")
        rows.append(row)
    return {"sites": pd.DataFrame(rows)}
