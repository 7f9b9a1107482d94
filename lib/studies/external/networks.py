"""What needs the trained networks: predictions of further sets, and the checks of labels and normalization."""

import numpy as np
import pandas as pd
import torch
from torch import nn

from lib.data import load_index
from lib.data.cache import ImageCache
from lib.data.tasks import apply_task, left_out
from lib.evaluation.measure import mean_of
from lib.evaluation.metrics import accuracy, probabilities
from lib.models.forward import Normalize, forward, image_batches
from lib.plan.spec import RunSpec
from lib.records.measurements import Outputs
from lib.records.runs import Record
from lib.training.checkpoints import Trained, load_trained
from lib.training.prepare import Folders, stored_images

BATCH = 64
CHECKED = 200  # validation images
NORMALIZATIONS = {
    "ImageNet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "0.5": ((0.5,) * 3, (0.5,) * 3),
    "none (0..1)": ((0.0,) * 3, (1.0,) * 3),
    "none (0..255)": ((0.0,) * 3, (1 / 255,) * 3),
}


def predict_set(spec: RunSpec, folders: Folders, name: str) -> pd.DataFrame:
    """Images of the data set ``name`` (``lib.records.runs.IMAGE_COLUMNS``) and their logits by the trained network of
    ``spec``, in columns ``logit_0`` onwards.

    Images of a diagnosis that the task has no class for are under ``<name>:<dx>`` with target -1.
    """
    trained, index = load_trained(spec, folders), load_index(name, folders.data_root)
    frames = {name: apply_task(index, spec.task)}
    frames |= {f"{name}:{dx}": rows for dx, rows in left_out(index, spec.task).items()}
    cache = stored_images(index, spec).centred(spec.image_size)
    lesions = set(trained.ready.frames["train"]["group"])
    parts = []
    for subset, frame in frames.items():
        seen = frame["group"].isin(lesions).astype(int)
        logits = pd.DataFrame(predict_images(trained, cache, frame["image_id"]), frame.index).add_prefix("logit_")
        parts.append(frame[["image_id", "group", "target"]].assign(subset=subset, seen=seen).join(logits))
    return pd.concat(parts, ignore_index=True)


def predict_images(
    trained: Trained, cache: ImageCache, image_ids: pd.Series, net: nn.Module | None = None
) -> np.ndarray:
    """Logits float32 [N, 1] or [N, K] of cached images by ``trained`` (or by ``net``) at the precision that trained."""
    return forward(net or trained.net, image_batches(cache.images, cache.at(image_ids), BATCH), trained.ready.precision)


def check_network(spec: RunSpec, record: Record, folders: Folders) -> Outputs:
    """Tables ``normalization`` and ``labels`` of ``lib.studies.external.checks.checkpoint_tables``."""
    trained = load_trained(spec, folders)
    rows = record.subset("val")
    chosen = rows.iloc[np.random.default_rng(0).permutation(len(rows))[:CHECKED]]
    cache = trained.ready.caches[spec.dataset]
    found = normalization_check(trained, cache, chosen)
    now = probabilities(predict_images(trained, cache, chosen["image_id"]))
    before = chosen[list(record.columns)].to_numpy()
    everything = pd.concat([record.subset(s) for s in ("val", "test", *spec.external)])
    named = everything["target"].map(dict(enumerate(record.classes)))
    truth = pd.concat([f.set_index("image_id")["dx"] for f in trained.ready.frames.values()])
    dx = everything["image_id"].map(truth[~truth.index.duplicated()])
    labels = {
        "n_images": len(everything),
        "other_label": int((named != dx).sum()),
        "n_compared": len(chosen),
        "same_prediction": float((now.argmax(axis=1) == before.argmax(axis=1)).mean()),
        "largest_difference": float(np.abs(now - before).max()),
    }
    return {"normalization": found, "labels": pd.DataFrame([labels])}


def normalization_check(trained: Trained, cache: ImageCache, chosen: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and NLL of ``chosen`` (image_id, target, group) under the network's own normalization and others.

    Probabilities below 1e-7 count as 1e-7. ``nll_minus_recorded`` has a 95 % interval over lesions. ``verdict``: the
    recorded normalization ``holds``, or ``RECORDED IS WORSE`` than this one beyond chance.
    """
    own, rest = trained.net[0], trained.net[1:]
    targets, ids = chosen["target"].to_numpy(), chosen["image_id"]
    recorded = _losses(probabilities(predict_images(trained, cache, ids)), targets)
    rows = []
    asked = {"recorded": own, **{name: Normalize(*values) for name, values in NORMALIZATIONS.items()}}
    for name, other in asked.items():
        other = other.to(own.mean.device)
        same = torch.allclose(other.mean, own.mean) and torch.allclose(other.std, own.std)
        if same and name != "recorded":
            continue
        probs = probabilities(predict_images(trained, cache, ids, nn.Sequential(other, rest)))
        gap = _losses(probs, targets) - recorded
        found = mean_of(gap, chosen["group"])
        row = {"normalization": name, "n": len(targets), "accuracy": accuracy(targets, probs)}
        row |= {"nll": float((gap + recorded).mean()), **found.row("nll_minus_recorded", "low", "high")}
        rows.append(row | {"verdict": "RECORDED IS WORSE" if found.sign == "lower" else "holds"})
    return pd.DataFrame(rows)


def _losses(probs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return -np.log(np.maximum(probs[np.arange(len(targets)), targets], 1e-7))
