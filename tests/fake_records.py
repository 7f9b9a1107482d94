"""Specifications and records as a finished run leaves them, made up in milliseconds."""

import numpy as np
import pandas as pd

from lib.grid import PlannedRun, reference
from lib.metrics import summarize
from lib.records import write_record
from lib.spec import RunSpec

CLASSES = ("benign", "malignant")
BASE = {
    **reference("dhanalakshmi2025"),
    "dataset": "ham10000",
    "task": "mel-vs-nv-df-bkl",
    "split": {"name": "ham10000-image"},
    "model": {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet"},
}


def make_spec(**changes):
    """``BASE`` with some of its top-level entries replaced."""
    return RunSpec.parse(BASE | changes)


def two_class_probs(targets, wrong, confidence=0.9):
    """Probabilities [N, 2] that give every target ``confidence``, but those at the positions ``wrong``."""
    targets = np.asarray(targets)
    right = np.where(np.isin(np.arange(len(targets)), wrong), 1 - confidence, confidence)
    return np.stack([np.where(targets == c, right, 1 - right) for c in (0, 1)], axis=1)


def fake_record(results, spec, *, test=None, val=None, seen=None, test_accuracy=(0.5, 0.75, 0.625)):
    """A written record.

    ``test`` and ``val`` are (targets [N], probs [N, 2]), the same at the best and at the final epoch; images come in
    pairs of one lesion; ``seen`` says which test images share a lesion with training.
    """
    targets = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    sets = {
        "val": val or (targets, two_class_probs(targets, [1])),
        "test": test or (targets, two_class_probs(targets, [0, 5])),
    }
    parts, metrics = [], {}
    for name, (t, probs) in sets.items():
        metrics[name] = summarize(t, probs)
        part = pd.DataFrame({"subset": name, "image_id": [f"{name}{i:03d}" for i in range(len(t))]})
        part["group"] = [f"{name}-lesion{i // 2}" for i in range(len(t))]
        part["target"] = t
        part["seen"] = 0 if seen is None or name == "val" else np.asarray(seen).astype(int)
        for number, dx in enumerate(CLASSES):
            part[f"p_{dx}"] = probs[:, number]
        parts += [part.assign(checkpoint=checkpoint) for checkpoint in ("best", "final")]
    history = [
        {"epoch": e, "train_loss": 0.5 / (e + 1), "test_loss": 0.6 + e, "test_accuracy": a}
        for e, a in enumerate(test_accuracy)
    ]
    info = {
        "classes": list(CLASSES),
        "n": {name: len(t) for name, (t, _) in sets.items()},
        "best_epoch": 1,
        "metrics": {"best": metrics, "final": metrics},
    }
    return write_record(results, spec, info, history, pd.concat(parts, ignore_index=True))


def planned(spec, stands_for="convnext_tiny"):
    return PlannedRun("dhanalakshmi2025", "group", stands_for, spec)
