"""Pre-logit features of trained networks: their principal components and how compact the classes are in them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from lib.evaluation.scatter import columns, within_share
from lib.plan.spec import RunSpec
from lib.records.measurements import Outputs
from lib.records.seeds import Recipe
from lib.studies import Study, measured

if TYPE_CHECKING:  # torch only where something is measured
    from lib.training.prepare import Folders

VERSION, BATCH = 1, 32


def feature_tables(study: Study, recipes: list[Recipe]) -> list[tuple[Recipe, pd.DataFrame, pd.DataFrame]]:
    """(group, points, summary) of the first seed of each group, measured where the trained weights are; as
    :func:`measure_features`. Groups whose features are neither stored nor measurable are left out, and counted."""
    found = []
    for recipe in recipes:
        spec = recipe.spec
        key = {"run": spec.run_id, "version": VERSION}
        kept = measured(study, "prelogits", spec, key, lambda s=spec: measure_features(s, study.folders))
        if kept:
            found.append((recipe, kept.table("points"), kept.table("summary")))
    if left := len(recipes) - len(found):
        display(Markdown(f"*Of {left} of {len(recipes)} networks no features are stored, nor weights at hand.*"))
    return found


def measure_features(spec: RunSpec, folders: "Folders") -> Outputs:
    """Pre-logit features of the run's test images, float32, at the selected epoch.

    ``points``: image_id, group, target, pc1..pc3 (of the test images' own covariance). ``summary``, one row: n, width,
    variance_1..3 (share of each component), within_share (variance within the classes over total variance, 0..1: small
    is compact), silhouette (-1..1, Euclidean, by true class), accuracy of the same forward pass.
    """
    import torch
    from sklearn.decomposition import PCA
    from sklearn.metrics import silhouette_score
    from torch import nn

    from lib.models.forward import forward, image_batches
    from lib.models.iconvnext import features_and_logits
    from lib.training.checkpoints import load_trained

    class Both(nn.Module):
        """Features [B, D] and logits [B, K] side by side."""

        def __init__(self, net: nn.Module):
            super().__init__()
            self.net = net

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.cat(features_and_logits(self.net, images), dim=1)

    trained = load_trained(spec, folders)
    frame, cache = trained.ready.frames["test"], trained.ready.caches[spec.dataset]
    rows = cache.at(frame["image_id"])
    both = forward(Both(trained.net), image_batches(cache.images, rows, BATCH), "32").astype(np.float64)
    features, logits = both[:, : -len(trained.ready.classes)], both[:, -len(trained.ready.classes) :]
    targets = frame["target"].to_numpy()
    pca = PCA(3, svd_solver="full")
    points = pd.DataFrame(pca.fit_transform(features), columns=["pc1", "pc2", "pc3"])
    points = pd.concat([frame[["image_id", "group", "target"]].reset_index(drop=True), points], axis=1)
    summary = {"n": len(rows), "width": features.shape[1],
               **{f"variance_{i + 1}": share for i, share in enumerate(pca.explained_variance_ratio_)},
               "within_share": float(within_share(columns(features, targets).sum(axis=1), targets.max() + 1)),
               "silhouette": silhouette_score(features, targets),
               "accuracy": float((logits.argmax(axis=1) == targets).mean())}  # fmt: skip
    return {"points": points, "summary": pd.DataFrame([summary])}


def compactness_table(found: list[tuple[Recipe, pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """One row per network: what the paper's Figure 3 is read for, in numbers."""
    rows = []
    for recipe, _, summary in found:
        row = recipe.labels() | {"lr": recipe.spec.optimizer.lr, "epochs": recipe.spec.epochs}
        rows.append({**row, "lambda": recipe.spec.loss.feature_smoothing, **summary.iloc[0]})
    table = pd.DataFrame(rows).drop(columns="seeds", errors="ignore")
    return table.astype({"n": int, "width": int}) if rows else table
