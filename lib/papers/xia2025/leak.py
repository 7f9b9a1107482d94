"""What of an accuracy is the subject: every recipe on both splits, beside a nearest neighbour on raw pixels."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from lib.data import load_index
from lib.data.cache import open_cache
from lib.data.splits import find_split, make_split
from lib.data.tasks import apply_task
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate
from lib.papers.xia2025.tables import SCORES, labels, recipe_without
from lib.plan.spec import SplitSpec
from lib.records.measurements import Outputs
from lib.records.seeds import Recipe, measure, on_common_seeds, split_kind

WHOLE = (SplitSpec(name="alzheimer-image"), SplitSpec(name="alzheimer-subject"))
VERSION, PX, SEEDS = 1, 64, 5


def neighbour_splits(recipes: list[Recipe]) -> list[SplitSpec]:
    """The splits of the paper's data that ``groups`` were trained on, and those of the whole set beside its subset."""
    own = {g.spec.split.name: g.spec.split for g in recipes if g.spec.dataset in ("alzheimer", "synthetic")}
    return [*own.values(), *(WHOLE if any(name.startswith("alzheimer") for name in own) else ())]


def neighbour_key(splits: list[SplitSpec]) -> dict:
    """What decides a measurement of :func:`nearest_neighbours`."""
    return {"splits": [s.model_dump(mode="json") for s in splits], "px": PX, "seeds": SEEDS, "version": VERSION}


def nearest_neighbours(splits: list[SplitSpec], data_root: Path) -> Outputs:
    """One nearest neighbour, Euclidean on pixels of images shrunk to 64 px, trained on the training part alone.

    Table ``predictions``: split, seed (of the split: five, the subset of 779 being drawn anew each time, one for the
    whole set), group, target, predicted, same_group (whether the neighbour is of the same subject or lesion; 0 or 1).
    """
    parts = []
    for spec in splits:
        index = apply_task(load_index(find_split(spec.name).dataset, data_root), "dx")
        cache = open_cache(index, PX)
        for seed in range(1 if spec in WHOLE else SEEDS):
            split = make_split(spec.name, index, fractions=spec.fractions, seed=seed)
            train, test = (index[split == part] for part in ("train", "test"))
            pixels = [cache.images[[cache.rows[i] for i in part["image_id"]]] for part in (train, test)]
            flat = [p.reshape(len(p), -1).astype(np.float32) for p in pixels]
            model = KNeighborsClassifier(1, algorithm="brute").fit(flat[0], train["target"])
            nearest = model.kneighbors(flat[1], return_distance=False)[:, 0]
            found = train.iloc[nearest]
            parts.append(pd.DataFrame({
                "split": spec.name, "seed": seed, "group": test["group"].to_numpy(),
                "target": test["target"].to_numpy(), "predicted": found["target"].to_numpy(),
                "same_group": (found["group"].to_numpy() == test["group"].to_numpy()).astype(int),
            }))  # fmt: skip
    return {"predictions": pd.concat(parts, ignore_index=True)}


def neighbour_table(predictions: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """One row per split: accuracy of its first draw with the 95 % interval over subjects, and over the draws.

    ``same_group``: share of test images whose neighbour is of the same subject; ``accuracy_other``: accuracy where it
    is of another one.
    """
    rows = []
    for name, found in predictions.groupby("split", sort=False):
        first = found[found["seed"] == 0]
        values = _scores(first, repeats)
        right = found["target"] == found["predicted"]
        of_draws = right.groupby(found["seed"]).mean()
        rows.append({"split": name, "n": len(first), **values["accuracy"].row("accuracy", "low", "high"),
                     "balanced_accuracy": values["balanced_accuracy"].value,
                     "same_group": first["same_group"].mean(),
                     "accuracy_other": right[(found["seed"] == 0) & (found["same_group"] == 0)].mean(),
                     "splits_drawn": len(of_draws), "mean_over_splits": of_draws.mean(),
                     "sd_over_splits": of_draws.std()})  # fmt: skip
    return pd.DataFrame(rows)


def leak_table(recipes: list[Recipe], predictions: pd.DataFrame | None, repeats: int) -> pd.DataFrame:
    """Every recipe on the paper's split and on the grouped one; ``difference`` is paper minus grouped accuracy.

    Its 95 % interval is over subjects and, from three seeds on, over seeds. Seeds are those that both have; rows are in
    the order of the data sets' names. Below the networks: the nearest neighbour, and always answering the test set's
    largest class.
    """
    pairs: dict[str, dict[str, Recipe]] = {}
    for recipe in recipes:
        pairs.setdefault(recipe.paper_model + recipe_without(recipe), {})[split_kind(recipe.spec)] = recipe
    rows = []
    for pair in pairs.values():
        both = on_common_seeds([pair["paper"], pair["grouped"]]) if len(pair) == 2 else []
        if both:
            kept = {k: v for k, v in labels(both[0]).items() if k != "split"}
            kept["lambda"] = both[0].spec.loss.feature_smoothing
            rows.append(kept | _effect(*({n: measure(g, n, repeats) for n in SCORES} for g in both))
                        | {f"n_{k}": g.records[0].info["n"]["test"]
                           for k, g in zip(("paper", "grouped"), both, strict=True)})  # fmt: skip
    rows.sort(key=lambda row: row["data"])
    table = pd.DataFrame([*rows, *_without_training(predictions, repeats)])
    whole = [c for c in ("px", "epochs", "batch", "seeds") if c in table]
    return table.astype(dict.fromkeys(whole, "Int64"))  # some rows have none


def _without_training(predictions: pd.DataFrame | None, repeats: int) -> list[dict]:
    if predictions is None:
        return []
    sides: dict[str, dict[str, pd.DataFrame]] = {}
    for name, found in predictions[predictions["seed"] == 0].groupby("split", sort=False):
        kind = find_split(name).kind
        sides.setdefault(name.rsplit("-", 1)[0], {})[kind] = found
    rows = []
    for data, pair in sides.items():
        largest = {k: found.assign(predicted=found["target"].mode()[0]) for k, found in pair.items()}
        for model, both in (("nearest neighbour", pair), ("largest class", largest)):
            if set(both) == {"paper", "grouped"}:
                values = [_scores(both[k], repeats) for k in ("paper", "grouped")]
                rows.append({"data": data, "model": model, "px": PX, **_effect(*values),
                             "n_paper": len(both["paper"]), "n_grouped": len(both["grouped"])})  # fmt: skip
    return rows


def _effect(paper: dict[str, Estimate], grouped: dict[str, Estimate]) -> dict[str, object]:
    row = {f"{name}_{kind}": values[name].value
           for name in SCORES for kind, values in (("paper", paper), ("grouped", grouped))}  # fmt: skip
    difference = paper["accuracy"] - grouped["accuracy"]
    return row | difference.row("difference") | {"interval_of": difference.speaks_of}


def _scores(found: pd.DataFrame, repeats: int) -> dict[str, Estimate]:
    """Each of ``SCORES`` of the predicted classes."""
    targets, predicted = found["target"].to_numpy(), found["predicted"].to_numpy()
    votes = np.eye(max(targets.max(), predicted.max()) + 1)[predicted]
    return {name: estimate(name, targets, votes, found["group"], Plan(repeats)) for name in SCORES}
