"""Which pictures are shown: rules, applied to hand-made records and slices."""

import numpy as np
import pandas as pd

from lib.papers.xia2025.pictures import middle_slices, nearest_pairs
from lib.records.measurements import get_or_measure
from lib.records.seeds import by_seed
from lib.studies.explain import gallery
from tests.fakes.notebooks import notebook
from tests.fakes.records import fake_record, make_spec, planned, two_class_probs

TARGETS = np.repeat([0, 1], 8)


def test_a_gallery_has_right_and_wrong_images_of_each_class_one_per_lesion(tmp_path):
    spec = make_spec()
    record = fake_record(tmp_path, spec, test=(TARGETS, two_class_probs(TARGETS, [0, 1, 2, 3])))
    chosen = gallery.choose(record)
    assert chosen[["target", "right"]].to_numpy().tolist() == [[0, 1], [0, 1], [0, 0], [0, 0], [1, 1], [1, 1]]
    lesions = record.subset("test").set_index("image_id")["group"]
    assert lesions[chosen["image_id"]].is_unique and (chosen["probability"] > 0.89).all()
    picture = np.zeros((len(chosen) * gallery.SIDE, 2 * gallery.SIDE, 3), np.uint8)
    outputs = {"images": chosen, "picture": picture, "setting": pd.DataFrame([{"attribution": "CREDIT"}])}
    study = notebook(tmp_path)
    recipes = by_seed([(planned(spec), record)])
    assert gallery.measure_gallery(study, recipes) is None  # neither stored, nor to be made
    key = {"run": spec.run_id, "version": gallery.VERSION}
    get_or_measure(tmp_path, gallery.KIND, spec.run_id, key, lambda: outputs)
    figure = gallery.gallery(*gallery.measure_gallery(study, recipes))
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.images]
    assert titles[:4] == ["true: benign", "benign 0.90 ✓", "true: benign", "malignant 0.90 ✗"]
    assert len(titles) == 12 and "CREDIT" in figure.get_supxlabel()


def test_test_slices_stand_beside_the_nearest_training_slice_of_their_subject():
    frame = pd.DataFrame({"group": ["a"] * 4 + ["b"] * 2, "slice": [1, 5, 4, 9, 1, 2],
                          "part": ["train", "train", "test", "test", "train", "val"]})  # fmt: skip
    assert nearest_pairs(frame)[["group", "slice"]].to_numpy().tolist() == [["a", 5], ["a", 4], ["a", 5], ["a", 9]]


def test_each_class_shows_the_middle_slice_of_its_first_subjects():
    frame = pd.DataFrame({"dx": ["y"] * 3 + ["x"] * 5, "group": list("aaabcdee"), "slice": [3, 1, 2, 7, 7, 7, 1, 2]})
    frame.attrs["classes"] = ["x", "y"]
    assert middle_slices(frame)[["dx", "group", "slice"]].to_numpy().tolist() == [
        ["x", "b", 7], ["x", "c", 7], ["x", "d", 7], ["y", "a", 2]]  # fmt: skip
