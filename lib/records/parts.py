"""How many images of each class a split has in training, validation and test."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.plan.spec import RunSpec
from lib.published.values import published_values
from lib.records.seeds import Recipe


def part_counts(recipe: Recipe) -> pd.DataFrame:
    """Images by class (and "total") in train, validation, test; train is unknown (NaN) for synthetic images."""
    record, spec = recipe.records[0], recipe.spec
    targets = {part: record.rows(subset)["target"] for part, subset in (("validation", "val"), ("test", "test"))}
    counts = {part: np.bincount(own, minlength=len(record.classes)) for part, own in targets.items()}
    table = pd.DataFrame(counts, index=list(record.classes), dtype=float)
    known = SOURCES[spec.dataset].counts if spec.dataset in SOURCES and spec.task == "dx" else {}
    table.insert(0, "train", pd.Series(known, dtype=float) - table.sum(axis=1))
    table.loc["total"] = [record.info["n"][subset] for subset in ("train", "val", "test")]
    return table.rename_axis("dx")


def split_table(paper: str, name: str, recipes: Iterable[Recipe], exact: Callable[[RunSpec], bool]) -> pd.DataFrame:
    """Images of each class in each part of every split, published beside ours (training: the class's rest).

    Args:
        name: the published ids are ``<name>.<dx>.<part>``.
        exact: whether a specification is on the paper's own split.

    Raises:
        StudyError: a run on the paper's own split has other counts.
    """
    published = published_values(paper)
    rows = []
    for recipe in {(r.spec.dataset, r.spec.split): r for r in recipes}.values():
        for dx, counts in part_counts(recipe).iterrows():
            row = {"data": recipe.spec.dataset, "split": recipe.spec.split.name, "dx": dx}
            for part, ours in counts.items():
                theirs = published[f"{name}.{dx}.{part}"]
                row |= {f"{part}_published": theirs, part: ours}
                if exact(recipe.spec) and ours != theirs:
                    raise StudyError(
                        f"{recipe.spec.run_id} has {ours:g} {dx} images in {part}, not the paper's {theirs:g}: "
                        "delete its record and run it again."
                    )
            rows.append(row)
    return pd.DataFrame(rows)
