"""xia2025's Table 1 and figures' numbers, its parts one by one, and the same networks on unseen subjects."""

from functools import partial

import numpy as np
import pandas as pd

from lib.core.gather import gather_by
from lib.data.splits.subset import SUBSET
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import Estimate, smallest_detectable
from lib.evaluation.measure import estimate
from lib.evaluation.metrics import classification_report
from lib.figures.results import ran
from lib.papers.xia2025.scores import MODELS, PAPER, TABLE_1, chosen, loss_weight, of_paper
from lib.plan.grid import reference
from lib.plan.spec import Model
from lib.published.tables import tolerance_table
from lib.published.values import load_published, published_values
from lib.records.baseline import with_constant
from lib.records.draws import Drawn, by_draw, difference
from lib.records.runs import Record
from lib.records.seeds import Recipe, on_common_draws
from lib.studies import Study
from lib.studies.claims.rows import apart
from lib.studies.steps import training_steps

PARTS = {
    "convnext_tiny": "none",
    "dual_pooling": "dual pooling",
    "sevector": "SEVector",
    "mlp_classifier": "classifier of two layers",
    "feature_smoothing": "smoothing loss",
    "iconvnext_tiny": "all (ICN-T)",
}


# What two specifications may differ in: the smoothing loss and the draw, or the parts of the network too.
LOSS_AND_DRAW = {"seed": True, "split": {"seed"}, "loss": {"feature_smoothing"}}
PARTS_AND_DRAW = LOSS_AND_DRAW | {"model": set(Model.model_fields) - {"backbone", "weights"}}


def tolerances() -> pd.DataFrame:
    """What counts as reproduced."""
    rows = load_published(PAPER)
    return tolerance_table(rows[rows["protocol"].isin(["test", "validation", "training"])])


def stated_settings() -> pd.DataFrame:
    """Every learning rate and number of epochs in the paper's text, with where it stands."""
    rows = load_published(PAPER)
    rows = rows[rows["quantity"].isin(["learning_rate", "epochs"])]
    return rows[["where", "quantity", "model", "setting", "printed", "value"]].fillna({"model": "", "setting": ""})


def labels(recipe: Recipe) -> dict[str, object]:
    """The columns that keep unlike runs apart, with what varies in this paper beside."""
    spec = recipe.spec
    return {**recipe.labels(), "lr": spec.optimizer.lr, "epochs": spec.epochs, "batch": spec.batch_size}


def table_1(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Table 1 over all draws: accuracy (with its 95 % interval), precision, recall and F1 weighted by support.

    Test images, at the epoch of the highest validation accuracy; ``published`` is the accuracy that the paper prints
    for the row, ``chosen`` whether validation preferred the rate. The constant answers come first.
    """
    published, shown = published_values(PAPER), chosen(recipes)
    rows = []
    for drawn in by_draw(recipes):
        recipe = drawn.first
        columns = {name: drawn.measure(TABLE_1[name], repeats).value for name in ("precision", "recall", "f1")}
        rows.append({**labels(recipe), **drawn.labels(), "n": recipe.n,
                     "published": published.get(f"table1.{recipe.paper_model}.accuracy", np.nan),
                     **drawn.measure("accuracy", repeats).row("accuracy"), **columns,
                     "chosen": recipe in shown})  # fmt: skip
    first = [r for r in recipes if r.spec.split.seed == 0]
    return with_constant(pd.DataFrame(rows).drop(columns="seeds"), first, repeats)


def beside_printed(accuracies: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Table 1's accuracies in the comparison of published values, of networks that learned, on the paper's split, below
    the constant answer (the first row of ``table``, :func:`table_1`); ``trained``: the paper's row and what was trained
    in its place."""
    rows = accuracies[(accuracies["split"] == "paper") & accuracies["learned"]]
    rows = rows.assign(trained=[ran(row) for row in rows.to_dict("records")])
    columns = {"model": "trained", "accuracy": "ours", "accuracy_low": "low", "accuracy_high": "high", "data": "data"}
    constant = table.iloc[:1][[*columns]].rename(columns=columns)
    kept = ["trained", "data", "printed", "ours", "low", "high", "within_tolerance", "verdict"]
    return pd.concat([constant, rows]).reindex(columns=kept)


def class_table(recipes: list[Recipe]) -> pd.DataFrame:
    """Precision, recall, F1 and support of each class, mean over seeds (the text beside the paper's Figure 4).

    A class that a seed never calls has precision 0 there.
    """
    rows = []
    for recipe in recipes:
        targets, stack, _ = recipe.arrays("test")
        found = [classification_report(targets, p, recipe.classes).fillna(0) for p in stack]
        for number, dx in enumerate(recipe.classes):
            names = {"precision": "precision", "recall": "sensitivity", "f1": "f1"}
            values = {ours: np.mean([f[name][number] for f in found]) for ours, name in names.items()}
            rows.append({**labels(recipe), "dx": dx, "support": int(found[0]["support"][number]), **values})
    return pd.DataFrame(rows)


def of_run(record: Record, repeats: int) -> Estimate:
    """Accuracy on one run's test images."""
    return estimate("accuracy", *record.arrays("test"), Plan(repeats))


def part_sets(recipes: list[Recipe]) -> list[dict[str, Drawn]]:
    """Recipes that differ in the parts of ICN-T alone, by ``paper_model``; sets without the plain network left out."""
    sets: dict[str, dict[str, Drawn]] = {}
    for drawn in by_draw(recipes):
        recipe = drawn.first
        if recipe.paper_model in PARTS and recipe.spec.loss.feature_smoothing == loss_weight(recipe.paper_model):
            sets.setdefault(recipe.spec.model_dump_json(exclude=PARTS_AND_DRAW), {})[recipe.paper_model] = drawn
    return [found for found in sets.values() if "convnext_tiny" in found and len(found) > 1]


def ablation(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Each part of ICN-T alone and all together against the plain network, one row per recipe over its draws.

    ``gain`` is the difference in accuracy to the plain network over the draws that both have (``gain_draws``), with its
    95 % interval; ``smallest_seen``: what these runs could have seen at 80 % power. ``setting``: what sets rows of one
    name and part apart.
    """
    accuracy = partial(of_run, repeats=repeats)
    rows, planned = [], []
    for found in part_sets(recipes):
        for name in (n for n in PARTS if n in found):
            own = found[name]
            row = {**labels(own.first), **own.labels(), "part": PARTS[name], "n": own.first.n}
            row |= own.measure("accuracy", repeats).row("accuracy")
            plain = found["convnext_tiny"].records if name != "convnext_tiny" else {}
            gain = difference(own.records, plain, accuracy, accuracy)
            if gain:
                row |= {**gain.row("gain"), "smallest_seen": smallest_detectable(gain), "gain_draws": len(gain.runs)}
            rows.append(row)
            planned.append(own.first.planned)
    table = pd.DataFrame(rows).drop(columns=["model", "seeds"], errors="ignore")
    table = table.assign(setting=apart(planned, rows_too=False))
    return table.astype({c: "Int64" for c in ("gain_draws",) if c in table})


def shown_parts(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`ablation` as it is shown: the parts of the recipe with the most draws on the paper's data, on both splits,
    after those epochs and after others."""
    rows = table[table["gain"].notna() & (table["data"] != "ham10000")] if len(table) else table
    if rows.empty:
        return rows
    recipe = ["data", "backbone", "weights", "px", "lr", "batch"]
    most = rows.loc[rows["gain_draws"].astype(int).idxmax()]
    return rows[(rows[recipe] == most[recipe]).all(axis=1)]


def more_epochs(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Accuracy after more epochs minus that after ``fewer``, of recipes that differ in nothing else, over the draws of
    both."""
    but = {"seed": True, "split": {"seed"}, "epochs": True}
    sets = gather_by(by_draw(of_paper(recipes)), lambda drawn: drawn.first.spec.model_dump_json(exclude=but))
    accuracy = partial(of_run, repeats=repeats)
    rows = []
    for found in sets.values():
        fewer, *others = sorted(found, key=lambda drawn: drawn.first.spec.epochs)
        for own in others:
            change = difference(own.records, fewer.records, accuracy, accuracy)
            row = {**labels(own.first), **own.labels(), "fewer": fewer.first.spec.epochs}
            rows += [row | change.row("difference") | {"draws": len(change.runs)}] if change else []
    return pd.DataFrame(rows)


def lambda_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """ICN-T under every weight of the smoothing loss, on the draws that all weights of a recipe have."""
    improved = [drawn for drawn in by_draw(recipes) if drawn.first.paper_model == "iconvnext_tiny"]
    sets = gather_by(improved, lambda drawn: drawn.first.spec.model_dump_json(exclude=LOSS_AND_DRAW))
    rows = []
    for found in (on_common_draws(s) for s in sets.values() if len(s) > 1):
        for own in sorted(found, key=lambda drawn: drawn.first.spec.loss.feature_smoothing):
            row = {**labels(own.first), **own.labels(), "lambda": own.first.spec.loss.feature_smoothing}
            row["n"] = own.first.n
            rows.append(row | own.measure("accuracy", repeats).row("accuracy", "low", "high"))
    return pd.DataFrame(rows).drop(columns="seeds", errors="ignore")


def sizes(recipes: list[Recipe]) -> pd.DataFrame:
    """Parameters of each architecture, and the speed of its training here: what "lightweight" comes to."""
    rows = []
    for recipe in (r for r in recipes if r.paper_model in MODELS):
        spec, info = recipe.spec, recipe.records[0].info
        row = {"model": recipe.paper_model, "backbone": spec.model.backbone, "px": spec.image_size,
               "batch": spec.batch_size, "classes": len(info["classes"]),
               "parameters": info["parameters_trained"], "images_per_second": info["timing"]["images_per_second"],
               "minutes": info["timing"]["seconds_training"] / 60, "device": recipe.records[0].device}  # fmt: skip
        rows.append(row)
    table = pd.DataFrame(rows).drop_duplicates(["model", "backbone", "px", "batch"])
    return table.sort_values(["backbone", "model", "px"], ignore_index=True)


def paper_step(study: Study) -> pd.DataFrame:
    """A training step of the paper's plain network with its batch (:func:`lib.studies.steps.training_steps`)."""
    return training_steps(study, ("convnext_tiny",), reference(PAPER)["batch_size"])


def supports(recipes: list[Recipe]) -> pd.DataFrame:
    """Images of each class in validation and test of each split, and the share of test images whose subject or lesion
    is in training too; ``subset`` are the paper's counts."""
    rows = []
    for recipe in {g.spec.split.name: g for g in recipes}.values():
        record = recipe.records[0]
        parts = {part: record.subset(part) for part in ("val", "test")}
        for number, dx in enumerate(record.classes):
            of_class = {part: p[p["target"] == number] for part, p in parts.items()}
            rows.append({"split": recipe.spec.split.name, "dx": dx, "subset": SUBSET.get(dx, np.nan),
                         **{part: len(p) for part, p in of_class.items()},
                         "test_groups": of_class["test"]["group"].nunique(),
                         "seen_share": of_class["test"]["seen"].mean()})  # fmt: skip
    return pd.DataFrame(rows)
