"""Classify an image with an exported network: ``python lib/studies/compression/run_onnx.py model.onnx image.jpg``.

Needs numpy, Pillow and onnxruntime alone: no torch, and nothing else of this study. Research only, no diagnosis.
"""

import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
about, size = session.get_modelmeta().custom_metadata_map, session.get_inputs()[0].shape[-1]
image, side = Image.open(sys.argv[2]).convert("RGB"), int(about["side"])  # training took its crops from side x side
fit = ImageOps.fit if about["resize"] == "center_crop" else Image.Image.resize
image, edge = fit(image, (side, side), Image.Resampling.HAMMING), (side - size) // 2  # the nearest to area averaging
pixels = np.asarray(image)[edge : edge + size, edge : edge + size].transpose(2, 0, 1)[None]  # uint8 [1, 3, size, size]
for name, p in zip(about["classes"].split(","), session.run(None, {"images": pixels})[0][0], strict=True):
    print(f"{name} {p:.4f}")
