"""Where the images of malignant-vs-benign come from, and what follows for a model that is trained on them."""

import numpy as np
import pandas as pd

from lib.data.cache import open_cache
from lib.data.matching import SAME_IMAGE, provenance_table
from lib.data.splits import leakage_report, make_split
from lib.evaluation.measure import estimate
from lib.records.draws import by_draw
from lib.records.seeds import Recipe
from lib.studies.exploration.tables import splits_of
from lib.studies.leakage.heads import out_of_fold
from lib.studies.leakage.standard import two_parts


def compute_matches(mvb: pd.DataFrame, ham: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The match to HAM10000 recomputed from pixels, beside the one that came with the data.

    Returns:
        ``matches``: image_id, split, dx, ham10000_image_id, ham10000_dx, lesion_id, correlation; ``summary``: counts
        and the gap in correlation around the threshold.
    """
    names = {"label": "dx", "thumbnail_correlation": "correlation"}
    table, metadata = provenance_table(mvb, ham).rename(columns=names), ham.set_index("image_id")
    source = table["ham10000_image_id"]
    matches = table[["split", "dx", "ham10000_image_id"]].assign(
        ham10000_dx=source.map(metadata["dx"]),
        lesion_id=source.map(metadata["group"]),
        correlation=table["correlation"],
    )
    matches.insert(0, "image_id", mvb["image_id"].to_numpy())
    given = mvb.reindex(columns=["ham10000_image_id"])["ham10000_image_id"].reset_index(drop=True)
    same = (given == source) | (given.isna() & source.isna())
    inside = matches["correlation"] > SAME_IMAGE
    summary = {
        "images": len(matches),
        "matched": int(source.notna().sum()),
        "agree_with_given": int(same.sum()),
        "lowest_matched": float(matches.loc[inside, "correlation"].min()),
        "highest_unmatched": float(matches.loc[~inside, "correlation"].max()),
        "lesions": int(matches["lesion_id"].nunique()),
    }
    return {"matches": matches, "summary": pd.DataFrame([summary])}


def made_of(matches: pd.DataFrame) -> pd.DataFrame:
    """What the classes are made of: images by folder, class and HAM10000's diagnosis (``elsewhere``: not in it)."""
    origin = matches["ham10000_dx"].fillna("elsewhere").rename("origin")
    table = pd.crosstab([matches["split"], matches["dx"]], origin)
    return table.assign(total=table.sum(axis=1)).rename_axis(columns=None).reset_index()


def source_rule(matches: pd.DataFrame) -> dict[str, float]:
    """How far the source alone leads: on the test folder, the class that each source mostly has in the training one."""
    source = matches["ham10000_image_id"].notna()
    train = matches["split"] == "train"
    common = matches[train].groupby(source[train])["dx"].agg(lambda dx: dx.mode().iloc[0])
    test = matches[~train]
    hits, shares = source[~train].map(common) == test["dx"], test["dx"].value_counts(normalize=True)
    return {"n": len(test), "accuracy": float(hits.mean()), "majority": float(shares.max())}


def compute_shared(mvb: pd.DataFrame, seeds: int) -> pd.DataFrame:
    """Lesions shared by training and test in each split of malignant-vs-benign (only HAM10000's are known)."""
    tables = []
    for name in splits_of(mvb):
        for seed in range(seeds):
            report = leakage_report(mvb, make_split(name, mvb, seed=seed), ("train", "val"))
            tables.append(report.reset_index().assign(split=name, seed=seed))
    return pd.concat(tables, ignore_index=True)


def compute_source(mvb: pd.DataFrame, features: np.ndarray) -> pd.DataFrame:
    """Can a linear classifier tell HAM10000's images from the others, without the class?

    Out-of-fold over lesions; ``scope``: all images, and the malignant ones alone, where the source says nothing of
    the class. ``mean colour`` uses the three channel means and standard deviations only.
    """
    source = mvb["ham10000_image_id"].notna().to_numpy().astype(np.int64)
    pixels = open_cache(mvb, 32).images.reshape(len(mvb), -1, 3) / 255.0
    inputs = {"mean colour": np.concatenate([pixels.mean(axis=1), pixels.std(axis=1)], axis=1), "features": features}
    rows = []
    for scope, kept in (("all", np.ones(len(mvb), bool)), ("malignant", (mvb["dx"] == "malignant").to_numpy())):
        groups = mvb["group"].to_numpy()[kept]
        for name, values in inputs.items():
            probs = out_of_fold(values[kept], source[kept], groups, 2)
            found = estimate("macro_auc_ovr", source[kept], probs, groups)
            row = {"scope": scope, "inputs": name, "n": int(kept.sum()), "from_ham10000": float(source[kept].mean())}
            rows.append(row | found.row("auc", "low", "high"))
    return pd.DataFrame(rows)


def inside_outside(recipes: list[Recipe], matches: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """Networks on the official split: sensitivity to malignant images from HAM10000 and from elsewhere.

    One row per recipe over its draws, which share the test images. Accuracies of the two parts cannot be compared:
    every benign image is HAM10000's, so that outside it only one class is left. 95 % intervals.
    """
    inside = matches.set_index("image_id")["ham10000_image_id"].notna()
    rows = []
    for drawn in by_draw([r for r in recipes if r.spec.split.name == "malignant-vs-benign"]):
        recipe = Recipe(drawn.first.planned, tuple(drawn.records.values()))
        targets, stack, _ = recipe.arrays("test")
        hits = (stack.argmax(axis=2) == targets).mean(axis=0)
        part = inside[recipe.records[0].rows("test")["image_id"]].to_numpy(bool)
        row = {**recipe.labels(), "accuracy": hits.mean(), "accuracy_inside": hits[part].mean()}
        row["specificity"] = hits[targets == 0].mean()
        rows.append(row | two_parts(recipe, part, ("inside", "outside"), repeats))
    return pd.DataFrame(rows)
