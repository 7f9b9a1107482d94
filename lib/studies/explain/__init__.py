"""Where a trained network looks: Grad-CAM and what lesion masks say of it."""

from lib.studies.explain.measure import Cams, by_split, measure_gradcam

__all__ = ["Cams", "by_split", "measure_gradcam"]
