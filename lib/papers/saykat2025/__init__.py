"""saykat2025: seven models and the mean of their probabilities on HAM10000, with external validation.

``models``: the models and their mean; ``tables``: split, results, ensemble minus model; ``calibration``: temperature
scaling and McNemar's test; ``external``: other image sets; ``checks``: order of labels, normalization; ``networks``:
what needs the trained networks, and with them torch.
"""

import pandas as pd

from lib.papers.saykat2025.calibration import calibration_table, mcnemar_table, reliability_bins
from lib.papers.saykat2025.checks import best_order, checkpoint_tables, order_table, with_isic2019
from lib.papers.saykat2025.external import (
    by_class,
    external_table,
    measured_external,
    operating_table,
    overlap_table,
    sensitivity_table,
    unmapped_table,
)
from lib.papers.saykat2025.models import PAPER, PUBLISHED_AS, predictors, score
from lib.papers.saykat2025.tables import (
    check_supports,
    delta_table,
    measured_from,
    published_confusion,
    published_tables,
    results_table,
    split_table,
    tolerances,
)
from lib.records.seeds import Recipe

CAM_IMAGES = {"smoke": 1, "cpu": 10, "gpu": 20, "p100": 20}  # a class, for Grad-CAM

__all__ = [
    "CAM_IMAGES",
    "PAPER",
    "PUBLISHED_AS",
    "best_order",
    "by_class",
    "calibration_table",
    "check_supports",
    "checkpoint_tables",
    "delta_table",
    "external_table",
    "mcnemar_table",
    "measured",
    "measured_external",
    "measured_from",
    "operating_table",
    "order_table",
    "overlap_table",
    "predictors",
    "published_confusion",
    "published_tables",
    "reliability_bins",
    "results_table",
    "score",
    "sensitivity_table",
    "split_table",
    "tolerances",
    "unmapped_table",
    "with_isic2019",
]


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Input of ``lib.published.compare.compare``: the four metrics, calibration error, ensemble minus model, ISIC
    2019.
    """
    found = predictors(recipes)
    rows = measured_from(score(found, repeats))
    return pd.concat([rows, pd.DataFrame(measured_external(found, repeats))], ignore_index=True)
