"""Intervals of published accuracies."""

import pandas as pd

from lib.audit.checks.rounding import counts_behind
from lib.audit.values import Published, as_rounded
from lib.evaluation.intervals import clopper_pearson, wilson

WHOLE_PERCENT = 0.01


def intervals(paper: Published, implied: dict[str, int]) -> pd.DataFrame:
    """Wilson and Clopper-Pearson 95 % intervals of every distinct own accuracy of all classes together.

    Whole per cents are left out: they repeat finer printings of the same accuracy.

    ``implied``: protocol name -> n for protocols that state none. Columns: paper, id, where, model, setting, epoch,
    printed, accuracy, n, n_source (stated or implied), correct, wilson_low, wilson_high, exact_low, exact_high
    (fractions). Without a whole count behind the printed value, the nearest one is taken.
    """
    rows = []
    for row in paper.rows.values():
        if (row["origin"], row["quantity"], row["dx"], row["qualifier"]) != ("own", "accuracy", None, None):
            continue
        stated = paper.protocols[row["protocol"]].n
        n = stated or implied.get(row["protocol"])
        if n is None:
            continue
        value = as_rounded(row)
        if value.half >= WHOLE_PERCENT / 2:
            continue
        counts = counts_behind(value, n)
        k = counts[len(counts) // 2] if counts else round(value.value * n)
        (a, b), (c, d) = wilson(k, n), clopper_pearson(k, n)
        fields = {name: row[name] for name in ("paper", "id", "where", "model", "setting", "epoch", "printed")}
        size = {"n": n, "n_source": "stated" if stated else "implied", "correct": k}
        bounds = {"wilson_low": a, "wilson_high": b, "exact_low": c, "exact_high": d}
        rows.append(fields | {"accuracy": round(value.value, 6)} | size | bounds)
    table = pd.DataFrame(rows)
    return table.drop_duplicates(["model", "setting", "accuracy", "n"]).reset_index(drop=True)
