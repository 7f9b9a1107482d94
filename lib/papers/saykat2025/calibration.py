"""Calibration before and after temperature scaling, and McNemar's test of the mean against each model."""

import numpy as np
import pandas as pd

from lib.evaluation import resampling
from lib.evaluation.ensembles import apply_temperature, temperature
from lib.evaluation.metrics import METRICS, reliability
from lib.evaluation.significance import mcnemar
from lib.papers.saykat2025.models import PAPER, Predictor, metric_interval
from lib.papers.saykat2025.tables import pairs
from lib.published.values import load_published


def temperatures(predictor: Predictor) -> list[float]:
    """One temperature a seed, fitted on the validation images."""
    targets, stack, _ = predictor.arrays("val")
    return [temperature(targets, probs) for probs in stack]


def scaled(predictor: Predictor, subset: str) -> np.ndarray:
    """Probabilities [S, N, K] of ``subset`` after temperature scaling."""
    stack = predictor.arrays(subset)[1]
    return np.stack([apply_temperature(p, t) for p, t in zip(stack, temperatures(predictor), strict=True)])


def calibration_table(found: list[Predictor], repeats: int, subset: str = "test") -> pd.DataFrame:
    """A row a model: calibration error before and after temperature scaling, each with its interval, and the NLL.

    ``temperature`` is fitted on validation (mean over seeds): above 1 the model was too sure, below 1 not sure enough.
    ``overconfidence`` is mean confidence minus accuracy before scaling. The error has 15 bins; how many the paper used
    is not stated.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for predictor in found:
        targets, stack, groups = predictor.arrays(subset)
        after = scaled(predictor, subset)
        weights = resampling.draw_weights(groups, len(targets), repeats)
        row = {**predictor.labels(), "n": len(targets)}
        row["ece_published"] = published.get(f"ece.{predictor.stands_for}", np.nan) if subset == "test" else np.nan
        for name, probs in (("before", stack), ("after", after)):
            row[f"ece_{name}"] = value = float(np.mean([METRICS["ece"](targets, p) for p in probs]))
            draws = resampling.resampled("ece", targets, probs, weights)
            row[f"{name}_low"], row[f"{name}_high"] = metric_interval("ece", draws, value)
        row["nll_before"], row["nll_after"] = (
            float(np.mean([METRICS["nll"](targets, p) for p in probs])) for probs in (stack, after)
        )
        row["overconfidence"] = float(
            stack.max(axis=2).mean() - np.mean([METRICS["accuracy"](targets, p) for p in stack])
        )
        row["temperature"] = float(np.mean(temperatures(predictor)))
        rows.append(row)
    return pd.DataFrame(rows)


def reliability_bins(predictor: Predictor, subset: str = "test") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bins of the first seed before and after temperature scaling (``lib.evaluation.metrics.reliability``)."""
    targets, stack, _ = predictor.arrays(subset)
    return reliability(targets, stack[0]), reliability(targets, scaled(predictor, subset)[0])


def mcnemar_table(found: list[Predictor]) -> pd.DataFrame:
    """McNemar's test of each mean against its members, first seeds, as the repository names the counts.

    ``b``: model wrong and ensemble right; ``c``: model right and ensemble wrong. Images count as independent, as in
    the paper, which makes p too small where a lesion has several.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for mean, member in pairs(found):
        targets, of_mean, _ = mean.arrays("test")
        test = mcnemar(targets, of_mean[0], member.arrays("test")[1][0])
        row = {**member.labels(), "seeds": 1, "members": len(mean.members), "n": len(targets)}
        row |= {"b": test.b, "c": test.c, "b+c": test.b + test.c, "p": f"{test.p:.3g}", "method": test.method}
        printed = {k: published.get(f"mcnemar.{member.stands_for}.{k}", np.nan) for k in ("b", "c")}
        p = published.get(f"mcnemar.{member.stands_for}.p", np.nan)
        rows.append(row | {"b, paper": printed["b"], "c, paper": printed["c"], "p, paper": f"{p:.3g}"})
    return pd.DataFrame(rows)
