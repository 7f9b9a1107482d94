"""External validation: the models on images of other sets, in columns."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.data.sets.ham10000 import is_ham10000
from lib.evaluation.draws import Plan
from lib.evaluation.ensembles import apply_temperature, temperature
from lib.evaluation.measure import mean_of
from lib.evaluation.metrics import METRICS
from lib.records.runs import Record
from lib.records.seeds import Recipe, gathered, measure, measure_classes

MALIGNANT = ("mel", "bcc", "akiec")
SPECIFICITIES = (0.90, 0.95)
WHOLE = "isic2019"
PARTS = {f"{WHOLE} (HAM10000)": True, f"{WHOLE} (unseen)": False}


def with_parts(record: Record) -> Record:
    """``record`` with its predictions of ISIC 2019, if it has any, also by part: in HAM10000 or not (by image id)."""
    whole = [s for s in record.subsets if s == WHOLE or s.startswith(f"{WHOLE}:")]
    if not whole or set(record.subsets) & set(PARTS):
        return record
    images, logits = [], {}
    for subset in whole:
        rows = record.rows(subset)
        known = is_ham10000(rows["image_id"]).to_numpy()
        for name, inside in PARTS.items():
            part = subset.replace(WHOLE, name, 1)
            images.append(rows[known == inside].assign(subset=part))
            logits[part] = record.logits(subset)[known == inside]
    return record.with_images(pd.concat(images), logits)


def with_rows(record: Record, rows: pd.DataFrame) -> Record:
    """A copy of ``record`` with further predictions, as ``networks.predict_set`` gives them."""
    rows = rows.sort_values(["subset", "image_id"])
    logits = {subset: part.filter(like="logit_").to_numpy() for subset, part in rows.groupby("subset")}
    return record.with_images(rows, logits)


def temperatures(predictor: Recipe) -> list[float]:
    """One temperature per seed, fitted on the validation images."""
    targets, stack, _ = predictor.arrays("val")
    return [temperature(targets, probs) for probs in stack]


def scaled(predictor: Recipe, subset: str) -> np.ndarray:
    """Probabilities [S, N, K] of ``subset`` after temperature scaling."""
    stack = predictor.arrays(subset)[1]
    return np.stack([apply_temperature(p, t) for p, t in zip(stack, temperatures(predictor), strict=True)])


def external_table(found: Sequence[Recipe], repeats: int) -> pd.DataFrame:
    """One row per model and set, the own test set first: accuracy, balanced accuracy, macro AUC, calibration error.

    ``trained_on``: share of images whose lesion (where it is known) was trained on. ``unmapped``: images of diagnoses
    that the models have no class for; ``accuracy_with_unmapped`` counts them as errors. ``ece_scaled`` is after
    temperature scaling with the temperature of the own validation images. Means over seeds, 95 % intervals over lesions
    (images where lesions are not known) and, from three on, seeds.
    """
    rows = []
    for predictor in found:
        for subset in ("test", *predictor.external):
            targets, _, groups = predictor.arrays(subset)
            row = {**predictor.labels(), "set": subset, "n": len(targets), "trained_on": predictor.seen_share(subset)}
            for name in ("accuracy", "balanced_accuracy", "macro_auc_ovr", "ece"):
                row |= measure(predictor, name, repeats, subset).row(name)
            row["ece_scaled"] = float(np.mean([METRICS["ece"](targets, p, groups) for p in scaled(predictor, subset)]))
            others = (s for s in predictor.unmapped if s.startswith(f"{subset}:"))
            row["unmapped"] = extra = sum(len(predictor.arrays(s)[0]) for s in others)
            row["accuracy_with_unmapped"] = row["accuracy"] * len(targets) / (len(targets) + extra)
            rows.append(row)
    return pd.DataFrame(rows)


def unmapped_table(found: Sequence[Recipe]) -> pd.DataFrame:
    """What images of diagnoses without a class are called: share of each class, mean over seeds.

    ``malignant``: share called mel, bcc or akiec; ``confidence``: mean probability of the class named.
    """
    rows = []
    for predictor in found:
        for subset in predictor.unmapped:
            _, stack, groups = predictor.arrays(subset)
            name, dx = subset.rsplit(":", 1)
            row = {**predictor.labels(), "set": name, "dx": dx, "n": stack.shape[1], "lesions": len(set(groups))}
            called = np.eye(stack.shape[2])[stack.argmax(axis=2)].mean(axis=(0, 1))
            shares = dict(zip(predictor.classes, called, strict=True))
            row["malignant"] = float(sum(shares.get(c, 0.0) for c in MALIGNANT))
            rows.append(row | {"confidence": float(stack.max(axis=2).mean())} | shares)
    return pd.DataFrame(rows)


def sensitivity_table(found: Sequence[Recipe], repeats: int) -> pd.DataFrame:
    """Sensitivity of each class on the own test set and on each external one, with 95 % intervals."""
    rows = []
    for predictor in found:
        for subset in ("test", *predictor.external):
            support = np.bincount(predictor.arrays(subset)[0], minlength=len(predictor.classes))
            of_classes = measure_classes(predictor, "sensitivity", repeats, subset)
            for dx, n, own in zip(predictor.classes, support.tolist(), of_classes, strict=True):
                row = {**predictor.labels(), "set": subset, "dx": dx, "support": n}
                rows.append(row | own.row("sensitivity", "low", "high"))
    return pd.DataFrame(rows)


def by_class(table: pd.DataFrame) -> pd.DataFrame:
    """``sensitivity_table`` to read: one row per model and set, one column per class, "0.52 [0.40, 0.64] of 167"."""
    cells = [
        f"{r.sensitivity:.2f} [{r.low:.2f}, {r.high:.2f}] of {r.support}" if r.support else "none"
        for r in table.itertuples()
    ]
    keys = list(table.loc[:, :"set"])
    grid = table.assign(cell=cells).pivot(index=keys, columns="dx", values="cell")
    return grid.loc[pd.MultiIndex.from_frame(table[keys].drop_duplicates())].rename_axis(None, axis=1).reset_index()


def threshold_at(specificity: float, scores: np.ndarray, positive: np.ndarray) -> float:
    """Least threshold t such that at least ``specificity`` of the negatives have a score of at most t.

    An image is called positive where its score is above t. ``scores`` float [N]; ``positive`` bool [N].
    """
    return float(np.quantile(scores[~positive], specificity, method="inverted_cdf"))


def operating_table(found: Sequence[Recipe], repeats: int) -> pd.DataFrame:
    """Sensitivity for melanoma at thresholds that give 90 % and 95 % specificity on the own validation images.

    Thresholds are fixed on validation, one a seed, and carried to the test set and to every external set, where the
    specificity reached (``specificity``) may be another. Means over seeds, with 95 % intervals.
    """
    rows = []
    for predictor in found:
        number = predictor.classes.index("mel")
        val_targets, val, _ = predictor.arrays("val")
        for wanted in SPECIFICITIES:
            thresholds = [threshold_at(wanted, p[:, number], val_targets == number) for p in val]
            for subset in ("test", *predictor.external):
                targets, stack, groups = predictor.arrays(subset)
                positive, plan = targets == number, Plan(repeats)
                row = {**predictor.labels(), "set": subset, "n": len(targets), "positives": int(positive.sum())}
                row |= {"fixed_at": wanted, "threshold": float(np.mean(thresholds))}
                called = [p[:, number] > t for p, t in zip(stack, thresholds, strict=True)]
                own = [[mean_of(c, groups, plan, positive), mean_of(~c, groups, plan, ~positive)] for c in called]
                for name, rate in zip(("sensitivity", "specificity"), gathered(predictor, own), strict=True):
                    row |= rate.row(name)
                rows.append(row)
    return pd.DataFrame(rows)


def overlap_table(recipes: list[Recipe]) -> pd.DataFrame:
    """What external sets share with the images that trained, as far as ids tell.

    ``same_id``: images that are also in HAM10000; ``trained_on``: images whose lesion was trained on, which only tells
    where ``lesions_known``, that is where several images or an id of its own name the lesion.
    """
    rows = []
    for recipe in recipes:
        for subset in recipe.external:
            frame = recipe.records[0].subset(subset)
            row = {"data": recipe.labels()["data"], "split": recipe.labels()["split"], "set": subset, "n": len(frame)}
            row |= {"same_id": int(is_ham10000(frame["image_id"]).sum()), "trained_on": int(frame["seen"].sum())}
            rows.append(row | {"lesions_known": bool((frame["group"] != frame["image_id"]).any())})
    table = pd.DataFrame(rows, columns=["data", "split", "set", "n", "same_id", "trained_on", "lesions_known"])
    return table.drop_duplicates(["data", "split", "set"], keep="last", ignore_index=True)
