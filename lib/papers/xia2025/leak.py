"""What of an accuracy is the subject: every recipe on both splits, beside a nearest neighbour on raw pixels."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from lib.data import load_index
from lib.data.cache import open_cache
from lib.data.splits import find_split
from lib.data.tasks import apply_task
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import FEWEST, Estimate, over_splits, smallest_detectable
from lib.evaluation.measure import mean_of
from lib.papers.xia2025.scores import LAMBDA
from lib.papers.xia2025.tables import labels
from lib.plan.spec import SplitSpec
from lib.records.draws import Drawn, over_draws
from lib.records.measurements import Outputs
from lib.records.runs import Record
from lib.records.seeds import Recipe, value
from lib.studies.claims.rows import apart
from lib.studies.leakage.observed import drawn_pairs, over_pairs
from lib.studies.leakage.probe import divided

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
        pixels = cache.images[cache.at(index["image_id"])].reshape(len(index), -1).astype(np.float32)
        targets, subjects = index["target"].to_numpy(), index["group"].to_numpy()
        for seed, train, test in divided(index, spec.name, range(1 if spec in WHOLE else SEEDS), spec.fractions):
            model = KNeighborsClassifier(1, algorithm="brute").fit(pixels[train], targets[train])
            nearest = train[model.kneighbors(pixels[test], return_distance=False)[:, 0]]
            found = {"group": subjects[test], "target": targets[test], "predicted": targets[nearest]}
            found["same_group"] = (subjects[nearest] == subjects[test]).astype(int)
            parts.append(pd.DataFrame({"split": spec.name, "seed": seed, **found}))
    return {"predictions": pd.concat(parts, ignore_index=True)}


def leak_table(recipes: list[Recipe], predictions: pd.DataFrame | None, repeats: int) -> pd.DataFrame:
    """Every recipe on the paper's split and on the grouped one; ``difference`` is paper minus grouped accuracy.

    One row per recipe over the draws of both, in the order of the data sets' names, with the 95 % interval over
    subjects and, from three on, over draws; ``smallest_seen``: at 80 % power; ``learned``: on the paper's split,
    ``learned_grouped``: on the other, where ``grouped_minus_constant`` is the accuracy above the constant answer's;
    ``setting``: what sets rows of one name apart. Above the networks: always answering the largest class, and the
    nearest neighbour.
    """
    rows, found_pairs = [], drawn_pairs(recipes)
    settings = apart([pairs[0]["paper"].planned for pairs in found_pairs], rows_too=False)
    for pairs, setting in zip(found_pairs, settings, strict=True):
        own = pairs[0]["paper"]
        row = {k: v for k, v in labels(own).items() if k not in ("split", "seeds")}
        row |= {"setting": setting, "lambda": own.spec.loss.feature_smoothing}
        row |= {"draws": sum(len(p["paper"].seeds) for p in pairs)}
        row |= {f"n_{kind}": recipe.n for kind, recipe in pairs[0].items()}
        for kind, column in (("paper", "learned"), ("grouped", "learned_grouped")):
            row[column] = all(pair[kind].learned for pair in pairs)
        means = {f"accuracy_{kind}": np.mean([value(p[kind], "accuracy") for p in pairs]) for kind in pairs[0]}
        above = _above_constant([pair["grouped"] for pair in pairs], repeats).row("grouped_minus_constant")
        rows.append(row | means | _effect(over_pairs(pairs, repeats)) | above)
    rows.sort(key=lambda row: (row["data"], -row["draws"]))
    table = pd.DataFrame([*_without_training(predictions, repeats), *rows])
    whole = [c for c in ("px", "epochs", "batch", "draws") if c in table]
    return table.astype(dict.fromkeys(whole, "Int64"))  # some rows have none


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`leak_table` as it is shown: on the paper's data the recipes with the most draws, below what needs no
    training."""
    untrained = table.get("backbone", pd.Series(index=table.index)).isna()
    small = table["data"].str.startswith(("alzheimer779", "synthetic"))
    own = table[small | (table["data"] == "alzheimer") & ~untrained & table["lambda"].isin((0, LAMBDA))]
    rows = own[untrained[own.index] | (own["draws"] == own.loc[~untrained, "draws"].max())]
    return rows.assign(learned_grouped=rows["learned_grouped"].map({True: "yes", False: "no"}))


def _above_constant(recipes: list[Recipe], repeats: int) -> Estimate:
    """Accuracy minus that of always answering the commonest class, over all draws."""

    def above(record: Record) -> Estimate:
        targets, probs, subjects = record.arrays("test")
        constant = targets == np.bincount(record.arrays("val")[0]).argmax()
        return mean_of((probs.argmax(axis=1) == targets).astype(float) - constant, subjects, Plan(repeats))

    records = Drawn(tuple(recipes)).records
    return over_draws({draw: above(record) for draw, record in records.items()}, records)


def _without_training(predictions: pd.DataFrame | None, repeats: int) -> list[dict]:
    if predictions is None:
        return []
    answers = {"largest class": predictions.assign(predicted=_largest(predictions)), "nearest neighbour": predictions}
    names = {name: name.rsplit("-", 1)[0] for name in predictions["split"].unique()}
    rows = []
    for data, (model, found) in itertools.product(dict.fromkeys(names.values()), answers.items()):
        pair = {find_split(name).kind: found[found["split"] == name] for name in names if names[name] == data}
        if set(pair) == {"paper", "grouped"}:
            right = {k: (own["target"] == own["predicted"]).groupby(own["seed"]).mean() for k, own in pair.items()}
            row = {"data": data, "model": model, "px": PX, "draws": len(right["paper"])}
            row |= {f"n_{kind}": int((own["seed"] == 0).sum()) for kind, own in pair.items()}
            row |= {f"accuracy_{kind}": values.mean() for kind, values in right.items()}
            rows.append(row | _effect(_difference(pair, right, repeats)))
    return rows


def _largest(predictions: pd.DataFrame) -> pd.Series:
    return predictions.groupby(["split", "seed"])["target"].transform(lambda targets: targets.mode()[0])


def _difference(pair: dict[str, pd.DataFrame], drawn: dict[str, pd.Series], repeats: int) -> Estimate:
    """Over the draws of the split where there are enough, else over the subjects of the first."""
    if len(drawn["paper"]) >= FEWEST:
        train, _, test = find_split(pair["paper"]["split"].iloc[0]).fractions
        return over_splits((drawn["paper"] - drawn["grouped"]).to_dict(), test / train, Plan(repeats))
    first = {kind: own[own["seed"] == 0] for kind, own in pair.items()}
    right = {k: mean_of(own["target"] == own["predicted"], own["group"], Plan(repeats)) for k, own in first.items()}
    return right["paper"] - right["grouped"]


def _effect(difference: Estimate) -> dict[str, float]:
    return difference.row("difference") | {"smallest_seen": smallest_detectable(difference)}
