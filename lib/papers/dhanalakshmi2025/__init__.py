"""dhanalakshmi2025: ConvNeXt T/S/B/L/XL and two ensembles, benign against malignant (Tables 1 and 3)."""

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from lib.core.gather import gather_by
from lib.evaluation import ensembles, words
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate, smallest_detectable
from lib.evaluation.measure import estimate
from lib.evaluation.metrics import accuracy
from lib.papers.dhanalakshmi2025.audit_claims import SINGLE
from lib.plan.grid import beside
from lib.published.compare import deviations
from lib.published.values import load_published, published_values
from lib.records import names
from lib.records.baseline import with_constant
from lib.records.draws import by_draw, metric_table, over_draws
from lib.records.means import MeanOfModels
from lib.records.runs import stacked
from lib.records.seeds import Recipe, measure, measure_classes

PAPER = "dhanalakshmi2025"
MODELS = frozenset(load_published(PAPER)["model"].dropna()) | {"efficientnet_b3"}  # the last only as a member
SIZES = SINGLE
GAIN = ("gain", "gain_low", "gain_high")
LOSSES = {"train_loss_printed": "final_train_loss", "test_loss_printed": "final_val_loss"}
TABLE_3 = {"precision": "precision", "recall": "sensitivity", "f1": "f1"}


def best_on_test(recipe: Recipe, repeats: int) -> Estimate:
    """The highest accuracy of any epoch on the reported images, mean over seeds.

    That epoch's predictions are not kept: the draws are those of the final epoch, moved to this value.
    """
    best = [r.history["test_accuracy"].max() for r in recipe.records]
    return measure(recipe, "accuracy", repeats, "test", "final").moved_to(best)


def table_1(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Table 1 for every network, over its draws: published best accuracy beside ours, reported three ways, in per cent.

    ``accuracy``, with its interval, is that at the epoch which validation images chose, the only one of the three that
    no test image has influenced; ``best_epoch_on_test`` the highest of any epoch on the images that are reported, which
    is what the paper calls best validation accuracy; ``final_epoch`` that after the last epoch. Losses are those of the
    last epoch. The constant answers come first.
    """
    published = published_values(PAPER)
    table = metric_table(recipes, ("accuracy", "balanced_accuracy", "macro_auc_ovr"), repeats)
    rows = []
    for drawn in by_draw(recipes):
        histories = [r.history for r in drawn.records.values()]
        row = {
            "best_epoch_on_test": 100 * _mean(histories, lambda h: h["test_accuracy"].max()),
            "final_epoch": 100 * _mean(histories, lambda h: h["test_accuracy"].iloc[-1]),
            "epochs_run": _mean(histories, len),
            "train_loss": _mean(histories, lambda h: h["train_loss"].iloc[-1]),
            "test_loss": _mean(histories, lambda h: h["test_loss"].iloc[-1]),
            "least_test_loss": _mean(histories, lambda h: h["test_loss"].min()),
        }
        model = drawn.first.paper_model
        printed = {"printed": "best_val_accuracy", **LOSSES}
        rows.append(row | {k: published.get(f"table1.{model}.{v}", np.nan) for k, v in printed.items()})
    percent = ["accuracy", "low", "high", "sd_over_draws", "balanced_accuracy", "macro_auc_ovr"]
    table = table.assign(**{c: 100 * table[c] for c in percent})
    return with_constant(table.join(pd.DataFrame(rows)), recipes, repeats, scale=100)


def table_3(comparison: pd.DataFrame) -> pd.DataFrame:
    """Table 3 from the comparison of published values: one row per model and class, printed beside ours."""
    rows = comparison[comparison["published_id"].str.startswith("table3.")]
    wide = rows.assign(printed=rows["ours"] - rows["difference"]).pivot(
        index=["model", "dx", "data", "split", "deviations"], columns="quantity", values=["ours", "printed"]
    )
    wide.columns = [q if side == "ours" else f"{q}_printed" for side, q in wide.columns]
    return wide.reset_index()


def beside_printed(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`table_3` as it is shown: ``0.89 (0.92)``, ours and the printed value."""
    told = {
        q: [f"{ours:.2f} ({printed:.2f})" for ours, printed in zip(table[q], table[f"{q}_printed"], strict=True)]
        for q in ("precision", "recall", "f1")
    }
    return table[["model", "dx", "data", "deviations"]].assign(**told).rename(columns={"deviations": "how"})


def member_sets(recipes: list[Recipe]) -> list[tuple[str, list[Recipe]]]:
    """(ensemble, members) for every setting and draw in which all members of a planned ensemble have records."""
    settings: dict[tuple, dict[str, Recipe]] = {}
    for recipe in recipes:
        spec = recipe.spec
        key = (spec.dataset, spec.task, spec.split.name, spec.model.weights, spec.model.train, spec.image_size)
        settings.setdefault((*key, spec.split.seed), {})[recipe.paper_model] = recipe
    return [
        (name, [models[m] for m in members])
        for models in settings.values()
        for name, members in beside(PAPER, "ensembles").items()
        if all(m in models for m in members)
    ]


def ensemble_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Every ensemble and strategy over its draws: test accuracy, and the gain over its best member, in fractions.

    Strategies are fitted on validation; the best member is chosen there too. Members take part with their first
    seed. ``gain`` has its 95 % interval over the same lesions and, from three draws on, over these; ``smallest_seen``
    is what such runs see at 80 % power.
    """
    found = gather_by(member_sets(recipes), lambda one: (one[0], *_setting(one[1][0]).values()))
    rows = []
    for (name, *_), sets in found.items():
        first = sets[0][1][0]
        records = {members[0].records[0].draw: members[0].records[0] for _, members in sets}
        own = {members[0].records[0].draw: _strategies(members, Plan(repeats)) for _, members in sets}
        for number, strategy in enumerate(ensembles.STRATEGIES):
            parts = {draw: results[number] for draw, results in own.items()}
            gain = over_draws({d: whole - member for d, (whole, member, _) in parts.items()}, records)
            accuracies = over_draws({d: whole for d, (whole, *_) in parts.items()}, records)
            best = ", ".join(dict.fromkeys(names.paper_row(model) for *_, model in parts.values()))
            row = {"ensemble": names.paper_row(name), **_setting(first), "strategy": strategy.replace("_", " ")}
            row |= {"draws": len(parts), "n": first.n, **accuracies.row("accuracy")}
            row |= {"best_member": best, **gain.row("gain"), "smallest_seen": smallest_detectable(gain)}
            rows.append(row)
    return pd.DataFrame(rows)


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`ensemble_table` as it is shown: on the paper's split the gain in points, by what the paper speaks of."""
    rows = table[(table["split"] == "paper") & (table["strategy"] != "greedy selection")]
    told = [words.points(*(100 * row[k] for k in GAIN), unit="") for row in rows.to_dict("records")]
    several = rows["data"].nunique() > 1  # then the data set is told too
    made = [
        f"{names.data_set(row['data'])}: " * several
        + f"{row['ensemble']}, {names.how_trained(row['trained'], row['weights'])}"
        for row in rows.to_dict("records")
    ]
    wide = rows.assign(ensemble=made, gain=told).pivot(index="ensemble", columns="strategy", values="gain")
    return wide[rows["strategy"].unique()].reset_index()


def _strategies(members: list[Recipe], plan: Plan) -> list[tuple[Estimate, Estimate, str]]:
    """For each strategy the accuracy of the ensemble, that of its best member, and its name."""
    records = [m.records[0] for m in members]
    val_targets, val, _ = stacked(records, "val")
    targets, test, lesions = stacked(records, "test")
    best = int(np.argmax([accuracy(val_targets, p) for p in val]))
    member = estimate("accuracy", targets, test[best], lesions, plan)
    combined = [ensembles.combine(strategy, val_targets, val, test) for strategy in ensembles.STRATEGIES]
    return [(estimate("accuracy", targets, p, lesions, plan), member, members[best].paper_model) for p in combined]


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Accuracies are Table 1's (best epoch on the reported images), the rest Table 3's at the final epoch. Ensembles are
    the mean of the members' final-epoch probabilities.
    """
    known = set(load_published(PAPER)["id"])
    rows = []
    for one in [*recipes, *means(recipes)]:
        ident = f"table1.{one.paper_model}.best_val_accuracy"
        if ident not in known:
            continue
        ensemble = isinstance(one, MeanOfModels)
        parts = dict.fromkeys(deviations(PAPER, m.paper_model, m.spec) for m in (one.members if ensemble else [one]))
        base = {**one.place(), "deviations": "; ".join(filter(None, parts))}
        best = measure(one, "accuracy", repeats, "test", "final") if ensemble else best_on_test(one, repeats)
        rows.append({**base, "published_id": ident, "estimate": best})
        found = {printed: measure_classes(one, ours, repeats, "test", "final") for printed, ours in TABLE_3.items()}
        for number, dx in enumerate(one.classes):
            for printed, estimates in found.items():
                cell = f"table3.{one.paper_model}.{dx}.{printed}"
                rows.append({**base, "published_id": cell, "estimate": estimates[number]})
    return pd.DataFrame(rows)


def means(recipes: list[Recipe]) -> list[MeanOfModels]:
    """The paper's ensembles whose members have records, each as one model."""
    return [MeanOfModels.of(name, members) for name, members in member_sets(recipes) if name in MODELS]


def losses(recipes: list[Recipe], table: pd.DataFrame) -> pd.DataFrame:
    """Final losses in nats beside Table 1's: rows of :func:`table_1` that the paper prints, and its ensembles' mean."""
    published = published_values(PAPER)
    columns = ["model", "backbone", "px", "data", "train_loss_printed", "train_loss", "test_loss_printed", "test_loss",
               "least_test_loss"]  # fmt: skip
    rows = []
    for mean in means(recipes):
        targets, stack, _ = mean.arrays("test", "final")
        printed = {c: published.get(f"table1.{mean.name}.{v}") for c, v in LOSSES.items()}
        rows.append({**mean.labels(), **printed, "test_loss": log_loss(targets, stack[0])})
    whole = pd.concat([table[table["train_loss_printed"].notna()], pd.DataFrame(rows)], ignore_index=True)
    return whole.reindex(columns=columns)


def _setting(recipe: Recipe) -> dict:
    return {k: v for k, v in recipe.labels().items() if k in ("data", "split", "weights", "trained", "px")}


def _mean(items, value) -> float:
    # An undefined metric is null in the record, and then NaN here.
    return float(np.mean(np.array([value(item) for item in items], dtype=float)))
