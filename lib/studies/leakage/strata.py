"""Melanoma sensitivity and specificity by sex, age and site, from predictions that saw no image of the lesion."""

import numpy as np
import pandas as pd

from lib.evaluation.draws import REPEATS, Plan
from lib.evaluation.intervals import wilson
from lib.evaluation.measure import mean_of
from lib.studies.leakage.heads import out_of_fold

AGES = {"under 40": 0, "40 to 59": 40, "60 and over": 60}  # years, from which on
SPECIFICITY = 0.9


def strata_of(index: pd.DataFrame) -> dict[str, pd.Series]:
    """Stratum -> its value for each image: sex, age (in bands), site, where the data set has them."""
    found = {"all": pd.Series("all", index=index.index)}
    for name in ("sex", "age", "site"):
        if name in index:
            values = index[name]
            if name == "age":
                values = pd.cut(values, [*AGES.values(), 200], right=False, labels=list(AGES)).astype(object)
            found[name] = values.fillna("unknown").astype(str)
    return found


def compute_strata(index: pd.DataFrame, features: np.ndarray, dx: str = "mel") -> dict[str, pd.DataFrame]:
    """``strata`` and ``contrasts``: melanoma against the rest, each image scored by a model that saw none of its
    lesion (:func:`strata_table`, :func:`contrast_table`)."""
    number = list(index.attrs["classes"]).index(dx)
    targets, groups = index["label"].to_numpy(), index["group"].to_numpy()
    probs = out_of_fold(features, targets, groups, len(index.attrs["classes"]))
    positive, score = targets == number, probs[:, number]
    strata = strata_table(index, positive, score, probs.argmax(axis=1) == number)
    return {"strata": strata, "contrasts": contrast_table(index, positive, score)}


def strata_table(index: pd.DataFrame, positive: np.ndarray, score: np.ndarray, top: np.ndarray) -> pd.DataFrame:
    """Sensitivity and specificity, one row per stratum and value.

    Args:
        positive: bool [N], melanoma; score: float [N]; top: bool [N], melanoma is the most probable of all classes.

    Returns:
        stratum, value, n_mel, lesions_mel, n_other, lesions_other, sensitivity_top, and sensitivity and specificity at
        one threshold for all, below which ``SPECIFICITY`` of all other images lie. ``*_low``, ``*_high``: Wilson's
        95 % interval with lesions as n, since photographs of one lesion are not independent.
    """
    called = score > np.quantile(score[~positive], SPECIFICITY)
    rows = []
    for stratum, values in strata_of(index).items():
        present = set(values)
        for value in [a for a in AGES if a in present] + sorted(present - set(AGES)):
            own = (values == value).to_numpy()
            yes, no = own & positive, own & ~positive
            mel, other = (index.loc[part, "group"].nunique() for part in (yes, no))
            row = {"stratum": stratum, "value": value, "n_mel": int(yes.sum()), "lesions_mel": mel}
            row |= {"n_other": int(no.sum()), "lesions_other": other}
            parts = [("sensitivity_top", top[yes], mel), ("sensitivity", called[yes], mel)]
            for name, hits, n in [*parts, ("specificity", ~called[no], other)]:
                rate = hits.mean() if n else np.nan
                low, high = wilson(rate * n, n) if n else (np.nan, np.nan)
                row |= {name: rate, f"{name}_low": low, f"{name}_high": high}
            rows.append(row)
    return pd.DataFrame(rows)


def contrast_table(
    index: pd.DataFrame, positive: np.ndarray, score: np.ndarray, repeats: int = REPEATS
) -> pd.DataFrame:
    """Differences in sensitivity at the threshold between two values of a stratum, with intervals over lesions.

    The two values of sex, age and site with the most melanomas each: stratum, first, second, difference, low, high.
    """
    called = score > np.quantile(score[~positive], SPECIFICITY)
    rows = []
    for stratum, values in strata_of(index).items():
        largest = values[positive & (values != "unknown").to_numpy()].value_counts().index[:2]
        if len(largest) == 2:
            parts = [positive & (values == v).to_numpy() for v in largest]
            first, second = (mean_of(called, index["group"], Plan(repeats), where=part) for part in parts)
            row = {"stratum": stratum, "first": largest[0], "second": largest[1]}
            rows.append(row | (first - second).row("difference", "low", "high"))
    return pd.DataFrame(rows)
