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
from lib.published.tables import tolerance_table
from lib.published.values import load_published, published_values
from lib.records.seeds import Recipe, measure, measure_classes

PAPER = "dhanalakshmi2025"
TABLE_3 = {"precision": "precision", "recall": "sensitivity", "f1": "f1"}


def tolerances() -> pd.DataFrame:
    """What counts as reproduced for Tables 1 and 3."""
    rows = load_published(PAPER)
    return tolerance_table(rows[rows["table"].isin(["1", "3"])])


def best_on_test(recipe: Recipe, repeats: int) -> Estimate:
    """The highest accuracy of any epoch on the reported images, mean over seeds.

    That epoch's predictions are not kept: the draws are those of the final epoch, moved to this value.
    """
    best = [r.history["test_accuracy"].max() for r in recipe.records]
    return measure(recipe, "accuracy", repeats, "test", "final").moved_to(best)


def table_1(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Table 1 for every model: published best accuracy beside ours, reported three ways.

    ``best_epoch_on_test``: the highest accuracy of any epoch on the images that are reported, which is what the paper
    calls best validation accuracy; ``final_epoch``: after the last epoch; ``selected``: at the epoch that the
    validation part of the training images chose, the only one of the three that no test image has influenced. Means
    over seeds; ``low`` and ``high`` are the 95 % interval of ``best_epoch_on_test`` (:func:`best_on_test`).
    """
    published = published_values(PAPER)
    rows = []
    for recipe in recipes:
        histories = [r.history for r in recipe.records]
        best = 100 * best_on_test(recipe, repeats)
        rows.append(
            {
                **recipe.labels(),
                "n": recipe.n,
                "published": published.get(f"table1.{recipe.paper_model}.best_val_accuracy", np.nan),
                **best.row("best_epoch_on_test", "low", "high"),
                "interval_of": best.speaks_of,
                "final_epoch": 100 * _mean(histories, lambda h: h["test_accuracy"].iloc[-1]),
                "selected": 100 * _mean(recipe.records, lambda r: r.info["metrics"]["best"]["test"]["accuracy"]),
                "final_train_loss": _mean(histories, lambda h: h["train_loss"].iloc[-1]),
                "final_test_loss": _mean(histories, lambda h: h["test_loss"].iloc[-1]),
                "epochs_run": _mean(histories, len),
            }
        )
    return pd.DataFrame(rows)


def table_3(recipes: list[Recipe]) -> pd.DataFrame:
    """Table 3: precision, sensitivity and F1 per class at the final epoch, published beside ours (mean over seeds)."""
    published = published_values(PAPER)
    rows = []
    for recipe in recipes:
        targets, stack, _ = recipe.arrays("test", "final")
        reports = [classification_report(targets, p, recipe.records[0].classes).set_index("dx") for p in stack]
        for dx in recipe.records[0].classes:
            row = {**recipe.labels(), "dx": dx, "support": int(reports[0].loc[dx, "support"])}
            for printed, ours in TABLE_3.items():
                row[f"{ours}_published"] = published.get(f"table3.{recipe.paper_model}.{dx}.{printed}", np.nan)
                row[ours] = float(np.mean([r.loc[dx, ours] for r in reports]))
            rows.append(row)
    return pd.DataFrame(rows)


def member_sets(recipes: list[Recipe]) -> list[tuple[str, list[Recipe]]]:
    """(ensemble, members) for every setting in which all members of a planned ensemble have records."""
    settings: dict[tuple, dict[str, Recipe]] = {}
    for recipe in recipes:
        spec = recipe.spec
        key = (spec.dataset, spec.task, spec.split.name, spec.model.weights, spec.model.train, spec.image_size)
        settings.setdefault(key, {})[recipe.paper_model] = recipe
    return [
        (name, [models[m] for m in members])
        for models in settings.values()
        for name, members in planned_ensembles(PAPER).items()
        if all(m in models for m in members)
    ]


def ensemble_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Every ensemble and strategy: test accuracy, balanced accuracy and AUC, and the gain over its best member.

    Strategies are fitted on validation; the best member is chosen there too. Members take part with their first
    seed. ``gain`` has its 95 % interval over the same lesions.
    """
    rows = []
    for name, members in member_sets(recipes):
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
                    "best_member": members[best].paper_model,
                    "member_accuracy": member.value,
                    **(whole - member).row("gain"),
                }
            )
    return pd.DataFrame(rows)


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Accuracies are Table 1's (best epoch on the reported images), the rest Table 3's at the final epoch. Ensembles are
    the mean of the members' final-epoch probabilities.
    """
    known = set(load_published(PAPER)["id"])
    rows = []
    for recipe in recipes:
        ident = f"table1.{recipe.paper_model}.best_val_accuracy"
        if ident in known:
            base = {**recipe.place(), "deviations": deviations(PAPER, recipe.paper_model, recipe.spec)}
            rows.append({**base, "published_id": ident, "estimate": best_on_test(recipe, repeats)})
            found = {ours: measure_classes(recipe, ours, repeats, "test", "final") for ours in TABLE_3.values()}
            rows += _per_class(recipe.paper_model, base, found, recipe.classes)
    for name, members in member_sets(recipes):
        ident = f"table1.{name}.best_val_accuracy"
        if ident in known:
            targets, stack, lesions = _stacked(members, "test", "final")
            arrays = targets, stack.mean(axis=0), lesions, Plan(repeats)
            parts = dict.fromkeys(deviations(PAPER, m.paper_model, m.spec) for m in members)
            base = {**members[0].place(), "learned": all(m.learned for m in members)}
            base["deviations"] = "; ".join(filter(None, parts))
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


def _stacked(members: list[Recipe], subset: str, checkpoint: str = "best"):
    arrays = [m.records[0].arrays(subset, checkpoint) for m in members]
    return arrays[0][0], np.stack([a[1] for a in arrays]), arrays[0][2]


def _setting(recipe: Recipe) -> dict:
    return {k: v for k, v in recipe.labels().items() if k in ("data", "split", "weights", "trained", "px")}


def _mean(items, value) -> float:
    # An undefined metric is null in the record, and then NaN here.
    return float(np.mean(np.array([value(item) for item in items], dtype=float)))
