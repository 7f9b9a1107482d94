"""Records of saykat2025's seven classes, made up in memory."""

from pathlib import Path

import numpy as np
import pandas as pd

from lib.data.sources import LESION_CLASSES
from lib.grid import PlannedRun, planned_runs
from lib.records import Record

PAPER = "saykat2025"
K = len(LESION_CLASSES)
SPECS = {(p.stands_for, p.spec.split.name, p.spec.seed): p.spec for p in planned_runs(PAPER, "gpu")}
EVERY = np.repeat(np.arange(K), 4)  # four images a class


def probs_of(predicted, confidence=0.7):
    """Probabilities [N, 7] that name ``predicted`` with ``confidence``."""
    return np.eye(K)[predicted] * (confidence - (1 - confidence) / (K - 1)) + (1 - confidence) / (K - 1)


def wrong_at(targets, rows):
    """Predictions that name the next class at ``rows``."""
    return np.where(np.isin(np.arange(len(targets)), rows), (targets + 1) % K, targets)


def run(model="cnn", seed=0, split="ham10000-image", images="i", **sets):
    """(planned, record) with ``sets``: subset -> (targets, probabilities); val is all right unless it is given.

    Images come in pairs of one lesion.
    """
    spec = SPECS[model, split, seed]
    sets = {"val": (EVERY, probs_of(EVERY)), **sets}
    parts = []
    for name, (targets, probs) in sets.items():
        part = pd.DataFrame({"checkpoint": "best", "subset": name, "target": targets, "seen": 0})
        part["image_id"] = [f"{images}{name}{i:05d}" for i in range(len(targets))]
        part["group"] = [f"{name}-lesion{i // 2}" for i in range(len(targets))]
        parts.append(part.join(pd.DataFrame(probs, columns=[f"p_{c}" for c in LESION_CLASSES])))
    info = {"classes": list(LESION_CLASSES), "n": {"train": 7010} | {n: len(t) for n, (t, _) in sets.items()}}
    record = Record(Path(spec.run_id), spec, info)
    record.__dict__["predictions"] = pd.concat(parts, ignore_index=True)
    return PlannedRun(PAPER, "paper", model, spec), record
