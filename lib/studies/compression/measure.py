"""The two measurements behind notebook 04: what the variants weigh and predict, and how long they take."""

import copy
import itertools
import os
from dataclasses import asdict
from functools import partial

import numpy as np
import pandas as pd
import torch

from lib.evaluation.metrics import macro_auc_ovr
from lib.plan.spec import RunSpec
from lib.studies.compression.latency import clocks, interleaved
from lib.studies.compression.settings import Making, Timing
from lib.studies.compression.variants import Form, Variant, build, pixels
from lib.training.device import cpu_model, device_name
from lib.training.prepare import Folders

BATCH = 64


def measure_compression(spec: RunSpec, folders: Folders, making: Making) -> dict[str, pd.DataFrame]:
    """Tables of every variant on the run's whole test set.

    ``variants``: a row each, with sizes, metrics that need probabilities, and ``largest_change`` (of any probability
    from the base's). ``predictions``: image_id, group, target and the predicted class (0..K-1) of each variant, a row
    an image. ``skipped``: label, reason.
    """
    built = build(spec, folders, making)
    frame = built.trained.ready.frames["test"].sort_values("image_id")
    images, targets = pixels(built.trained, spec, frame["image_id"]), frame["target"].to_numpy()
    predictions = frame[["image_id", "group", "target"]].reset_index(drop=True)
    rows, base = [], None
    for v in built.variants:
        probs = predict(v.form, images)
        base = probs if base is None else base
        predictions[v.name] = probs.argmax(axis=1)
        row = {"name": v.name, "label": v.label, "origin": v.origin, "seconds": v.seconds, **asdict(v.form.size)}
        row |= {"gzip_bytes": v.form.gzip_bytes, "macro_auc_ovr": macro_auc_ovr(targets, probs)}
        rows.append(row | {"largest_change": float(np.abs(probs - base).max())})
    skipped = pd.DataFrame(built.skipped.items(), columns=["label", "reason"])
    return {"variants": pd.DataFrame(rows), "predictions": predictions, "skipped": skipped}


def predict(form: Form, images: np.ndarray) -> np.ndarray:
    """Float64 probabilities [N, K], 64 images at a time (the last ones filled up, so that every call has one size)."""
    parts = []
    for start in range(0, len(images), BATCH):
        part = images[start : start + BATCH]
        full = np.concatenate([part, np.repeat(part[-1:], BATCH - len(part), axis=0)])
        parts.append(form.predict(full)[: len(part)])
    return np.concatenate(parts).astype(np.float64)


def measure_latency(
    spec: RunSpec, folders: Folders, making: Making, timing: Timing, device: str
) -> dict[str, pd.DataFrame]:
    """Times of every variant on ``cpu`` or ``cuda``, from pixels in memory to probabilities.

    ``times``: as ``lib.studies.compression.latency.interleaved`` gives them. ``conditions``: one row: device, threads,
    cores, other cores busy meanwhile, load average, px.
    """
    built = build(spec, folders, making)
    ids = built.trained.ready.frames["test"]["image_id"].to_numpy()
    images = pixels(built.trained, spec, np.resize(ids, max(timing.batches)))
    pairs = itertools.product(built.variants, timing.batches)
    calls = {(v.name, n): call for v, n in pairs if (call := _call(v, images[:n], device))}
    before = clocks()
    times = interleaved(calls, timing.rounds, timing.batches, spec.seed)
    wall, busy, own = clocks() - before
    conditions = {
        "device": device_name() if device == "cuda" else cpu_model(),
        "threads": torch.get_num_threads(),
        "others": float(np.maximum((busy - own) / wall, 0)),  # keeps NaN
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan"),
        "px": spec.image_size,
    }
    return {"times": times, "conditions": pd.DataFrame([conditions])}


def _call(variant: Variant, images: np.ndarray, device: str):
    if device == "cpu":
        return partial(variant.form.predict, images)
    if variant.form.module is None:
        return None
    module = copy.deepcopy(variant.form.module).to(device)  # the CPU's stays where it is
    batch = torch.from_numpy(images).to(device)

    def call() -> None:
        with torch.inference_mode():
            module(batch)
        torch.cuda.synchronize()

    return call
