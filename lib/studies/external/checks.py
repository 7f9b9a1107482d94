"""Is the order of the labels right, and the normalization? The repository reports having had both wrong."""

from functools import partial

import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from scipy.optimize import linear_sum_assignment

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.evaluation.draws import Plan
from lib.evaluation.measure import estimate
from lib.evaluation.metrics import confusion_matrix
from lib.plan.spec import RunSpec
from lib.records.measurements import Outputs
from lib.records.runs import Record
from lib.records.seeds import Recipe
from lib.studies import Study, measured
from lib.studies.external.tables import WHOLE, with_parts, with_rows

VERSION = 1  # part of the measurements' keys: raise it when the method changes


def best_order(matrix: np.ndarray) -> np.ndarray:
    """The class that each predicted label would best be read as: int [K], a permutation; identity if in order.

    Maximizes the mean sensitivity over all one-to-one readings (Hungarian method on the row-normalized confusion
    ``matrix`` [K, K], rows true, columns predicted). Of equally good readings one that changes nothing is preferred.
    """
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    # The least nudge towards identity: labels that are never predicted could be exchanged at no cost.
    true, predicted = linear_sum_assignment(share + 1e-9 * np.eye(len(matrix)), maximize=True)
    reading = np.empty(len(matrix), dtype=np.int64)
    reading[predicted] = true
    return reading


def order_check(record: Record, repeats: int, names: tuple[str, ...] | None = None) -> dict:
    """Would another order of the class labels suit the predictions of ``record`` better?

    The best reading is found on validation and judged on test images: ``gain`` is its balanced accuracy minus that of
    the labels as they are, with a 95 % interval over lesions. ``verdict``: ``in order`` where the best reading is the
    identity, ``WRONG ORDER`` where the gain's interval lies above zero, else ``in order within chance``.

    Args:
        names: the data set's own classes in label order, where known; the record's must be the same.

    Raises:
        StudyError: the record names other classes, or in another order.
    """
    if names is not None and tuple(names) != record.classes:
        raise StudyError(
            f"{record.folder.name} has the classes {'/'.join(record.classes)}, the data set {'/'.join(names)}: "
            "delete the record and run it again."
        )
    val_targets, val, _ = record.arrays("val")
    reading = best_order(confusion_matrix(val_targets, val))
    targets, probs, groups = record.arrays("test")
    # Reading label j as class reading[j] moves its probability into that column.
    moved = probs[:, np.argsort(reading)]
    labelled, read = (estimate("balanced_accuracy", targets, p, groups, Plan(repeats)) for p in (probs, moved))
    gain = read - labelled
    identity = bool((reading == np.arange(len(reading))).all())
    swaps = [f"{record.classes[j]} as {record.classes[c]}" for j, c in enumerate(reading) if j != c]
    return {
        "best_reading": "as labelled" if identity else "; ".join(swaps),
        "balanced_accuracy": labelled.value,
        "under_best_reading": read.value,
        **gain.row("gain"),
        "verdict": "in order" if identity else "WRONG ORDER" if gain.sign == "higher" else "in order within chance",
    }


def order_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """``order_check`` of every run, one row per run."""
    rows = []
    for recipe in recipes:
        source = SOURCES.get(recipe.spec.dataset) if recipe.spec.task == "dx" else None
        for record in recipe.records:
            row = {**recipe.labels(), "seeds": record.spec.seed}
            rows.append(row | order_check(record, repeats, names=source and source.classes))
    return pd.DataFrame(rows).rename(columns={"seeds": "seed"})


def checkpoint_tables(study: Study, recipes: list[Recipe]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(normalization, labels) of the first seed of every group, measured where its trained weights are.

    Normalization, one row per run and normalization: accuracy and NLL on validation images, with ``nll_minus_recorded``
    and its 95 % interval; ``verdict`` of a run is ``RECORDED IS WORSE`` if another lies below it beyond chance.
    Labels, one row per run: whether a class number still means the data set's diagnosis, image by image, and how far
    the loaded network's probabilities are from the record's.
    """
    tables, missing = {"normalization": [], "labels": []}, []
    for recipe in recipes:
        spec = recipe.spec
        key = {"run": spec.run_id, "images": 200, "version": VERSION}
        stored = measured(study, "checks", spec, key, partial(_check, study, spec, recipe.records[0]))
        if stored is None:
            missing.append(spec.run_id)
            continue
        for name, found in tables.items():
            table, base = stored.table(name), {**recipe.labels(), "seeds": 1}
            found.append(table.assign(**base)[[*base, *table]])
    if missing:
        display(Markdown(f"*Not checked, neither stored nor are the trained weights here: {', '.join(missing)}.*"))
    return tuple(pd.concat(x, ignore_index=True) if x else pd.DataFrame() for x in tables.values())


def _check(study: Study, spec: RunSpec, record: Record) -> Outputs:
    from lib.studies.external.networks import check_network  # torch only where something is measured

    return check_network(spec, record, study.folders)


def with_isic2019(study: Study, recipes: list[Recipe]) -> list[Recipe]:
    """``recipes`` (first seed) with predictions of ISIC 2019, whole, its HAM10000 part and the unseen images.

    Predicted once with the trained network and kept; a record that holds ISIC 2019 itself is taken as it is. A recipe
    with neither, whose images or weights are not on this machine, comes back as it is, and a sentence says so.
    """
    found, missing = [], []
    for recipe in recipes:
        record = recipe.records[0]
        if WHOLE not in record.subsets:
            key = {"run": recipe.spec.run_id, "set": WHOLE, "version": VERSION}
            compute = partial(_predict, study, recipe.spec)
            stored = measured(study, "external", recipe.spec, key, compute, needs=WHOLE)
            if stored is None:
                missing.append(recipe)
                found.append(recipe)
                continue
            record = with_rows(record, stored.table("predictions"))
        found.append(Recipe(recipe.planned, (with_parts(record),)))
    if missing:
        display(Markdown(
            f"*ISIC 2019: no predictions of {len(missing)} of {len(recipes)} models are stored, and its images or the "
            "trained weights are not on this machine: its columns are left out for them. With both "
            "(`python -m lib data fetch isic2019`, about 9 GB) they are computed here.*"
        ))  # fmt: skip
    return found


def _predict(study: Study, spec: RunSpec) -> Outputs:
    from lib.studies.external.networks import predict_set  # torch only where something is measured

    return {"predictions": predict_set(spec, study.folders, WHOLE)}
