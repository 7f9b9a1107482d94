"""xia2025's Table 1 and figures' numbers, its parts one by one, and the same networks on unseen subjects."""

import json

import numpy as np
import pandas as pd

from lib.data.splits.subset import SUBSET
from lib.evaluation import resampling
from lib.evaluation.metrics import METRICS
from lib.papers.xia2025.scores import MODELS, PAPER, averaged, per_class, published_values
from lib.published.values import load_published
from lib.records.seeds import SeedGroup

PARTS = {
    "convnext_tiny": "none",
    "timm_classifier": "none, timm's initial classifier",
    "dual_pooling": "dual pooling",
    "sevector": "SEVector",
    "mlp_classifier": "classifier of two layers",
    "feature_smoothing": "smoothing loss",
    "iconvnext_tiny": "all (ICN-T)",
}
SCORES = ("accuracy", "balanced_accuracy", "macro_auc_ovr")


def published_table() -> pd.DataFrame:
    """Table 1 as printed."""
    rows = load_published(PAPER)
    rows = rows[rows["table"] == "1"]
    grid = rows.pivot(index="row", columns="column", values="printed")
    return grid.loc[rows["row"].unique(), rows["column"].unique()].rename_axis(None, axis=1).reset_index()


def tolerances() -> pd.DataFrame:
    """What counts as reproduced, with the reason: fixed before anything was run."""
    rows = load_published(PAPER)
    rows = rows[rows["protocol"].isin(["test", "validation", "training"])]
    names = {"quantity": "quantity", "tolerance_kind": "kind", "tolerance_reason": "reason"}
    found = rows.groupby(list(names), sort=False)["tolerance_value"].agg(["min", "max"]).reset_index()
    found = found.rename(columns={**names, "min": "smallest", "max": "largest"})
    return found[["quantity", "kind", "smallest", "largest", "reason"]]


def stated_settings() -> pd.DataFrame:
    """Every learning rate and number of epochs in the paper's text, with where it stands."""
    rows = load_published(PAPER)
    rows = rows[rows["quantity"].isin(["learning_rate", "epochs"])]
    return rows[["where", "quantity", "model", "setting", "printed", "value"]].fillna({"model": "", "setting": ""})


def labels(group: SeedGroup) -> dict[str, object]:
    """The columns that keep unlike runs apart, with what varies in this paper beside."""
    spec = group.spec
    return {**group.labels(), "lr": spec.optimizer.lr, "epochs": spec.epochs, "batch": spec.batch_size}


def table_1(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Table 1: accuracy (95 % interval over resampled subjects), precision, recall and F1 weighted by support.

    Test images, at the epoch of the highest validation accuracy, mean over seeds; ``published`` is the accuracy that
    the paper prints for the row.
    """
    published = published_values()
    rows = []
    for group in groups:
        targets, stack, _ = group.arrays("test")
        ours = scores(group, repeats)
        columns = {n: np.mean([averaged(targets, p, n) for p in stack]) for n in ("precision", "recall", "f1")}
        rows.append({**labels(group), "n": len(targets),
                     "published": published.get(f"table1.{group.stands_for}.accuracy", np.nan),
                     **with_interval("accuracy", ours), **columns,
                     **{name: _mean(ours[name]) for name in SCORES[1:]},
                     "best_epoch": np.mean([r.info["best_epoch"] for r in group.records])})  # fmt: skip
    return pd.DataFrame(rows)


def class_table(groups: list[SeedGroup]) -> pd.DataFrame:
    """Precision, recall, F1 and support of each class, mean over seeds (the text beside the paper's Figure 4)."""
    rows = []
    for group in groups:
        targets, stack, _ = group.arrays("test")
        found = [per_class(targets, p) for p in stack]
        for number, dx in enumerate(group.records[0].classes):
            values = {name: np.mean([f[name][number] for f in found]) for name in ("precision", "recall", "f1")}
            rows.append({**labels(group), "dx": dx, "support": int(found[0]["support"][number]), **values})
    return pd.DataFrame(rows)


def part_sets(groups: list[SeedGroup]) -> list[dict[str, SeedGroup]]:
    """Groups that differ in the parts of ICN-T alone, by ``stands_for``; sets without the plain network left out."""
    sets: dict[str, dict[str, SeedGroup]] = {}
    for group in groups:
        expected = 0.05 if group.stands_for in ("feature_smoothing", "iconvnext_tiny") else 0.0
        if group.stands_for in PARTS and group.spec.loss.feature_smoothing == expected:
            sets.setdefault(recipe_without(group, "model", "loss"), {})[group.stands_for] = group
    return [found for found in sets.values() if "convnext_tiny" in found and len(found) > 1]


def ablation(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Each part of ICN-T alone and all together against the plain network: accuracy, balanced accuracy, AUC.

    ``gain`` is the difference in accuracy to the plain network on the same test images, over the seeds that both have,
    with its 95 % interval over resampled subjects or lesions, which does not hold the spread over seeds.
    """
    rows = []
    for found in part_sets(groups):
        plain = found["convnext_tiny"]
        for name in PARTS:
            if name in found:
                group = found[name]
                ours = scores(group, repeats)
                row = {**labels(group), "part": PARTS[name], "n": len(group.arrays("test")[0]),
                       **with_interval("accuracy", ours), "sd_over_seeds": _spread(group),
                       **{metric: _mean(ours[metric]) for metric in SCORES[1:]}}  # fmt: skip
                rows.append(row | (gain(group, plain, repeats) if group is not plain else {}))
    return pd.DataFrame(rows).drop(columns="model", errors="ignore")


def gain(group: SeedGroup, plain: SeedGroup, repeats: int, name: str = "accuracy") -> dict[str, float]:
    """Difference of a metric, ``group`` minus ``plain``, on the same resamples, over the seeds that both have."""
    first, second = (arrays_by_seed(g) for g in (group, plain))
    seeds = sorted(set(first) & set(second))
    if not seeds:
        return {}
    targets, _, subjects = plain.arrays("test")
    weights = np.vstack([np.ones(len(targets)), resampling.draw_weights(subjects, len(targets), repeats)])
    sides = [resampling.resampled(name, targets, np.stack([g[s] for s in seeds]), weights) for g in (first, second)]
    difference = sides[0] - sides[1]
    low, high = resampling.interval(difference[1:])
    return {"gain": difference[0], "gain_low": low, "gain_high": high}


def lambda_table(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """ICN-T under every weight of the smoothing loss, where more than one was run with the same recipe."""
    sets: dict[str, list[SeedGroup]] = {}
    for group in groups:
        if group.stands_for == "iconvnext_tiny":
            sets.setdefault(recipe_without(group, "loss"), []).append(group)
    rows = []
    for found in sets.values():
        for group in sorted(found, key=lambda g: g.spec.loss.feature_smoothing) if len(found) > 1 else ():
            ours = scores(group, repeats)
            rows.append({**labels(group), "lambda": group.spec.loss.feature_smoothing,
                         "n": len(group.arrays("test")[0]), **with_interval("accuracy", ours),
                         **{metric: _mean(ours[metric]) for metric in SCORES[1:]}})  # fmt: skip
    return pd.DataFrame(rows)


def sizes(groups: list[SeedGroup]) -> pd.DataFrame:
    """Parameters of each architecture, and the speed of its training here: what "lightweight" comes to."""
    rows = {}
    for group in groups:
        if group.stands_for not in MODELS:
            continue
        spec, info = group.spec, group.records[0].info
        key = (group.stands_for, spec.model.backbone, spec.image_size, spec.batch_size)
        row = {"model": group.stands_for, "backbone": spec.model.backbone, "px": spec.image_size,
               "batch": spec.batch_size, "classes": len(info["classes"]),
               "parameters": info["parameters_trained"], "images_per_second": info["timing"]["images_per_second"],
               "minutes": info["timing"]["seconds_training"] / 60, "device": info["environment"]["device"]}  # fmt: skip
        rows.setdefault(key, row)
    return pd.DataFrame(rows.values()).sort_values(["backbone", "model", "px"], ignore_index=True)


def supports(groups: list[SeedGroup]) -> pd.DataFrame:
    """Images of each class in validation and test of each split, and the share of test images whose subject or lesion
    is in training too; ``subset`` are the paper's counts."""
    rows = []
    for group in {g.spec.split.name: g for g in groups}.values():
        record = group.records[0]
        parts = {part: record.subset(part) for part in ("val", "test")}
        for number, dx in enumerate(record.classes):
            of_class = {part: p[p["target"] == number] for part, p in parts.items()}
            rows.append({"split": group.spec.split.name, "dx": dx, "subset": SUBSET.get(dx, np.nan),
                         **{part: len(p) for part, p in of_class.items()},
                         "test_groups": of_class["test"]["group"].nunique(),
                         "seen_share": of_class["test"]["seen"].mean()})  # fmt: skip
    return pd.DataFrame(rows)


def scores(group: SeedGroup, repeats: int, seeds: list[int] | None = None) -> dict[str, np.ndarray]:
    """Each of ``SCORES`` on the test images, mean over ``seeds`` (all); see :func:`scores_of`."""
    targets, _, subjects = group.arrays("test")
    members = arrays_by_seed(group)
    return scores_of(targets, np.stack([members[s] for s in seeds or members]), subjects, repeats)


def scores_of(targets: np.ndarray, stack: np.ndarray, groups: np.ndarray, repeats: int) -> dict[str, np.ndarray]:
    """Each of ``SCORES``, mean over the stack [S, N, K]: [1 + R], first of the images themselves, then of resamples."""
    weights = np.vstack([np.ones(len(targets)), resampling.draw_weights(groups, len(targets), repeats)])
    return {name: resampling.resampled(name, targets, stack, weights) for name in SCORES}


def arrays_by_seed(group: SeedGroup) -> dict[int, np.ndarray]:
    """Test probabilities [N, K] by seed."""
    return {r.spec.seed: r.arrays("test")[1] for r in group.records}


def with_interval(name: str, values: dict[str, np.ndarray]) -> dict[str, float]:
    """The metric ``name`` of :func:`scores`, with ``low`` and ``high`` of its 95 % interval."""
    low, high = resampling.interval(values[name][1:])
    return {name: _mean(values[name]), "low": low, "high": high}


def _mean(values: np.ndarray) -> float:
    return float(values[0])


def _spread(group: SeedGroup) -> float:
    values = [METRICS["accuracy"](r.arrays("test")[0], r.arrays("test")[1]) for r in group.records]
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def recipe_without(group: SeedGroup, *parts: str) -> str:
    """The recipe but for seed, split (where ``parts`` is empty) and what ``parts`` names, as text."""
    dumped = group.spec.model_dump(mode="json")
    dumped.pop("seed")
    if not parts:
        dumped.pop("split")
    for part in parts:
        gone = dumped.pop(part)
        if part == "model":
            dumped["model"] = [gone["backbone"], gone["weights"]]
        else:
            dumped["loss"] = {k: v for k, v in gone.items() if k != "feature_smoothing"}
    return json.dumps(dumped, sort_keys=True)
