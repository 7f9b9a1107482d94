"""Slices of each class, and of one subject on both sides of the paper's division, kept as pictures."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib.data import read_image
from lib.data.cache import fit_square
from lib.data.catalogue import CLASS_NAMES, attribution
from lib.data.splits import make_split
from lib.data.tasks import apply_task
from lib.figures.pictures import tiles
from lib.figures.style import styled
from lib.plan.spec import RunSpec
from lib.records.measurements import Measurement, Outputs
from lib.studies import Study

KIND, VERSION = "subject_slices", 1  # the version is part of the key: raise it when the method changes
SIDE, SUBJECTS, PAIRS = 128, 3, 2  # pixels of a tile; subjects, and slices of each on each side


def subject_slices(study: Study, spec: RunSpec) -> Measurement | None:
    """Of the subjects with most test slices under ``spec``'s split (the first by name): the test slices nearest to a
    training slice of the same subject, each after that slice."""
    key = {"dataset": spec.dataset, "split": spec.split.model_dump(), "version": VERSION}
    return study.measure(KIND, spec.dataset, key, lambda: _make(study, spec, nearest_pairs))


def class_slices(study: Study, spec: RunSpec) -> Measurement | None:
    """A middle slice of the first subjects (by name) of each class, as the paper's Figure 1 shows classes."""
    key = {"dataset": spec.dataset, "subjects": SUBJECTS, "version": VERSION}
    return study.measure("class_slices", spec.dataset, key, lambda: _make(study, spec, middle_slices))


def _make(study: Study, spec: RunSpec, choose: Callable[[pd.DataFrame], pd.DataFrame]) -> Outputs:
    frame = apply_task(study.index(spec.dataset), spec.task)
    frame = frame.assign(part=make_split(spec.split.name, frame, fractions=spec.split.fractions, seed=spec.split.seed))
    rows = choose(frame)
    pictures = [fit_square(read_image(path), SIDE, "squash") for path in rows["path"]]
    table = rows[["image_id", "group", "dx", "slice", "part"]].assign(attribution=attribution(frame))
    return {"picture": np.hstack(pictures), "tiles": table}


def middle_slices(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``frame`` (columns dx, group, slice): of each class its first subjects, of each its middle slice."""
    found = []
    for dx in frame.attrs["classes"]:
        for _, own in list(frame[frame["dx"] == dx].groupby("group"))[:SUBJECTS]:
            found.append(own.sort_values("slice").iloc[len(own) // 2])
    return pd.DataFrame(found)


def nearest_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``frame`` (columns group, slice, part): training and test slice in turn, subject by subject."""
    used = frame[frame["part"].isin(("train", "test"))]
    both = used.groupby("group")["part"].nunique() == 2
    counts = used[used["group"].isin(both[both].index) & (used["part"] == "test")].groupby("group").size()
    found = []
    for group in counts.sort_index().sort_values(ascending=False, kind="stable").index[:SUBJECTS]:
        own = used[used["group"] == group]
        train, test = (own[own["part"] == part].sort_values("slice") for part in ("train", "test"))
        apart = (test["slice"].to_numpy()[:, None] - train["slice"].to_numpy()[None]).__abs__()
        for number in np.argsort(apart.min(axis=1), kind="stable")[:PAIRS]:
            found += [train.iloc[apart[number].argmin()], test.iloc[number]]
    return pd.DataFrame(found)


@styled
def classes(stored: Measurement) -> Figure:
    """The middle slice of the first subject of each class, by name."""
    table, picture = stored.table("tiles"), stored.picture("picture")
    slices = np.hsplit(picture, len(table))
    first = table.drop_duplicates("dx")
    cells = [(slices[n], f"{CLASS_NAMES[row['dx']]}, slice {row['slice']}") for n, row in first.iterrows()]
    return tiles(cells, len(cells), table["attribution"][0])


@styled
def both_sides(stored: Measurement) -> Figure:
    """Slices of one subject (a row) that the paper's division by slice puts on both sides: each test slice after the
    training slice that is nearest in the head. Chosen by a rule: the subjects with most test slices."""
    table, picture = stored.table("tiles"), stored.picture("picture")
    cells = [
        (tile, f"{'training' if row.part == 'train' else 'test'}, slice {row.slice}")
        for tile, row in zip(np.hsplit(picture, len(table)), table.itertuples(), strict=True)
    ]
    subjects = ", ".join(dict.fromkeys(table["group"])).replace("_", " ")
    return tiles(cells, 2 * PAIRS, f"Subjects: {subjects}. {table['attribution'][0]}")
