"""Calibration before and after temperature scaling, and McNemar's test of the mean against each model."""

import numpy as np
import pandas as pd

from lib.evaluation.draws import Plan
from lib.evaluation.measure import estimate
from lib.evaluation.metrics import METRICS, reliability
from lib.evaluation.significance import mcnemar
from lib.papers.saykat2025.models import PAPER
from lib.papers.saykat2025.tables import pairs
from lib.published.values import published_values
from lib.records.seeds import Recipe, gathered, measure, value
from lib.studies.external.tables import scaled, temperatures


def calibration_table(found: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per model: calibration error before and after temperature scaling, with intervals, and the NLL.

    ``temperature`` is fitted on validation (mean over seeds): above 1 the model was too sure, below 1 not sure enough.
    ``overconfidence`` is mean confidence minus accuracy before scaling. The error is debiased and has 15 bins; the
    paper's is presumably the plain one, which chance lifts, and its number of bins is not stated.
    """
    published = published_values(PAPER)
    rows = []
    for predictor in found:
        targets, stack, groups = predictor.arrays("test")
        after = scaled(predictor, "test")
        row = {**predictor.labels(), "n": len(targets)}
        row["ece_published"] = published.get(f"ece.{predictor.paper_model}", np.nan)
        row |= measure(predictor, "ece", repeats).row("ece_before", "before_low", "before_high")
        found = [[estimate("ece", targets, p, groups, Plan(repeats))] for p in after]
        row |= gathered(predictor, found)[0].row("ece_after", "after_low", "after_high")
        row["nll_before"] = value(predictor, "nll")
        row["nll_after"] = float(np.mean([METRICS["nll"](targets, p) for p in after]))
        row["overconfidence"] = float(stack.max(axis=2).mean()) - value(predictor, "accuracy")
        row["temperature"] = float(np.mean(temperatures(predictor)))
        rows.append(row)
    return pd.DataFrame(rows)


def reliability_bins(predictor: Recipe) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bins of the first seed before and after temperature scaling (``lib.evaluation.metrics.reliability``)."""
    targets, stack, _ = predictor.arrays("test")
    return reliability(targets, stack[0]), reliability(targets, scaled(predictor, "test")[0])


def mcnemar_table(found: list[Recipe]) -> pd.DataFrame:
    """McNemar's test of each mean against its members, first seeds, as the repository names the counts.

    ``b``: model wrong and ensemble right; ``c``: model right and ensemble wrong. Images count as independent, as in
    the paper, which makes p too small where a lesion has several.
    """
    published = published_values(PAPER)
    rows = []
    for mean, member in pairs(found):
        targets, of_mean, _ = mean.arrays("test")
        test = mcnemar(targets, of_mean[0], member.arrays("test")[1][0])
        row = {**member.labels(), "seeds": 1, "members": len(mean.members), "n": len(targets)}
        row |= {"b": test.b, "c": test.c, "b+c": test.b + test.c, "p": f"{test.p:.3g}", "method": test.method}
        printed = {k: published.get(f"mcnemar.{member.paper_model}.{k}", np.nan) for k in ("b", "c")}
        p = published.get(f"mcnemar.{member.paper_model}.p", np.nan)
        rows.append(row | {"b, paper": printed["b"], "c, paper": printed["c"], "p, paper": f"{p:.3g}"})
    table = pd.DataFrame(rows)
    return table.astype({column: "Int64" for column in ("b, paper", "c, paper") if column in table})
