"""Specifications and records as a finished run leaves them, made up in milliseconds."""

from pathlib import Path

import numpy as np
import pandas as pd

from lib.evaluation.metrics import summarize
from lib.plan.grid import PlannedRun, reference
from lib.plan.spec import RunSpec
from lib.records.runs import Record, write_record

CLASSES = ("benign", "malignant")
TARGETS = np.repeat([0, 1], 4)
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


def write_sets(results, spec, classes, sets, history, **info):
    """A written record of ``sets``: subset -> (rows with image_id, group, target and seen, probabilities [N, K]), the
    same at the selected epoch and the last."""
    rows = pd.concat([own.assign(subset=name) for name, (own, _) in sets.items()], ignore_index=True)
    metrics = {name: summarize(own["target"].to_numpy(), probs) for name, (own, probs) in sets.items()}
    logits = {(at, name): logits_of(probs) for at in ("best", "final") for name, (_, probs) in sets.items()}
    made = {"classes": list(classes), "n": {name: len(probs) for name, (_, probs) in sets.items()}, "best_epoch": 2,
            "metrics": {"best": metrics, "final": metrics}}  # fmt: skip
    return write_record(results, spec, made | info, history, rows, logits)


def image_rows(name, targets, images="", seen=0):
    """Images of the subset ``name`` as a record lists them, in pairs of one lesion."""
    numbers = range(len(targets))
    rows = pd.DataFrame({"subset": name, "image_id": [f"{images}{name}{i:03d}" for i in numbers]})
    return rows.assign(group=[f"{name}-lesion{i // 2}" for i in numbers], target=targets, seen=seen)


def in_memory(spec, info, sets, *, images="i"):
    """A record that no file holds. ``sets``: subset -> (targets [N], probabilities [N, K]); ``val`` is as ``test`` by
    default."""
    sets = {"val": sets["test"]} | sets if "test" in sets else sets
    rows = pd.concat([image_rows(name, t, images) for name, (t, _) in sets.items()], ignore_index=True)
    arrays = {f"{at}/{name}": logits_of(probs) for name, (_, probs) in sets.items() for at in ("best", "final")}
    return Record(Path(spec.run_id), spec, {"environment": {"precision": "32"}} | info, (rows, arrays))


def fake_record(results, spec, *, test=None, val=None, seen=None, test_accuracy=(0.5, 0.75, 0.625)):
    """A written record.

    ``test`` and ``val`` are (targets [N], probs [N, 2]), the same at the best and at the final epoch; images come in
    pairs of one lesion; ``seen`` says which test images share a lesion with training.
    """
    val = val or (TARGETS, two_class_probs(TARGETS, [1]))
    test = test or (TARGETS, two_class_probs(TARGETS, [0, 5]))
    seen = 0 if seen is None else np.asarray(seen).astype(int)
    sets = {"val": (image_rows("val", val[0]), val[1]), "test": (image_rows("test", test[0], seen=seen), test[1])}
    history = [
        {"epoch": e, "train_loss": 0.5 / (e + 1), "test_loss": 0.6 + e, "test_accuracy": a}
        for e, a in enumerate(test_accuracy)
    ]
    return write_sets(results, spec, CLASSES, sets, history, best_epoch=1)


def run(results, wrong=(0, 5), seen=None, paper_model="convnext_tiny", **changes):
    """(planned, record) of ``make_spec(**changes)``; test images are ``TARGETS``, named right but for ``wrong``."""
    spec = make_spec(**changes)
    record = fake_record(results, spec, test=(TARGETS, two_class_probs(TARGETS, wrong)), seen=seen)
    return planned(spec, paper_model), record


def planned(spec, paper_model="convnext_tiny"):
    return PlannedRun("dhanalakshmi2025", "group", paper_model, spec)
