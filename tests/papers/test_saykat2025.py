"""saykat2025's tables from hand-made records: images, errors and probabilities known."""

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data.catalogue import LESION_CLASSES
from lib.data.splits import make_split
from lib.papers import saykat2025 as paper
from lib.papers.saykat2025 import findings
from lib.papers.saykat2025.calibration import calibration_table, mcnemar_table, reliability_bins
from lib.papers.saykat2025.models import described, predictors
from lib.papers.saykat2025.tables import (
    delta_table,
    on_papers_split,
    published_confusion,
    results_table,
    split_counts,
    tolerances,
)
from lib.published.compare import compare
from lib.published.tables import printed_table
from lib.published.values import load_published
from lib.records.means import MeanOfModels
from lib.records.seeds import by_seed
from lib.studies.external.checks import best_order
from tests.fakes.layouts import ham10000_metadata
from tests.fakes.saykat2025 import EVERY, K, probs_of, run, wrong_at


def three(**changes):
    """Three models on 28 images: cnn errs on six, ResNet-50 on three others, ViT (sure of itself) on one of those."""
    wrong = {"cnn": (0, 4, 8, 12, 16, 20), "resnet50": (1, 5, 9), "vit": (1,)}
    sure = {"vit": 0.95}
    return [run(m, test=(EVERY, probs_of(wrong_at(EVERY, w), sure.get(m, 0.7))), **changes) for m, w in wrong.items()]


def test_published_tables():
    sizes = {"results": 8, "ensemble_minus_model": 7, "mcnemar": 7}
    assert {name: len(printed_table(paper.PAPER, name)) for name in sizes} == sizes
    assert printed_table(paper.PAPER, "results").loc[6, "accuracy"] == "0.9629 [0.9506, 0.9748]"
    matrix = published_confusion()
    assert np.trace(matrix) == 1172 and matrix.loc["mel", "nv"] == 55 and list(matrix) == list(LESION_CLASSES)
    assert best_order(matrix.to_numpy()).tolist() == list(range(K))
    assert "confidence_level" not in set(tolerances()["quantity"])  # nothing to reproduce


def test_supports_are_exactly_the_published_ones():
    index = ham10000_metadata()
    split = make_split("ham10000-image", index, fractions=(0.7, 0.15, 0.15), seed=0)
    targets = {p: index["dx"][split == p].map(LESION_CLASSES.index).to_numpy() for p in ("val", "test")}
    good = run(**{p: (t, probs_of(t)) for p, t in targets.items()})
    groups = by_seed([good, run(split="ham10000-lesion", test=(EVERY, probs_of(EVERY)))])
    assert [on_papers_split(g.spec) for g in groups] == [True, False]
    table = split_counts(groups).query("split == 'ham10000-image'").set_index("dx")
    for part in ("train", "validation", "test"):
        assert table[part].tolist() == table[f"{part}_published"].tolist()
    assert table.loc["vasc", ["train", "validation", "test"]].tolist() == [99, 21, 22]
    less = targets["test"][:-1]
    with pytest.raises(StudyError, match="not the paper's"):
        split_counts(by_seed([run(val=(targets["val"], probs_of(targets["val"])), test=(less, probs_of(less)))]))


def test_the_mean_is_of_the_models_at_hand_and_says_how_many():
    runs = three()
    found = predictors(by_seed([runs[2], *three(split="ham10000-lesion", seed=1), runs[0], runs[1]]))
    assert [p.paper_model for p in found] == ["cnn", "resnet50", "vit", "ensemble_mean"] * 2
    mean = found[3]
    assert isinstance(mean, MeanOfModels) and mean.labels()["backbone"] == "mean of 3 models"
    assert mean.labels()["px"] == 224 and mean.labels()["weights"] == "none, imagenet"
    assert described(mean).startswith("mean of 3 models, not 7; the CNN's architecture")
    stack = mean.arrays("test")[1]
    assert stack.shape == (1, 28, K)
    assert stack[0] == pytest.approx(np.mean([r.arrays("test")[1] for _, r in runs], axis=0))
    assert [p.paper_model for p in predictors(by_seed(runs[:1]))] == ["cnn"]  # of one there is no mean
    other = run("vit", images="other", test=(EVERY, probs_of(EVERY)))
    with pytest.raises(StudyError, match="other images"):
        predictors(by_seed([runs[0], other]))[2].arrays("test")


def test_results_deltas_and_mcnemar_by_hand():
    found = predictors(by_seed(three()))
    results = results_table(found, 200).set_index("model")
    # The ViT is sure enough to overrule the CNN; only image 1, on which ResNet-50 agrees with it, stays wrong.
    assert results["accuracy"].tolist() == pytest.approx([22 / 28, 25 / 28, 27 / 28, 27 / 28])
    assert results["accuracy_published"].tolist() == [0.7851, 0.6807, 0.9629, 0.9454]
    assert (results["accuracy_low"] <= results["accuracy"]).all() and results["accuracy_sd"].isna().all()
    deltas = delta_table(found, 200).set_index("model")
    assert deltas["accuracy"].tolist() == pytest.approx([5 / 28, 2 / 28, 0])
    assert deltas.loc["vit", ["accuracy_low", "accuracy_high"]].tolist() == [0, 0]  # the same images are right
    assert deltas.loc["cnn", "accuracy_low"] > 0 and deltas["members"].tolist() == [3] * 3
    test = mcnemar_table(found).set_index("model")
    assert test[["b", "c"]].to_numpy().tolist() == [[6, 1], [2, 0], [0, 0]]
    assert test.loc["cnn", "p"] == f"{2 * (1 + 7) / 2**7:.3g}" and set(test["method"]) == {"exact"}  # binomial, 1 of 7
    assert test.loc["vit", "c, paper"] == 37


def test_seeds_are_averaged_and_the_mean_takes_the_first():
    seeds = [run("cnn", seed=s, test=(EVERY, probs_of(wrong_at(EVERY, w)))) for s, w in enumerate([(0,), (0, 1, 2)])]
    found = predictors(by_seed([*seeds, run("vit", test=(EVERY, probs_of(EVERY)))]))
    row = results_table(found, 50).iloc[0]
    assert row["seeds"] == 2 and row["accuracy"] == pytest.approx((27 + 25) / 56)
    assert row["accuracy_sd"] == pytest.approx(np.std([27 / 28, 25 / 28], ddof=1))
    assert delta_table(found, 50).iloc[0]["accuracy"] == pytest.approx(1 / 28)  # 28/28 minus the first seed's 27


def test_measured_values_meet_the_published_ones():
    measured = paper.measured(by_seed(three()), 20)
    known = set(load_published(paper.PAPER)["id"])
    assert set(measured["published_id"]) <= known and measured["published_id"].is_unique
    assert len(measured) == 4 * (4 + 1) + 3 * 4
    found = compare(paper.PAPER, measured).set_index("published_id")
    vit = found.loc["results.vit.accuracy"]
    assert vit["ours"] == pytest.approx(27 / 28) and vit["deviations"] == "" and vit["within_tolerance"] == "inside"
    assert vit["verdict"] == "reproduced"
    mean = found.loc["results.ensemble_mean.accuracy"]
    assert mean["deviations"].startswith("mean of 3 models, not 7") and mean["verdict"] == "not testable"
    assert set(found.loc[found.index.str.startswith("ensemble_minus"), "verdict"]) == {"not testable"}


def test_temperatures_come_from_validation():
    # All of the model's confidence is 0.9; on validation half of it is right, on test three quarters.
    val = probs_of(wrong_at(EVERY, np.arange(0, 28, 2)), 0.9)
    test = probs_of(wrong_at(EVERY, np.arange(0, 28, 4)), 0.9)
    row = calibration_table(predictors(by_seed([run(val=(EVERY, val), test=(EVERY, test))])), 50).iloc[0]
    # 28 images in 14 lesions: the noise is not nothing, and a little is taken off.
    assert 0.9 - 0.75 - 0.05 < row["ece_before"] <= 0.9 - 0.75 and row["overconfidence"] == pytest.approx(0.15)
    assert row["temperature"] > 1
    assert 0.75 - 0.5 - 0.03 < row["ece_after"] <= 0.75 - 0.5  # scaled to the validation accuracy
    assert row["before_low"] <= row["ece_before"] <= row["before_high"] and row["ece_published"] == 0.0414
    before, _ = reliability_bins(predictors(by_seed([run(test=(EVERY, test))]))[0])
    assert before["n"].tolist() == [28] and before["accuracy"].tolist() == [0.75]
    assert (before["confidence"] - before["accuracy"]).tolist() == pytest.approx([0.15])


def test_sentences_stand_beside_the_papers_best_member_and_part_networks_from_their_mean():
    found = predictors(by_seed(three()))
    results, deltas = results_table(found, 50), delta_table(found, 50)
    said = " ".join(findings.ensemble(results, deltas).split())
    assert "best member (ViT ←" in said and "prints -1.7 points against its own best, ViT" in said
    assert "outside the mean" not in said
    more = pd.concat([results, results.iloc[:1].assign(trained="head", accuracy=0.9)])
    assert findings.ensemble(more, deltas).endswith("outside the mean scores 90.0 % (CNN ← plain CNN, frozen, 224 px).")
    assert findings.finding(deltas).endswith("the paper prints -1.7 to +26.5 against its 7.")
    table = pd.DataFrame({"split": "paper", "model": ["cnn", "vit", "ensemble_mean"], "ece_after": [0.01, 0.0, 0.02],
                          "overconfidence": [0.02, 0.08, -0.1], "ece_before": [0.01, 0.07, 0.1]})  # fmt: skip
    said = " ".join(findings.calibration(table).split())
    assert "2 networks are too sure (mean confidence minus accuracy +2.0 to +8.0 points)" in said
    assert "mean is not sure enough (mean confidence minus accuracy -10.0 points): calibration error 0.100" in said
