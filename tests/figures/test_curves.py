"""ROC, reliability and shift figures say what the predictions give."""

import pytest
from sklearn.metrics import roc_auc_score

from lib.figures import curves, results
from lib.papers.saykat2025 import calibration, models
from lib.records.seeds import by_seed
from lib.studies.external.tables import external_table
from tests.fakes.saykat2025 import EVERY, K, probs_of, run, wrong_at

ERRING = {"cnn": (0, 4, 8), "vit": (1,)}


@pytest.fixture
def found():
    test = {m: (EVERY, probs_of(wrong_at(EVERY, w))) for m, w in ERRING.items()}
    return models.predictors(by_seed([run(m, test=t, **{"isic2018-test": t}) for m, t in test.items()]))


def drawn(figure):
    return [ax for ax in figure.axes if ax.get_title(loc="left")]


def test_roc_curves_name_their_areas(found):
    axes = drawn(curves.roc_curves(found))
    titles = [ax.get_title(loc="left").split("\n") for ax in axes]
    assert [title[0] for title in titles] == [
        "CNN ← plain CNN, from",
        "ViT ← ViT-Base, fine-tuned,",
        "mean of seven ← mean of 2",
    ]
    texts = [text.get_text() for text in axes[0].texts]
    area = roc_auc_score(EVERY == 1, found[0].arrays("test")[1][0][:, 1])
    assert len(texts) == K + 1 and f"bcc {area:.2f}".replace("0.", ".") in texts


def test_reliability_draws_both_sides_of_scaling(found):
    bins = [calibration.reliability_bins(p) for p in found]
    before, after = drawn(curves.reliability_diagrams(found, bins))[0].get_lines()[1:]
    assert before.get_xdata().tolist() == bins[0][0]["confidence"].tolist() != after.get_xdata().tolist()


def test_shift_chart_and_confusion_take_the_mean_too(found):
    figure = curves.shift_chart(external_table(found, 20))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["test (n = 28)", "ISIC 2018 test (n = 28)"]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["plain CNN", "ViT-Base", "mean of 2 models"]
    both = external_table(found[:2], 20).assign(backbone="resnet50", trained=["all", "all", "head", "head"])
    labels = curves.shift_chart(both).axes[0].get_yticklabels()
    assert [t.get_text() for t in labels] == ["ResNet-50, from scratch", "ResNet-50, frozen"]
    axes = drawn(results.confusion_matrices(found, checkpoint="best"))
    assert axes[2].get_title(loc="left").startswith("mean of seven")
    shares = [float(text.get_text()) for text in axes[2].texts]
    assert sum(shares[:K]) == pytest.approx(100, abs=2)
