"""saykat2025: seven models and the mean of their probabilities on HAM10000, with external validation."""

from lib.papers.saykat2025.models import PAPER
from lib.papers.saykat2025.tables import measured

CAM_IMAGES = {"smoke": 1, "cpu": 10, "gpu": 20, "p100": 20}  # a class, for Grad-CAM

__all__ = ["CAM_IMAGES", "PAPER", "measured"]
