"""dhanalakshmi2025: ConvNeXt T/S/B/L/XL and two ensembles, benign against malignant (Tables 1 and 3)."""

import numpy as np
import pandas as pd

from lib.evaluation import ensembles
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate, estimates
from lib.evaluation.metrics import METRICS, accuracy, classification_report
from lib.evaluation.resampled import BY_CLASS
from lib.plan.grid import ensembles as planned_ensembles
from lib.published.compare import deviations
from lib.published.values import load_published
from lib.records.seeds import SeedGroup, measure, measure_classes

PAPER = "dhanalakshmi2025"
TABLE_3 = {"precision": "precision", "recall": "sensitivity", "f1": "f1"}


def published_tables() -> dict[str, pd.DataFrame]:
    """Tables 1 and 3 as printed: a row a model (and class)."""
    published = load_published(PAPER)
    tables = {}
    for number in ("1", "3"):
        rows = published[published["table"] == number]
        grid = rows.pivot(index="row", columns="column", values="printed")
        tables[number] = grid.loc[rows["row"].unique(), rows["column"].unique()].rename_axis(None, axis=1).reset_index()
    return tables


def tolerances() -> pd.DataFrame:
    """What counts as reproduced for Tables 1 and 3, with the reason: fixed before anything was run."""
    published = load_published(PAPER)
    rows = published[published["table"].isin(["1", "3"])]
    names = {"quantity": "quantity", "tolerance_kind": "kind", "tolerance_reason": "reason"}
    found = rows.groupby(list(names), sort=False)["tolerance_value"].agg(["min", "max"]).reset_index()
    return found.rename(columns={**names, "min": "smallest", "max": "largest"})[
        ["quantity", "kind", "smallest", "largest", "reason"]
    ]


def best_on_test(group: SeedGroup, repeats: int) -> Estimate:
    """The highest accuracy of any epoch on the reported images, mean over seeds.

    That epoch's predictions are not kept: the draws are those of the final epoch, moved to this value.
    """
    best = [r.history["test_accuracy"].max() for r in group.records]
    return measure(group, "accuracy", repeats, "test", "final").moved_to(best)


def table_1(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Table 1 for every model: published best accuracy beside ours, reported three ways.

    ``best_epoch_on_test``: the highest accuracy of any epoch on the images that are reported, which is what the paper
    calls best validation accuracy; ``final_epoch``: after the last epoch; ``selected``: at the epoch that the
    validation part of the training images chose, the only one of the three that no test image has influenced. Means
    over seeds; ``low`` and ``high`` are the 95 % interval of ``best_epoch_on_test`` (:func:`best_on_test`).
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for group in groups:
        histories = [r.history for r in group.records]
        best = 100 * best_on_test(group, repeats)
        rows.append(
            {
                **group.labels(),
                "n": group.records[0].info["n"]["test"],
                "published": published.get(f"table1.{group.stands_for}.best_val_accuracy", np.nan),
                **best.row("best_epoch_on_test", "low", "high"),
                "interval_of": best.speaks_of,
                "final_epoch": 100 * _mean(histories, lambda h: h["test_accuracy"].iloc[-1]),
                "selected": 100 * _mean(group.records, lambda r: r.info["metrics"]["best"]["test"]["accuracy"]),
                "final_train_loss": _mean(histories, lambda h: h["train_loss"].iloc[-1]),
                "final_test_loss": _mean(histories, lambda h: h["test_loss"].iloc[-1]),
                "epochs_run": _mean(histories, len),
            }
        )
    return pd.DataFrame(rows)


def table_3(groups: list[SeedGroup]) -> pd.DataFrame:
    """Table 3: precision, sensitivity and F1 a class at the final epoch, published beside ours (mean over seeds)."""
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for group in groups:
        targets, stack, _ = group.arrays("test", "final")
        reports = [classification_report(targets, p, group.records[0].classes).set_index("dx") for p in stack]
        for dx in group.records[0].classes:
            row = {**group.labels(), "dx": dx, "support": int(reports[0].loc[dx, "support"])}
            for printed, ours in TABLE_3.items():
                row[f"{ours}_published"] = published.get(f"table3.{group.stands_for}.{dx}.{printed}", np.nan)
                row[ours] = float(np.mean([r.loc[dx, ours] for r in reports]))
            rows.append(row)
    return pd.DataFrame(rows)


def member_sets(groups: list[SeedGroup]) -> list[tuple[str, list[SeedGroup]]]:
    """(ensemble, members) for every setting in which all members of a planned ensemble have records."""
    settings: dict[tuple, dict[str, SeedGroup]] = {}
    for group in groups:
        spec = group.spec
        key = (spec.dataset, spec.task, spec.split.name, spec.model.weights, spec.model.train, spec.image_size)
        settings.setdefault(key, {})[group.stands_for] = group
    return [
        (name, [models[m] for m in members])
        for models in settings.values()
        for name, members in planned_ensembles(PAPER).items()
        if all(m in models for m in members)
    ]


def ensemble_table(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Every ensemble and strategy: test accuracy, balanced accuracy and AUC, and the gain over its best member.

    Strategies are fitted on validation; the best member is chosen there too. Members take part with their first
    seed. ``gain`` has its 95 % interval over the same lesions.
    """
    rows = []
    for name, members in member_sets(groups):
        val_targets, val, _ = _stacked(members, "val")
        targets, test, lesions = _stacked(members, "test")
        best = int(np.argmax([accuracy(val_targets, p) for p in val]))
        for strategy in ensembles.STRATEGIES:
            probs = ensembles.combine(strategy, val_targets, val, test)
            whole, member = (estimate("accuracy", targets, p, lesions, Plan(repeats)) for p in (probs, test[best]))
            rows.append(
                {
                    **_setting(members[0]),
                    "ensemble": name,
                    "strategy": strategy,
                    "n": len(targets),
                    "accuracy": whole.value,
                    **{m: METRICS[m](targets, probs, lesions) for m in ("balanced_accuracy", "macro_auc_ovr", "ece")},
                    "best_member": members[best].stands_for,
                    "member_accuracy": member.value,
                    **(whole - member).row("gain"),
                }
            )
    return pd.DataFrame(rows)


def measured(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Accuracies are Table 1's (best epoch on the reported images), the rest Table 3's at the final epoch. Ensembles are
    the mean of the members' final-epoch probabilities.
    """
    known = set(load_published(PAPER)["id"])
    rows = []
    for group in groups:
        ident = f"table1.{group.stands_for}.best_val_accuracy"
        if ident in known:
            base = {**_common(group), "deviations": deviations(PAPER, group.stands_for, group.spec)}
            rows.append({**base, "published_id": ident, "estimate": best_on_test(group, repeats)})
            found = {ours: measure_classes(group, ours, repeats, "test", "final") for ours in TABLE_3.values()}
            rows += _per_class(group.stands_for, base, found, group.classes)
    for name, members in member_sets(groups):
        ident = f"table1.{name}.best_val_accuracy"
        if ident in known:
            targets, stack, lesions = _stacked(members, "test", "final")
            arrays = targets, stack.mean(axis=0), lesions, Plan(repeats)
            parts = dict.fromkeys(deviations(PAPER, m.stands_for, m.spec) for m in members)
            base = {**_common(members[0]), "deviations": "; ".join(filter(None, parts))}
            rows.append({**base, "published_id": ident, "estimate": estimate("accuracy", *arrays)})
            found = {ours: estimates(BY_CLASS[ours], *arrays) for ours in TABLE_3.values()}
            rows += _per_class(name, base, found, members[0].classes)
    return pd.DataFrame(rows)


def _per_class(model: str, base: dict, found: dict[str, list[Estimate]], classes: tuple[str, ...]) -> list[dict]:
    return [
        {**base, "published_id": f"table3.{model}.{dx}.{printed}", "estimate": found[ours][number]}
        for number, dx in enumerate(classes)
        for printed, ours in TABLE_3.items()
    ]


def _stacked(members: list[SeedGroup], subset: str, checkpoint: str = "best"):
    arrays = [m.records[0].arrays(subset, checkpoint) for m in members]
    return arrays[0][0], np.stack([a[1] for a in arrays]), arrays[0][2]


def _setting(group: SeedGroup) -> dict:
    return {k: v for k, v in group.labels().items() if k in ("data", "split", "weights", "trained", "px")}


def _common(group: SeedGroup) -> dict:
    return {**{k: group.labels()[k] for k in ("data", "split")}, "n": group.records[0].info["n"]["test"]}


def _mean(items, value) -> float:
    # An undefined metric is null in the record, and then NaN here.
    return float(np.mean(np.array([value(item) for item in items], dtype=float)))
