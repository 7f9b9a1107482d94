"""From a trained run to the stored measurement, its tables and figures; and from the store alone."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from lib.core.errors import StudyError
from lib.data.masks import read_masks
from lib.evaluation.metrics import probabilities
from lib.records.seeds import by_seed
from lib.studies.explain.figures import cam_grid, localization_chart
from lib.studies.explain.measure import measure_gradcam, select_images
from lib.studies.explain.network import TILE
from lib.studies.explain.scores import SCORES, centred_gaussian, score
from lib.studies.explain.tables import faithfulness_table, localization_table
from lib.training.checkpoints import load_trained
from lib.training.prepare import Folders
from lib.training.run import get_or_train
from tests.fakes.notebooks import notebook
from tests.fakes.records import planned
from tests.fakes.specs import small

pytestmark = pytest.mark.slow
SPLIT = {"name": "synthetic-image", "fractions": [0.4, 0.2, 0.4]}
MODEL = {"backbone": "mobilenetv3_small_050", "weights": "none"}
PER_CLASS = 2


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(results folder, groups, Grad-CAM of two small networks, one of them with a single logit)."""
    results = tmp_path_factory.mktemp("results")
    binary = {"task": "mel-bcc-akiec-vs-rest", "loss": {"name": "bce"}}
    cropped = {"preprocessing": {"resize": "center_crop"}, "augmentation": {"random_crop": 48}}
    specs = [small(split=SPLIT, model=MODEL, **changes) for changes in (cropped, binary)]
    groups = by_seed([(planned(spec), get_or_train(spec, Folders(results, results, results))) for spec in specs])
    return results, groups, measure_gradcam(notebook(results, train_missing=True), groups, PER_CLASS)


def test_table_is_what_the_network_and_the_masks_say(trained):
    results, groups, cams = trained
    assert len(cams) == 2
    for group, cam in zip(groups, cams, strict=True):
        rows = cam.images
        loaded = load_trained(group.spec, Folders(results, results, results))
        assert rows["target"].value_counts().to_dict() == dict.fromkeys(range(len(loaded.ready.classes)), PER_CLASS)
        assert rows["group"].is_unique and rows["dx"].tolist() == [loaded.ready.classes[t] for t in rows["target"]]
        frame = loaded.ready.frames["test"].set_index("image_id", drop=False).loc[rows["image_id"]]
        assert frame["target"].tolist() == rows["target"].tolist()
        stored = group.spec.augmentation.random_crop or 32  # the first network sees the middle of a larger square
        edge = (stored - 32) // 2
        masks = read_masks(frame, stored, group.spec.preprocessing.resize)[:, edge : edge + 32, edge : edge + 32]
        assert rows["area"].to_numpy() == pytest.approx(masks.mean(axis=(1, 2)), rel=1e-4)
        cache = loaded.ready.caches["synthetic"]
        pixels = np.stack([cache.images[cache.rows[i]] for i in rows["image_id"]]).transpose(0, 3, 1, 2)
        with torch.inference_mode():
            probs = probabilities(loaded.net(torch.from_numpy(pixels.copy())).numpy())
        assert rows["predicted"].tolist() == probs.argmax(axis=1).tolist()
        assert rows["p_predicted"].to_numpy() == pytest.approx(probs.max(axis=1), abs=1e-4)
        blob = pd.DataFrame([score(centred_gaussian(32), mask) for mask in masks])
        for name in SCORES:
            assert rows[name].between(0, 1).all() and rows[f"{name}_random"].between(0, 1).all()
            assert rows[f"{name}_gaussian"].to_numpy() == pytest.approx(blob[name].to_numpy(), rel=1e-4)
        for curve in ("deletion_cam", "deletion_random", "insertion_cam", "insertion_random"):
            assert rows[curve].between(0, 1).all()
        assert cam.setting["cells"] == "4x4" and cam.setting["synthetic"] == 1
        assert cam.picture.shape == (2 * TILE, TILE * len(loaded.ready.classes), 3)
        assert sorted(rows["shown"].unique()) == [-1, *range(len(loaded.ready.classes))]


def test_rerenders_from_the_store_alone(trained, tmp_path):
    results, groups, cams = trained
    (tmp_path / "measurements").symlink_to(results / "measurements")  # no checkpoints
    again = measure_gradcam(notebook(tmp_path), groups, PER_CLASS)
    assert [c.images.equals(d.images) for c, d in zip(cams, again, strict=True)] == [True, True]
    for figure in (cam_grid(again[:1]), localization_chart(localization_table(again, 20))):
        assert figure.axes


def test_without_weights_and_without_a_store_the_run_is_left_out(trained, tmp_path):
    _, groups, _ = trained
    for may in (True, False):
        assert measure_gradcam(notebook(tmp_path, train_missing=may), groups, PER_CLASS) == []
    assert not list(tmp_path.glob("measurements/gradcam*"))
    with pytest.raises(StudyError, match="no Grad-CAM to show"):
        cam_grid([])


def test_tables(trained):
    _, _, cams = trained
    table = localization_table(cams, 50)
    assert len(table) == 2 * len(SCORES) and (table["low"] <= table["gradcam"]).all()
    row, images = table.iloc[0], cams[0].images
    assert row["gradcam"] == pytest.approx(images["energy_inside"].mean())
    assert row["minus_gaussian"] == pytest.approx((images["energy_inside"] - images["energy_inside_gaussian"]).mean())
    assert row["n"] == len(images) == 7 * PER_CLASS and row["seeds"] == 1
    by_class = localization_table(cams, 20, by_class=True)
    assert len(by_class) == (7 + 2) * len(SCORES) and set(by_class["n"]) == {PER_CLASS}
    faith = faithfulness_table(cams, 20).set_index("curve").iloc[:2]
    gain = images["deletion_random"] - images["deletion_cam"]
    assert faith.loc["deletion", "better"] == pytest.approx(gain.mean())


def test_empty_masks_are_not_scored(trained):
    _, _, cams = trained
    images = cams[0].images.copy()
    images.loc[0, [*SCORES, "area"]] = [np.nan, np.nan, np.nan, 0.0]
    cropped = SimpleNamespace(images=images, setting=cams[0].setting, labels=cams[0].labels)
    assert set(localization_table([cropped], 20)["n"]) == {len(images) - 1}


def test_other_images_are_not_shown_together(trained):
    with pytest.raises(StudyError, match="other images"):
        cam_grid(trained[2])


def test_selection_is_the_same_whatever_the_order_and_one_a_lesion(trained):
    _, groups, _ = trained
    record = groups[0].records[0]
    first = select_images(record, 3)
    assert first.equals(select_images(record, 3)) and not first.equals(select_images(record, 3, seed=1))
    # Asking for more keeps those that were drawn before.
    assert set(first["image_id"]) <= set(select_images(record, 5)["image_id"])
    with pytest.raises(StudyError, match="per_class"):
        select_images(record, 0)


def test_key_holds_what_decides(trained):
    results, groups, _ = trained
    (file,) = results.glob(f"measurements/gradcam-{groups[0].spec.run_id}-*/measurement.json")
    key = json.loads(file.read_text())["key"]
    assert key == {"run": groups[0].spec.run_id, "subset": "test", "per_class": PER_CLASS, "seed": 0, "version": 1}
