"""Records of saykat2025's seven classes, made up in memory."""

import numpy as np

from lib.data.catalogue import LESION_CLASSES
from lib.plan.grid import PlannedRun, planned_runs
from tests.fakes.records import in_memory

PAPER = "saykat2025"
K = len(LESION_CLASSES)
SPECS = {(p.paper_model, p.spec.split.name, p.spec.seed): p.spec for p in planned_runs(PAPER, "gpu")}
EVERY = np.repeat(np.arange(K), 4)  # four images per class


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
    info = {"classes": list(LESION_CLASSES), "n": {"train": 7010} | {n: len(t) for n, (t, _) in sets.items()}}
    record = in_memory(spec, info, sets, images=images)
    return PlannedRun(PAPER, "paper", model, spec), record
