"""Tasks: which images stay and what their targets are."""

import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.tasks import TASKS, apply_task, left_out

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def index(dx, labels=None):
    frame = pd.DataFrame({"image_id": [f"i{n}" for n in range(len(dx))], "dx": dx})
    frame["label"] = [CLASSES.index(d) for d in dx] if labels is None else labels
    frame.attrs = {"name": "some-set", "classes": CLASSES, "sha256": "x"}
    return frame


@pytest.mark.parametrize(
    ("task", "kept", "targets"),
    [
        ("dx", "akiec bcc bkl df mel nv vasc", [0, 1, 2, 3, 4, 5, 6]),
        ("mel-vs-nv-df-bkl", "bkl df mel nv", [0, 0, 1, 0]),
        ("mel-bcc-akiec-vs-rest", "akiec bcc bkl df mel nv vasc", [1, 1, 0, 0, 1, 0, 0]),
    ],
)
def test_targets(task, kept, targets):
    frame = apply_task(index(list(CLASSES)), task)
    assert frame["dx"].tolist() == kept.split()
    assert frame["target"].tolist() == targets and frame["target"].dtype == "int64"
    assert list(frame.index) == list(range(len(frame)))
    assert frame.attrs["target_classes"] == (CLASSES if task == "dx" else ("benign", "malignant"))
    assert frame.attrs["name"] == "some-set" and frame.attrs["task"] == task


def test_images_without_a_class_are_left_out_and_the_input_is_not_changed():
    given = index([*CLASSES, "nv"], labels=[*range(7), -1])
    frame = apply_task(given, "dx")
    assert len(frame) == 7 and (frame["target"] >= 0).all()
    assert "target" not in given and "target_classes" not in given.attrs


def test_diagnoses_without_a_class_are_gathered_and_counted():
    given = index(["nv", "scc", "mel", "unk", "scc"], labels=[5, -1, 4, -1, -1])
    found = left_out(given, "dx")
    assert {dx: len(rows) for dx, rows in found.items()} == {"scc": 2, "unk": 1}
    assert (found["scc"]["target"] == -1).all() and list(found["scc"].index) == [0, 1]
    assert len(apply_task(given, "mel-vs-nv-df-bkl")) == 2
    assert set(left_out(index(list(CLASSES)), "mel-vs-nv-df-bkl")) == {"akiec", "bcc", "vasc"}
    assert left_out(index(list(CLASSES)), "dx") == {}


def test_groups_are_disjoint_and_name_known_classes():
    for task in TASKS.values():
        members = [dx for group in (task.groups or {}).values() for dx in group]
        assert len(members) == len(set(members))
        assert set(members) <= set(SOURCES["ham10000"].counts)


def test_unknown_task_gets_the_nearest_spelling():
    with pytest.raises(StudyError, match="did you mean 'mel-vs-nv-df-bkl'"):
        apply_task(index(["mel"]), "mel-vs-nv-bkl")


def test_target_class_without_images():
    with pytest.raises(StudyError, match="finds no malignant images in some-set"):
        apply_task(index(["nv", "bkl"]), "mel-vs-nv-df-bkl")
