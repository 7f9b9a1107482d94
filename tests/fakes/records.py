"""Specifications and records as a finished run leaves them, made up in milliseconds."""

from pathlib import Path

import numpy as np
import pandas as pd

from lib.evaluation.metrics import summarize
from lib.plan.grid import PlannedRun, reference
from lib.plan.spec import RunSpec
from lib.records.runs import Record, write_record

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


def logits_of(probs):
    """Logits [N, K] whose softmax is ``probs``; a probability of 0 becomes e^-30."""
    return np.log(np.maximum(probs, np.exp(-30)))


def write_probabilities(results, spec, info, history, frame):
    """A written record of ``frame``: subset, image_id, group, target, seen and a column p_<class> each.

    The same at the selected epoch and the last.
    """
    columns = [f"p_{dx}" for dx in info["classes"]]
    frame = frame.drop_duplicates(["subset", "image_id"]).reset_index(drop=True)
    parts = {s: logits_of(part[columns].to_numpy()) for s, part in frame.groupby("subset", sort=False)}
    logits = {(at, subset): values for at in ("best", "final") for subset, values in parts.items()}
    return write_record(results, spec, info, history, frame.drop(columns=columns), logits)


def in_memory(spec, info, sets, *, groups=None, images="i", folder=None):
    """A record that no file holds. ``sets``: subset -> (targets [N], probabilities [N, K]).

    Images come in pairs of one lesion unless ``groups`` names the lesions; ``val`` is as ``test`` by default.
    """
    sets = {"val": sets["test"]} | sets if "test" in sets else sets
    parts = []
    for name, (targets, _) in sets.items():
        part = pd.DataFrame({"subset": name, "image_id": [f"{images}{name}{i:05d}" for i in range(len(targets))]})
        part["group"] = [f"{name}-lesion{i // 2}" for i in range(len(targets))] if groups is None else groups
        parts.append(part.assign(target=targets, seen=0))
    arrays = {f"{at}/{name}": logits_of(probs) for name, (_, probs) in sets.items() for at in ("best", "final")}
    info = {"environment": {"precision": "32"}} | info
    return Record(folder or Path(spec.run_id), spec, info, (pd.concat(parts, ignore_index=True), arrays))


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
    parts, metrics, logits = [], {}, {}
    for name, (t, probs) in sets.items():
        metrics[name] = summarize(t, probs)
        part = pd.DataFrame({"subset": name, "image_id": [f"{name}{i:03d}" for i in range(len(t))]})
        part["group"] = [f"{name}-lesion{i // 2}" for i in range(len(t))]
        part["target"] = t
        part["seen"] = 0 if seen is None or name == "val" else np.asarray(seen).astype(int)
        parts.append(part)
        logits |= {(checkpoint, name): logits_of(probs) for checkpoint in ("best", "final")}
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
    return write_record(results, spec, info, history, pd.concat(parts, ignore_index=True), logits)


def planned(spec, paper_model="convnext_tiny"):
    return PlannedRun("dhanalakshmi2025", "group", paper_model, spec)
