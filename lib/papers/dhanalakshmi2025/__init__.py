"""dhanalakshmi2025: ConvNeXt T/S/B/L/XL and two ensembles, benign against malignant (Tables 1 and 3)."""

import numpy as np
import pandas as pd

from lib.evaluation import ensembles
from lib.evaluation.intervals import wilson
from lib.evaluation.metrics import METRICS, accuracy, bootstrap, classification_report, paired_difference
from lib.plan.grid import ensembles as planned_ensembles
from lib.published.compare import deviations
from lib.published.values import load_published
from lib.records.seeds import SeedGroup

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


def table_1(groups: list[SeedGroup]) -> pd.DataFrame:
    """Table 1 for every model: published best accuracy beside ours, reported three ways.

    ``best_epoch_on_test``: the highest accuracy of any epoch on the images that are reported, which is what the paper
    calls best validation accuracy; ``final_epoch``: after the last epoch; ``selected``: at the epoch that the
    validation part of the training images chose, the only one of the three that no test image has influenced. Means
    over seeds; ``low`` and ``high`` are the 95 % Wilson interval of ``best_epoch_on_test`` at n.
    """
    published = load_published(PAPER).set_index("id")["value"]
    rows = []
    for group in groups:
        histories = [r.history for r in group.records]
        n = group.records[0].info["n"]["test"]
        best = float(np.mean([h["test_accuracy"].max() for h in histories]))
        low, high = wilson(best * n, n)
        rows.append(
            {
                **group.labels(),
                "n": n,
                "published": published.get(f"table1.{group.stands_for}.best_val_accuracy", np.nan),
                "best_epoch_on_test": 100 * best,
                "low": 100 * low,
                "high": 100 * high,
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
    seed. ``gain`` has its 95 % interval by paired resampling of lesions.
    """
    rows = []
    for name, members in member_sets(groups):
        val_targets, val, _ = _stacked(members, "val")
        targets, test, lesions = _stacked(members, "test")
        best = int(np.argmax([accuracy(val_targets, p) for p in val]))
        for strategy in ensembles.STRATEGIES:
            probs = ensembles.combine(strategy, val_targets, val, test)
            gain, low, high = paired_difference(accuracy, targets, probs, test[best], lesions, repeats=repeats)
            rows.append(
                {
                    **_setting(members[0]),
                    "ensemble": name,
                    "strategy": strategy,
                    "n": len(targets),
                    **{
                        m: METRICS[m](targets, probs) for m in ("accuracy", "balanced_accuracy", "macro_auc_ovr", "ece")
                    },
                    "best_member": members[best].stands_for,
                    "member_accuracy": accuracy(targets, test[best]),
                    "gain": gain,
                    "gain_low": low,
                    "gain_high": high,
                }
            )
    return pd.DataFrame(rows)


def measured(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Accuracies are Table 1's (best epoch on the reported images, Wilson interval), the rest Table 3's at the final
    epoch, with intervals over resampled lesions. Ensembles are the mean of the members' final-epoch probabilities.
    """
    known = set(load_published(PAPER)["id"])
    rows = []
    for group, row in zip(groups, table_1(groups).to_dict("records"), strict=True):
        ident = f"table1.{group.stands_for}.best_val_accuracy"
        if ident in known:
            base = {**_common(group), "deviations": deviations(PAPER, group.stands_for, group.spec)}
            rows.append(
                {
                    **base,
                    "published_id": ident,
                    **{k: row[c] / 100 for k, c in (("ours", "best_epoch_on_test"), ("low", "low"), ("high", "high"))},
                }
            )
            targets, stack, lesions = group.arrays("test", "final")
            rows += _per_class(group.stands_for, base, targets, stack, lesions, group.records[0].classes, repeats)
    for name, members in member_sets(groups):
        ident = f"table1.{name}.best_val_accuracy"
        if ident in known:
            targets, stack, lesions = _stacked(members, "test", "final")
            probs = stack.mean(axis=0)
            low, high = bootstrap(accuracy, targets, probs, lesions, repeats=repeats)
            parts = dict.fromkeys(deviations(PAPER, m.stands_for, m.spec) for m in members)
            base = {**_common(members[0]), "deviations": "; ".join(filter(None, parts))}
            rows.append({**base, "published_id": ident, "ours": accuracy(targets, probs), "low": low, "high": high})
            rows += _per_class(name, base, targets, probs[None], lesions, members[0].records[0].classes, repeats)
    return pd.DataFrame(rows)


def _per_class(model, base, targets, stack, lesions, classes, repeats) -> list[dict]:
    rows = []
    for number, dx in enumerate(classes):
        for printed, ours in TABLE_3.items():

            def metric(t, p, number=number, ours=ours) -> float:
                return one_class(t, p, number)[ours]

            low, high = bootstrap(metric, targets, stack, lesions, repeats=repeats)
            value = float(np.mean([metric(targets, p) for p in stack]))
            rows.append(
                {**base, "published_id": f"table3.{model}.{dx}.{printed}", "ours": value, "low": low, "high": high}
            )
    return rows


def one_class(targets: np.ndarray, probs: np.ndarray, number: int) -> dict[str, float]:
    """Precision, sensitivity and F1 of one class (NaN where undefined); fast enough for a bootstrap."""
    predicted, true = probs.argmax(axis=1) == number, targets == number
    hits, called, support = (predicted & true).sum(), predicted.sum(), true.sum()
    return {
        "precision": hits / called if called else np.nan,
        "sensitivity": hits / support if support else np.nan,
        "f1": 2 * hits / (called + support) if called + support else np.nan,
    }


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
