"""Where a trained network looks: Grad-CAM and what lesion masks say of it."""

from lib.studies.explain.measure import Cams, measure_gradcam

__all__ = ["Cams", "measure_gradcam"]
