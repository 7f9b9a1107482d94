"""External columns, operating points and checks: thresholds, counts and orders known by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from lib.core.errors import StudyError
from lib.data import load_index
from lib.data.cache import ImageCache
from lib.data.catalogue import LESION_CLASSES
from lib.models.forward import Normalize
from lib.papers.saykat2025.models import predictors
from lib.papers.saykat2025.tables import measured_external
from lib.plan.spec import Augmentation
from lib.records.measurements import get_or_measure
from lib.records.seeds import by_seed
from lib.studies.external import checks, networks, tables
from lib.training.checkpoints import Trained
from tests.fakes.layouts import write_isic2019
from tests.fakes.notebooks import notebook
from tests.fakes.saykat2025 import EVERY, K, probs_of, run, wrong_at

MEL, SCC = LESION_CLASSES.index("mel"), "isic2018-test:scc"
GOOD = (EVERY, probs_of(EVERY))


def predictor(**sets):
    return predictors(by_seed([run(**sets)]))[0]


def mel_probs(scores):
    """Probabilities [N, 7] with ``scores`` for mel, the rest to nv."""
    probs = np.zeros((len(scores), K))
    probs[:, MEL], probs[:, MEL + 1] = scores, 1 - np.asarray(scores)
    return probs


@pytest.mark.parametrize(("specificity", "threshold"), [(0.9, 0.9), (0.95, 1.0), (0.5, 0.5), (0.85, 0.9), (1.0, 1.0)])
def test_threshold_by_hand(specificity, threshold):
    scores = np.r_[np.arange(1, 11) / 10, 0.05, 0.99]  # ten negatives, two positives
    positive = np.arange(12) >= 10
    found = tables.threshold_at(specificity, scores, positive)
    assert found == threshold
    assert (scores[~positive] <= found).mean() >= specificity


def test_operating_points_are_fixed_on_validation():
    targets = np.r_[np.full(10, MEL + 1), np.full(4, MEL)]
    val = mel_probs(np.r_[np.arange(1, 11) / 20, 0.1, 0.46, 0.6, 0.7])
    # On test two of ten negatives lie above the threshold 0.45, and one melanoma does not.
    test = mel_probs(np.r_[np.full(8, 0.2), 0.46, 0.8, 0.45, 0.5, 0.6, 0.7])
    table = tables.operating_table([predictor(val=(targets, val), test=(targets, test))], 50).set_index("fixed_at")
    assert table.loc[0.90, ["threshold", "sensitivity", "specificity"]].tolist() == pytest.approx([0.45, 3 / 4, 8 / 10])
    assert table.loc[0.95, ["threshold", "sensitivity", "specificity"]].tolist() == pytest.approx([0.5, 2 / 4, 9 / 10])
    assert table.loc[0.90, ["n", "positives"]].tolist() == [14, 4]
    assert (table["sensitivity_low"] <= table["sensitivity"]).all()


def test_external_columns_count_what_has_no_class():
    scc = np.array([0, 0, MEL, 2])  # called akiec, akiec, mel, bkl
    outside = (EVERY, probs_of(wrong_at(EVERY, (0, 1))))
    one = predictor(test=GOOD, **{"isic2018-test": outside, SCC: (np.full(4, -1), probs_of(scc))})
    table = tables.external_table([one], 50).set_index("set")
    assert table["accuracy"].tolist() == pytest.approx([1, 26 / 28])
    assert table["unmapped"].tolist() == [0, 4]
    assert table.loc["isic2018-test", "accuracy_with_unmapped"] == pytest.approx(26 / 32)
    assert table["trained_on"].tolist() == [0, 0]
    row = tables.unmapped_table([one]).iloc[0]
    assert (row["set"], row["dx"], row["n"], row["lesions"], row["malignant"]) == ("isic2018-test", "scc", 4, 2, 0.75)
    found = row[["akiec", "mel", "bkl", "nv", "confidence"]].tolist()
    assert found == pytest.approx([0.5, 0.25, 0.25, 0, 0.7])
    assert tables.unmapped_table([predictor(test=GOOD)]).empty


def test_sensitivity_of_each_class():
    one = predictor(test=(EVERY, probs_of(wrong_at(EVERY, (0, 4, 5)))), **{"isic2018-test": GOOD})
    table = tables.sensitivity_table([one], 50)
    test = table[table["set"] == "test"].set_index("dx")
    assert test["sensitivity"].tolist() == [0.75, 0.5, 1, 1, 1, 1, 1] and set(test["support"]) == {4}
    shown = tables.by_class(table)
    assert shown["set"].tolist() == ["test", "isic2018-test"]
    assert shown.loc[1, "akiec"] == "1.00 [1.00, 1.00] of 4" and shown.loc[0, "bcc"].startswith("0.50 [0.")


def test_overlap_by_ids():
    planned, record = run(test=GOOD, **{"isic2018-test": GOOD})
    rows = record.images["subset"] == "isic2018-test"
    record.images.loc[rows, "group"] = record.images["image_id"][rows]
    assert tables.overlap_table(by_seed([(planned, record)])).iloc[0].tolist()[2:] == ["isic2018-test", 28, 0, 0, False]
    first = record.images.index[rows][0]
    record.images.loc[first, ["image_id", "group", "seen"]] = ["ISIC_0024306", "HAM_0000001", 1]
    assert tables.overlap_table(by_seed([(planned, record)])).iloc[0].tolist()[3:] == [28, 1, 1, True]


def test_labels_in_another_order_are_caught():
    rng = np.random.default_rng(0)
    targets = np.repeat(np.arange(K), 40)
    predicted = np.where(rng.random(len(targets)) < 0.7, targets, rng.integers(K, size=len(targets)))
    order = np.array([0, 1, 2, 4, 3, 5, 6])  # df and mel exchanged
    right, wrong = ((targets, probs_of(p)) for p in (predicted, order[predicted]))
    found = checks.order_check(run(val=right, test=right)[1], 200)
    assert (found["best_reading"], found["gain"], found["verdict"]) == ("as labelled", 0, "in order")
    found = checks.order_check(run(val=wrong, test=wrong)[1], 200)
    assert found["best_reading"] == "df as mel; mel as df" and found["verdict"] == "WRONG ORDER"
    assert found["gain_low"] > 0 and found["under_best_reading"] > found["balanced_accuracy"] + 0.1
    found = checks.order_check(run(val=wrong, test=right)[1], 200)  # validation misleads: no gain on test
    assert found["verdict"] == "in order within chance" and found["gain"] < 0
    with pytest.raises(StudyError, match="has the classes akiec/.*the data set mel/"):
        checks.order_check(run(val=right, test=right)[1], 20, names=("mel", *LESION_CLASSES[:4], *LESION_CLASSES[5:]))


def test_the_reading_is_a_cycle_where_the_labels_are():
    cycle = np.array([1, 2, 0])  # class c is called cycle[c]
    matrix = np.zeros((3, 3), int)
    matrix[np.arange(3), cycle] = 10
    assert checks.best_order(matrix)[cycle].tolist() == [0, 1, 2]
    never_called = np.array([[5, 0, 0], [5, 0, 0], [0, 0, 5]])  # no reason to read it otherwise
    assert checks.best_order(never_called).tolist() == [0, 1, 2]


class Bright(nn.Module):
    """Logits of mel and nv: nv where the normalized image is brighter than zero."""

    def forward(self, images):
        mean = 20 * images.mean(dim=(1, 2, 3))
        logits = torch.full((len(images), K), -20.0)
        logits[:, MEL], logits[:, MEL + 1] = -mean, mean
        return logits


def grey_images(n):
    grey = np.random.default_rng(0).integers(90, 165, size=n).astype(np.uint8)
    images = np.broadcast_to(grey[:, None, None, None], (n, 16, 16, 3))
    ids = [f"i{i}" for i in range(n)]
    chosen = pd.DataFrame({"image_id": ids, "group": ids, "target": MEL + (grey > 127.5)})
    return ImageCache(images, {name: i for i, name in enumerate(ids)}, ""), chosen


def test_a_wrong_normalization_is_caught():
    cache, chosen = grey_images(40)
    right = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), Bright())
    ready = SimpleNamespace(precision="32")
    table = networks.normalization_check(Trained(right, ready), cache, chosen).set_index("normalization")
    assert list(table.index) == ["recorded", "ImageNet", "none (0..1)", "none (0..255)"]  # 0.5 is the recorded one
    assert table.loc["recorded", "accuracy"] == 1 and set(table["verdict"]) == {"holds"}
    assert table.loc["none (0..1)", "accuracy"] == (chosen["target"] > MEL).mean() < 1
    unscaled = nn.Sequential(Normalize((0.0,) * 3, (1 / 255,) * 3), Bright())
    table = networks.normalization_check(Trained(unscaled, ready), cache, chosen).set_index("normalization")
    assert table.loc["0.5", "verdict"] == "RECORDED IS WORSE" and table.loc["0.5", "nll_minus_recorded"] < 0
    assert table.loc["recorded", ["nll_minus_recorded", "verdict"]].tolist() == [0, "holds"]


@pytest.fixture(scope="module")
def isic2019(tmp_path_factory):
    root = tmp_path_factory.mktemp("isic2019")
    write_isic2019(root)
    index = load_index("isic2019", root)
    # Of every diagnosis some images, in and out of HAM10000; all 25,331 would take a minute to decode.
    few = pd.concat([part.head(3) for _, part in index.groupby(["dx", "in_ham10000"])]).reset_index(drop=True)
    few.attrs = index.attrs
    return few


@pytest.fixture
def predicted(isic2019, tmp_path, monkeypatch):
    """Predictions of ISIC 2019 by a network that calls the (all alike, dark) images mel."""
    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "cache"))
    ready = SimpleNamespace(frames={"train": isic2019[isic2019["in_ham10000"]][:5]}, precision="32")
    net = nn.Sequential(Normalize((0.5,) * 3, (0.5,) * 3), Bright())
    spec = run()[1].spec
    spec = spec.model_copy(update={"image_size": 16, "augmentation": Augmentation()})
    monkeypatch.setattr(networks, "load_trained", lambda *_: Trained(net, ready))
    monkeypatch.setattr(networks, "load_index", lambda *_: isic2019)
    return networks.predict_set(spec, SimpleNamespace(data_root=None), "isic2019")


def test_isic2019_is_predicted_with_what_has_no_class(isic2019, predicted):
    assert predicted["image_id"].nunique() == len(predicted) == len(isic2019)
    counts = predicted["subset"].value_counts().to_dict()
    assert counts == {"isic2019": 14 * 3, "isic2019:scc": 2 * 3}  # here scc also stands among HAM10000's ids
    assert (predicted.loc[predicted["subset"] == "isic2019:scc", "target"] == -1).all()
    numbers = predicted["image_id"].map(isic2019.set_index("image_id")["label"])  # -1 for scc
    assert predicted["target"].tolist() == numbers.tolist()
    assert predicted["seen"].sum() >= 5 and set(predicted.filter(like="logit_").to_numpy().argmax(axis=1)) == {MEL}


def test_isic2019_columns(predicted, tmp_path):
    groups = by_seed([run("convnext_tiny", test=GOOD)])
    key = {"run": groups[0].spec.run_id, "set": "isic2019", "version": checks.VERSION}
    get_or_measure(tmp_path, "external", groups[0].spec.run_id, key, lambda: {"predictions": predicted})
    found = predictors(checks.with_isic2019(notebook(tmp_path), groups))
    table = tables.external_table(found, 50).set_index("set")
    assert list(table.index) == ["test", "isic2019", "isic2019 (HAM10000)", "isic2019 (unseen)"]
    assert table["n"].tolist() == [28, 42, 21, 21] and table["unmapped"].tolist() == [0, 6, 3, 3]
    assert table.loc["isic2019", "accuracy"] == pytest.approx(1 / 7)
    assert tables.unmapped_table(found)["mel"].tolist() == [1, 1, 1]
    rows = {r["published_id"]: r for r in measured_external(found, 20)}
    assert set(rows) == {f"external.{x}" for x in ("accuracy.all", "accuracy.unseen", "n_shared", "n_unseen")}
    assert rows["external.n_shared"]["ours"] == rows["external.n_unseen"]["ours"] == 24
    assert rows["external.accuracy.unseen"]["estimate"].value == pytest.approx(1 / 7)


@pytest.mark.parametrize("train_missing", [False, True])
def test_without_isic2019_a_sentence_and_the_rest(tmp_path, capsys, train_missing):
    groups = by_seed([run("convnext_tiny", test=GOOD), run(test=GOOD)])
    assert checks.with_isic2019(notebook(tmp_path, train_missing), groups) == groups
    assert "Markdown" in capsys.readouterr().out
    assert measured_external(predictors(groups), 20) == []
    assert [len(t) for t in checks.checkpoint_tables(notebook(tmp_path, train_missing), groups)] == [0, 0]
