"""The embedded default data: format, determinism, atomicity, and that it shows what the notebooks explain."""

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.core.errors import StudyError
from lib.data import synthetic
from lib.data.synthetic.cohort import CLASSES, SITES, draw_cohort

SMALL = {"n_lesions": 36, "size": (32, 24)}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return synthetic.generate(tmp_path_factory.mktemp("synthetic") / "set", **SMALL)


@pytest.fixture(scope="module")
def index():
    """The default data set, from the cache that the study uses."""
    return synthetic.load_synthetic_index()


def test_writes_the_layout_and_metadata_columns_of_ham10000(small):
    metadata = pd.read_csv(small / "SYNTHETIC_metadata.csv")
    assert list(metadata) == [
        "lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization", "dataset",
    ]  # fmt: skip
    assert metadata.image_id.is_unique and metadata.image_id.str.startswith("SYN_").all()
    for image_id in metadata.image_id:
        image = cv2.imread(str(small / "SYNTHETIC_images_part_1" / f"{image_id}.jpg"))
        mask = cv2.imread(str(small / "SYNTHETIC_segmentations_lesion" / f"{image_id}_segmentation.png"), -1)
        assert image.shape == (24, 32, 3) and mask.shape == (24, 32)
        assert set(np.unique(mask)) <= {0, 255} and mask.any()


def test_same_arguments_same_bytes_other_seed_other_bytes(small, tmp_path):
    def content(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}

    assert content(synthetic.generate(tmp_path / "again", **SMALL)) == content(small)
    assert content(synthetic.generate(tmp_path / "other", **SMALL, seed=1)) != content(small)


def test_metadata_does_not_depend_on_the_photograph_size(small, tmp_path):
    larger = synthetic.generate(tmp_path / "larger", n_lesions=36, size=(64, 48))
    assert (larger / synthetic.METADATA).read_bytes() == (small / synthetic.METADATA).read_bytes()


def test_interrupted_generation_leaves_nothing(tmp_path, monkeypatch):
    written = []

    def full_disk(path, pixels):
        written.append(path)
        return len(written) < 20

    monkeypatch.setattr(synthetic.cv2, "imwrite", full_disk)
    with pytest.raises(StudyError, match="disk"):
        synthetic.generate(tmp_path / "set", **SMALL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["delete", "truncate", "no digest"])
def test_damage_is_found_and_mended_on_load(small, tmp_path, damage):
    folder = synthetic.generate(tmp_path / "set", **SMALL)
    victim = sorted((folder / synthetic.IMAGES).iterdir())[3]
    if damage == "delete":
        victim.unlink()
    elif damage == "truncate":
        victim.write_bytes(victim.read_bytes()[:100])
    else:
        (folder / synthetic.DIGEST).unlink()
    assert not synthetic.is_complete(folder)
    synthetic.load_synthetic_index(folder, **SMALL)
    assert (folder / synthetic.DIGEST).read_bytes() == (small / synthetic.DIGEST).read_bytes()
    assert synthetic.is_complete(folder)
    assert [path.name for path in tmp_path.glob("[!.]*")] == ["set"]


def test_a_complete_data_set_is_used_as_it_is(small, monkeypatch):
    monkeypatch.setattr(synthetic, "generate", lambda *a, **k: pytest.fail("generated again"))
    synthetic.load_synthetic_index(small, **SMALL)


def test_default_folder_is_in_the_cache_and_depends_on_the_arguments(tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path))
    synthetic.load_synthetic_index(**SMALL)
    synthetic.load_synthetic_index(**SMALL, seed=1)
    folders = [path.name for path in tmp_path.glob("[!.]*")]
    assert len(folders) == 2 and all(name.startswith("synthetic-") for name in folders)


def test_digest_is_portable_and_changes_with_the_arguments(small, tmp_path):
    again = synthetic.generate(tmp_path / "elsewhere", **SMALL)
    digests = [synthetic.load_synthetic_index(folder, **SMALL).attrs["sha256"] for folder in (small, again)]
    larger = synthetic.load_synthetic_index(tmp_path / "larger", n_lesions=36, size=(64, 48)).attrs["sha256"]
    assert digests[0] == digests[1] != larger


def test_impossible_sizes_are_refused(tmp_path):
    with pytest.raises(StudyError, match="too few"):
        synthetic.generate(tmp_path / "set", n_lesions=20)
    with pytest.raises(StudyError, match="too small"):
        synthetic.generate(tmp_path / "set", size=(8, 6))


def test_index_has_the_study_columns_and_says_that_it_is_synthetic(index):
    assert list(index)[:5] == ["image_id", "path", "dx", "label", "group"]
    assert index.label.dtype == np.int64 and (index.dx == np.take(CLASSES, index.label)).all()
    assert index.attrs["name"] == "synthetic" and index.attrs["synthetic"] is True
    assert index.attrs["classes"] == CLASSES and len(index.attrs["sha256"]) == 64


def test_cohort_has_the_proportions_of_ham10000(index):
    lesions = index.groupby("lesion_id").agg(dx=("dx", "first"), classes=("dx", "nunique"), photos=("dx", "size"))
    assert (lesions.classes == 1).all()
    assert 700 <= len(index) <= 900
    assert 0.55 < (index.dx == "nv").mean() < 0.65
    assert 0.2 < (lesions.photos > 1).mean() < 0.35
    assert lesions.dx.value_counts().min() >= 10
    assert set(index.site) == set(SITES)
    assert index[index.dx == "akiec"].age.mean() > index[index.dx == "nv"].age.mean() + 10
    assert (index[index.dx_type == "follow_up"].dx == "nv").all()
    assert (index[index.site == "vidir_molemax"].dx == "nv").mean() > 0.8


@pytest.mark.parametrize("n_lesions", [36, 100, 601])
def test_every_class_has_enough_lesions_to_split(n_lesions):
    lesions = draw_cohort(n_lesions, np.random.default_rng(0)).drop_duplicates("lesion_id")
    assert len(lesions) == n_lesions
    assert lesions.dx.value_counts().reindex(CLASSES).min() >= 4


def test_masks_cover_the_lesion(index):
    """The lesion is darker than the skin around it in most photographs."""
    darker = []
    for row in index.iloc[::20].itertuples():
        grey, inside = cv2.imread(row.path, 0), cv2.imread(row.mask_path, 0) > 0
        ring = cv2.dilate(inside.astype(np.uint8), np.ones((15, 15))).astype(bool) & ~inside
        if ring.any():
            darker.append(grey[inside].mean() < grey[ring].mean())
    assert len(darker) > 30 and np.mean(darker) > 0.85


def _features(path):
    """Colour and coarse layout of one image: thumbnail, histograms and texture bands of its middle, float32 [427]."""
    lab = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2LAB)
    middle = lab[24:72, 32:96].astype(np.float32)
    grey = lab[..., 0].astype(np.float32)
    bands = [np.log1p(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), s))).mean() * 3 for s in (1, 2, 4, 8)]
    histograms = [np.sqrt(np.histogram(middle[..., c], 24, (0, 256))[0]) / 8 for c in range(3)]
    quantiles = np.quantile(middle.reshape(-1, 3), (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98), axis=0).ravel() / 16
    thumbnail = cv2.resize(lab, (12, 9), interpolation=cv2.INTER_AREA).ravel() / 64
    return np.concatenate([thumbnail, quantiles, *histograms, bands]).astype(np.float32)


@pytest.fixture(scope="module")
def out_of_fold(index):
    """Out-of-fold probabilities [n, 7] of two cheap classifiers, by image-level and by lesion-grouped folds."""
    x, y = np.stack([_features(path) for path in index.path]), index.label.to_numpy()
    folds = {
        "image": StratifiedKFold(3, shuffle=True, random_state=0),
        "lesion": StratifiedGroupKFold(3, shuffle=True, random_state=0),
    }
    result = {}
    for unit, splitter in folds.items():
        for name in ("logistic", "forest"):
            result[unit, name] = np.zeros((len(y), len(CLASSES)))
        for train, test in splitter.split(x, y, index.group if unit == "lesion" else None):
            models = {
                "logistic": make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300)),
                "forest": RandomForestClassifier(30, random_state=0),
            }
            for name, model in models.items():
                result[unit, name][test] = model.fit(x[train], y[train]).predict_proba(x[test])
    return y, result


def _auc(y, probabilities):
    return roc_auc_score(y, probabilities, multi_class="ovr", average="macro")


@pytest.mark.slow
def test_leakage_shows(out_of_fold):
    """An image-level split scores higher than a lesion-grouped one."""
    y, result = out_of_fold
    for name in ("logistic", "forest"):
        assert _auc(y, result["image", name]) - _auc(y, result["lesion", name]) > 0.02
    balanced = {u: balanced_accuracy_score(y, result[u, "logistic"].argmax(1)) for u in ("image", "lesion")}
    assert balanced["image"] - balanced["lesion"] > 0.02


@pytest.mark.slow
def test_imbalance_shows(out_of_fold):
    """Accuracy flatters: it lies well above balanced accuracy."""
    y, result = out_of_fold
    predicted = result["lesion", "logistic"].argmax(1)
    assert (predicted == y).mean() - balanced_accuracy_score(y, predicted) > 0.15


@pytest.mark.slow
def test_classes_can_be_learned_but_not_perfectly(out_of_fold):
    y, result = out_of_fold
    assert 0.70 < _auc(y, result["lesion", "logistic"]) < 0.95
    assert balanced_accuracy_score(y, result["lesion", "logistic"].argmax(1)) > 2 / 7


@pytest.mark.slow
def test_averaging_two_models_gains_a_little(out_of_fold):
    y, result = out_of_fold
    members = [_auc(y, result["lesion", name]) for name in ("logistic", "forest")]
    mean = _auc(y, (result["lesion", "logistic"] + result["lesion", "forest"]) / 2)
    assert 0.003 < mean - np.mean(members) < 0.1
