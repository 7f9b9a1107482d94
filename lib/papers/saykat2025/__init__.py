"""saykat2025: seven models and the mean of their probabilities on HAM10000, with external validation."""

import pandas as pd

from lib.papers.saykat2025 import tables
from lib.papers.saykat2025.models import PAPER, predictors
from lib.records.seeds import Recipe

CAM_IMAGES = {"smoke": 1, "cpu": 10, "gpu": 20, "p100": 20}  # a class, for Grad-CAM

__all__ = ["CAM_IMAGES", "PAPER", "measured"]


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Input of ``lib.published.compare.compare``: all tables, and ISIC 2019 where records hold it."""
    external = pd.DataFrame(tables.measured_external(predictors(recipes), repeats))
    return pd.concat([tables.measured(recipes, repeats), external], ignore_index=True)
