"""Where a trained network looks: Grad-CAM and what lesion masks say of it."""
