"""Classification tasks: how a data set's diagnoses become targets."""

from dataclasses import dataclass

import pandas as pd

from lib.core.errors import StudyError, lookup
from lib.data.catalogue import CATALOGUE


@dataclass(frozen=True)
class Task:
    """Target classes in label order, each with the ``dx`` values it gathers; other images are left out.

    ``label`` is what tables append to the data set's name.
    """

    name: str
    label: str
    note: str
    groups: dict[str, list[str]] | None = None

    @property
    def classes(self) -> tuple[str, ...] | None:
        return None if self.groups is None else tuple(self.groups)


TASKS = {name: Task(name, **entry) for name, entry in CATALOGUE["tasks"].items()}


def find_task(name: str) -> Task:
    """The entry ``name`` of ``TASKS``; ``StudyError`` with the nearest spelling if there is none."""
    return lookup("task", name, TASKS)


def apply_task(index: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of ``index`` that the task uses, with the column ``target`` (int64) and ``attrs["target_classes"]``.

    Raises:
        StudyError: unknown task, or a target class without images.
    """
    task = find_task(name)
    if task.groups is None:
        target = index["label"]
    else:
        target_of = {dx: i for i, members in enumerate(task.groups.values()) for dx in members}
        target = index["dx"].map(target_of).fillna(-1)
    kept = index.assign(target=target.astype("int64"))[target >= 0].reset_index(drop=True)
    classes = task.classes or tuple(index.attrs["classes"])
    empty = [c for i, c in enumerate(classes) if not (kept["target"] == i).any()]
    if empty:
        raise StudyError(
            f"task {name!r} finds no {'/'.join(empty)} images in {index.attrs.get('name')}: choose a task of this set."
        )
    kept.attrs = {**index.attrs, "task": name, "target_classes": classes}
    return kept


def left_out(index: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Rows of ``index`` that the task ``name`` has no class for, by their ``dx``, with ``target`` -1.

    ISIC 2019's squamous cell carcinomas are such: a network without that class still names one of its own for them.
    """
    groups = TASKS[name].groups
    known = index.attrs["classes"] if groups is None else [dx for members in groups.values() for dx in members]
    rows = index[~index["dx"].isin(known)]
    return {dx: part.reset_index(drop=True).assign(target=-1) for dx, part in rows.groupby("dx", sort=True)}
