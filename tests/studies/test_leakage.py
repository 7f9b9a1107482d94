"""What notebook 10 computes, on sets small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data import load_index
from lib.records.seeds import by_seed
from lib.studies.leakage import (
    acquisition_site,
    answers,
    figures,
    heads,
    image_origin,
    kinds,
    observed,
    paired,
    probe,
    standard,
    strata,
)
from lib.studies.leakage.settings import Features, load_settings
from tests.fakes.records import fake_record, make_spec, planned, run, two_class_probs


def index_of(dx, group, **columns):
    frame = pd.DataFrame({"image_id": [f"i{n}" for n in range(len(dx))], "dx": dx, "group": group, **columns})
    frame["label"] = frame["dx"].map({"mel": 0, "nv": 1}).astype("int64")
    frame.attrs = {"name": "synthetic", "classes": ("mel", "nv"), "groups_known": True}
    return frame


@pytest.mark.parametrize("profile", ["smoke", "cpu", "gpu", "p100"])
def test_settings(profile):
    settings = load_settings(profile)
    assert settings.dataset == settings.data[0].dataset and settings.split_seeds >= 2
    assert len({f.name for f in settings.features}) == len(settings.features)


def test_wrong_settings(tmp_path):
    file = tmp_path / "leakage.yaml"
    file.write_text("cpu: {data: [{dataset: ham10000}]}")
    with pytest.raises(StudyError, match="cpu: .*data"):
        load_settings("cpu", file)
    with pytest.raises(ValueError, match="need a backbone"):
        Features(kind="frozen", px=224)


def test_class_standardized_accuracy_by_hand():
    # class 0: 4 of 5 right among the seen, 1 of 5 among the others; class 1: 1 of 1 and 3 of 9; class 2: seen only
    hits, n = np.array([[4, 1], [1, 3], [2, 0]]), np.array([[5, 5], [1, 9], [2, 0]])
    weights = standard.common_weights(n)
    assert weights.tolist() == [0.5, 0.5, 0.0]
    assert standard.standardized(hits, n, weights) == pytest.approx([(0.8 + 1) / 2, (0.2 + 1 / 3) / 2])
    lost = np.array([[1, 1], [0, 1], [1, 1]])  # a resample without the seen image of class 1
    drawn = standard.standardized(np.stack([hits, hits * lost], -1), np.stack([n, n * lost], -1), weights)
    assert drawn[:, 0] == pytest.approx([0.9, 4 / 15])
    assert np.isnan(drawn[0, 1]) and drawn[1, 1] == pytest.approx(4 / 15)
    assert np.isnan(standard.common_weights(np.array([[1, 0], [0, 1]]))).all()


@pytest.fixture
def few(monkeypatch):
    """Lets parts of a lesion or two be compared."""
    monkeypatch.setattr(standard, "LEAST", 1)


def test_two_parts_agree_with_the_formula(tmp_path, few):
    runs = [run(tmp_path, (2, 3, 6, 7)), run(tmp_path, (2, 3, 5, 6, 7), seed=1)]
    group, part = by_seed(runs)[0], np.array([1, 1, 1, 0, 1, 1, 0, 0], bool)
    row = standard.two_parts(group, part, ("seen", "unseen"), 400)
    assert (row["n_seen"], row["n_unseen"]) == (5, 3)
    assert row["seen"] == pytest.approx((2 / 3 + 0.75) / 2) and row["unseen"] == 0
    assert row["difference_low"] <= row["difference"] <= row["difference_high"]
    more = [run(tmp_path, wrong, seed=n) for n, wrong in enumerate(((), (0, 1, 4, 5), ()))]
    wide = standard.two_parts(by_seed(more)[0], part, ("seen", "unseen"), 400)
    assert wide["seen_low"] >= 0 and wide["seen_high"] == 1  # Student's t would leave the range


def test_parts_of_fewer_than_ten_lesions_are_not_compared(tmp_path):
    (group,) = by_seed([run(tmp_path, (0,))])  # four lesions
    assert standard.two_parts(group, np.arange(8) < 4, ("a", "b"), 20) == {}


def test_seen_lesions_as_scored_divide_by_what_was_trained_on(tmp_path):
    seen = [True, True, False, False, True, True, False, False]
    runs = [run(tmp_path, (0, 2, 6), seen), run(tmp_path, (0,), seen, split={"name": "ham10000-lesion"})]
    table = observed.seen_lesions(by_seed(runs), repeats=100)
    assert table["split"].tolist() == ["paper"]
    row = table.iloc[0]
    assert (row["shared_share"], row["accuracy_seen"], row["accuracy_unseen"]) == (0.5, 0.75, 0.5)
    assert (row["accuracy_seen_low"], row["accuracy_seen_high"]) == (0.5, 1)  # one lesion half right, one right
    assert (row["accuracy_unseen_low"], row["accuracy_unseen_high"]) == (0.5, 0.5)
    everything_new = observed.seen_lesions(by_seed([run(tmp_path / "new", (0, 5), [False] * 8)]), repeats=20).iloc[0]
    assert everything_new["accuracy_unseen"] == 0.75 and "accuracy_seen" not in everything_new


def test_split_effect_compares_the_same_recipe(tmp_path):
    grouped = {"split": {"name": "ham10000-lesion"}}
    runs = [run(tmp_path, (0,)), run(tmp_path, (0, 1, 4), **grouped), run(tmp_path, (), image_size=64)]
    table = observed.split_effect(by_seed(runs), repeats=50)
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["accuracy_paper"], row["accuracy_grouped"]) == (7 / 8, 5 / 8)
    assert row["difference"] == pytest.approx(2 / 8)
    assert row["difference_low"] < 0.25 < row["difference_high"] and row["interval_of"] == "these networks"
    pairs = observed.split_pairs(by_seed(runs), repeats=50)
    assert pairs[["paper", "grouped", "recipes"]].to_numpy().tolist() == [["ham10000-image", "ham10000-lesion", 1]]
    assert "HAM10000 by image minus HAM10000 by lesion: no difference seen (+25.0 points" in observed.direction(pairs)
    more = {"test": (np.repeat([0, 1], [1, 7]), two_class_probs(np.repeat([0, 1], [1, 7]), []))}
    other = fake_record(tmp_path / "mix", runs[1][1].spec, **more)
    assert observed.mix_distance(*by_seed([runs[0], (runs[1][0], other)])) == pytest.approx(3 / 8)
    assert observed.split_effect(by_seed([runs[0], (runs[1][0], other)]), repeats=20).empty
    assert "No recipe" in observed.direction(observed.split_pairs(by_seed(runs[:1]), repeats=50))


def test_pairs_of_splits_are_counted_and_never_pooled(tmp_path):
    """Two recipes on one pair of splits are one row; another pair is another; seeds are those of both."""
    runs = []
    for size in (64, 224):
        own = {"dataset": "dermamnist", "task": "dx", "image_size": size}
        runs += [run(tmp_path, wrong, seed=s, split={"name": "dermamnist"}, **own) for s, wrong in ((0, [0]), (1, [1]))]
        for name in ("dermamnist-c-v1.0", "dermamnist-c-v1.1"):
            runs.append(run(tmp_path, (0, 4), split={"name": name}, **own))
    groups = by_seed(runs)
    pairs = [(p["paper"].spec.split.name, p["grouped"].spec.split.name) for p in observed.recipe_pairs(groups)]
    assert pairs == [("dermamnist", "dermamnist-c-v1.1"), ("dermamnist-c-v1.0", "dermamnist-c-v1.1")] * 2
    assert observed.split_effect(groups, 20)["difference"].tolist() == [1 / 8, 0] * 2  # seed 0 alone is in both
    table = observed.split_pairs(groups, 200)
    assert table["recipes"].tolist() == [2, 2] and table["difference"].tolist() == [1 / 8, 0]
    assert set(table["over"]) == {"lesions"}


def test_draws_of_the_splits_are_the_unit_where_there_are_three(tmp_path):
    runs = []
    for draw, wrong in enumerate(([0, 1], [0, 1, 4, 5], [0, 1, 2, 4, 5, 6])):
        for name, errors in (("ham10000-image", []), ("ham10000-lesion", wrong)):
            runs.append(run(tmp_path, errors, split={"name": name, "seed": draw}))
            runs[-1][1].info["n"]["train"] = 32
    once = [run(tmp_path, wrong, image_size=64, split={"name": name}) for wrong, name in
            (([0, 1, 2], "ham10000-image"), ([], "ham10000-lesion"))]  # fmt: skip
    (row,) = observed.split_pairs(by_seed([*runs, *once]), 4000).to_dict("records")  # of one draw: no part of the mean
    assert (row["draws"], row["recipes"], row["over"]) == (3, 1, "lesions, seeds, splits")
    reach = 4.303 / 4 * np.sqrt(1 / 3 + 8 / 32)  # t of two degrees, sd 1/4
    assert row["difference"] == pytest.approx(4 / 8)
    assert row["difference_high"] == pytest.approx(4 / 8 + reach, rel=0.1)
    (one,) = observed.split_effect(by_seed(runs), 4000).to_dict("records")  # three draws, one recipe
    assert (one["draws"], one["difference"]) == (3, row["difference"]) and one["accuracy_grouped"] == 4 / 8


@pytest.fixture(scope="module")
def counts():
    """A class a coin's side; features are the lesion's name: only memory can tell."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 2)
    index = index_of(np.array(["mel", "nv"])[rng.integers(0, 2, 60)][groups], [f"g{g:02d}" for g in groups])
    features = rng.normal(size=(60, 16))[groups].astype(np.float32)
    splits = ("synthetic-image", "synthetic-lesion")
    return paired.compute_counts(index, features, splits, (0.8, 0.0, 0.2), 3).assign(data="d", features="names-16px")


def test_memory_is_found_where_there_is_nothing_else(counts):
    nearest = paired.difference_table(counts).set_index("head").loc["nearest"]
    assert nearest["paper"] > 0.75 and nearest["grouped"] < 0.75 and nearest["split_seeds"] == 3
    assert nearest["difference"] == pytest.approx(nearest["paper"] - nearest["grouped"])
    assert nearest["n_paper"] == 24 and nearest["n_grouped"] == pytest.approx(24, abs=1)
    assert (counts[counts["split"] == "grouped"]["seen"] == 0).all() and counts["repeated"].all()
    assert counts.groupby(["head", "split", "seed"])["n"].sum().between(22, 26).all()
    assert (paired.class_table(counts)["dx"] == ["mel", "nv"] * 2).all()
    assert figures.class_differences(paired.class_table(counts)).axes


def test_memory_by_hand():
    # One seed's counts: seen 3/4 and 1/2, unseen 1/2 and 1/4; without a leak repeated 1/2 and 1/2, single 1/2 and 1/4.
    rows = [("paper", "mel", True, True, 4, 3), ("paper", "nv", True, True, 2, 1), ("paper", "mel", False, False, 2, 1),
            ("paper", "nv", True, False, 8, 2), ("grouped", "mel", True, False, 2, 1),
            ("grouped", "nv", True, False, 2, 1), ("grouped", "mel", False, False, 2, 1),
            ("grouped", "nv", False, False, 4, 1)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["split", "dx", "repeated", "seen", "n", "hits"])
    table = pd.concat([table.assign(seed=s, data="d", features="f", head="h", n_train=40) for s in range(3)])
    found = paired.memory_table(table).iloc[0]
    # One class mix for all four parts: 10 images are mel, 16 nv.
    paper = (10 * (3 / 4 - 1 / 2) + 16 * (1 / 2 - 1 / 4)) / 26
    grouped = (10 * 0 + 16 * (1 / 2 - 1 / 4)) / 26
    assert found["seen_minus_unseen"] == pytest.approx(paper)
    assert found["repeated_minus_single"] == pytest.approx(grouped)
    assert found["memory"] == pytest.approx(paper - grouped) == found["memory_low"]


def test_heads():
    train = np.array([[0.0, 1], [0, 2], [5, 1], [5, 2]], np.float32)
    targets = np.array([2, 2, 0, 0])  # class 1 is absent from training
    for head in heads.HEADS:
        probs = heads.head_probabilities(head, train, targets, np.array([[0.0, 1.5], [6, 1.5]], np.float32), 3)
        assert probs.argmax(axis=1).tolist() == [2, 0] and probs[:, 1].tolist() == [0, 0]
        assert probs.sum(axis=1) == pytest.approx([1, 1])
    with pytest.raises(StudyError, match="did you mean 'nearest'"):
        heads.head_probabilities("nearst", train, targets, train, 3)


def test_out_of_fold_never_sees_the_lesion():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(50), 2)
    targets = rng.integers(0, 2, 50)[groups]
    names = np.eye(50, dtype=np.float32)[groups]  # the lesion's name is all there is
    hits = heads.out_of_fold(names, targets, groups, 2).argmax(axis=1) == targets
    assert hits.mean() < 0.75
    leaky = heads.out_of_fold(names, targets, np.arange(100), 2).argmax(axis=1) == targets
    assert leaky.mean() > 0.8


def test_nearest_neighbour_probe_by_hand():
    arrays = map(np.array, ([0, 0, 0, 1], [0, 0, 1, 1], list("abcd"), list("axxd")))
    row = probe.nearest_scores(*arrays, repeats=50)
    assert row["same_group"] == 0.5 and row["majority"] == 0.75
    assert row["accuracy"] == 0.75 and row["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert row["accuracy_low"] <= 0.75 <= row["accuracy_high"]


def test_probe_of_the_synthetic_set():
    table = probe.compute_probe(load_index("synthetic"), 2).assign(data="synthetic")
    grouped = table[table["kind"] == "grouped"]
    assert len(table) == 4 and (grouped["same_group"] == 0).all()
    summary = probe.probe_summary(table).set_index("kind")
    assert summary.loc["paper", "same_group"] > 0.02 and summary.loc["paper", "seeds"] == 2
    assert figures.probes(probe.probe_summary(table)).axes


def test_the_interval_of_a_probe_lies_about_the_mean_over_its_seeds():
    own = {"data": "d", "split": "s", "kind": "grouped", "n_train": 80, "n_test": 20, "same_group": 0.0,
           "majority": 0.5, "balanced_accuracy": 0.5}  # fmt: skip
    bounds = {"accuracy_low": 0.5, "accuracy_high": 0.8}  # of the first seed
    one = pd.DataFrame([own | bounds | {"seed": 0, "accuracy": 0.6}])
    assert probe.probe_summary(one)[["accuracy_low", "accuracy_high"]].to_numpy().tolist() == [[0.5, 0.8]]
    alike = pd.concat([one, one.assign(seed=1, accuracy=0.58), one.assign(seed=2, accuracy=0.59)])
    row = probe.probe_summary(alike).iloc[0]
    assert (row["accuracy"], row["accuracy_low"], row["accuracy_high"]) == pytest.approx((0.59, 0.49, 0.79))
    apart = pd.concat([one, one.assign(seed=1, accuracy=0.3), one.assign(seed=2, accuracy=0.9)])
    row = probe.probe_summary(apart).iloc[0]  # t of two degrees, sd 0.3
    reach = 4.303 * 0.3 * np.sqrt(1 / 3 + 1 / 4)
    assert row["accuracy_low"] == pytest.approx(max(0, 0.6 - reach), abs=0.05) and row["accuracy_high"] == 1


@pytest.fixture
def sites():
    rng = np.random.default_rng(1)
    group = [f"g{g:02d}" for g in np.repeat(np.arange(40), 2)]
    place = np.array(["a", "b", "c", "d"])[np.repeat(np.arange(40) % 4, 2)]
    index = index_of(np.array(["mel", "nv"])[np.repeat(rng.integers(0, 2, 40), 2)], group, site=place)
    index.loc[0, "site"] = "b"  # one lesion was photographed at two sites
    return index


def test_site_splits_keep_lesions_and_sites_apart(sites):
    folds = acquisition_site.held_out_sites(sites)
    assert [(f["site"], f["half"]) for f in folds] == [(s, h) for s in "abcd" for h in (0, 1)]
    for s in "abcd":
        tested = np.concatenate([f["test"] for f in folds if f["site"] == s])
        assert sorted(tested) == np.flatnonzero(sites["site"] == s).tolist()  # every image of the site, once
    for fold in folds:
        lesions = set(sites["group"][fold["test"]])
        for train in (fold["without"], fold["with_"]):
            assert not lesions & set(sites["group"][train])
        assert len(fold["without"]) == len(fold["with_"])
        assert fold["site"] not in set(sites["site"][fold["without"]])
        assert fold["site"] in set(sites["site"][fold["with_"]])


def test_site_prediction_and_transfer(sites):
    codes = sites["site"].map({"a": 0, "b": 1, "c": 2, "d": 3}).to_numpy()
    features = np.column_stack([np.eye(4)[codes], sites["label"]]).astype(np.float32)
    found = acquisition_site.compute_prediction(sites, features, repeats=20)
    scores = found["scores"].set_index("scope")
    assert scores.loc["all", "accuracy"] == 1.0 and scores.loc["all", "majority"] == pytest.approx(21 / 80)
    assert figures.site_confusion(found["confusion"]).axes
    transfer = acquisition_site.compute_transfer(sites, features, repeats=20)
    assert transfer["sites"]["n"].sum() == 80 and (transfer["sites"]["classes"] == 2).all()
    row = transfer["sites"].iloc[0]
    lost = pd.DataFrame({"accuracy_difference": [-0.062, -0.105], "accuracy_high": [-0.02, 0.01]})
    assert answers.site_left_out(lost, "ham10000") == (
        "In HAM10000, a site left out of training loses 6.2 to 10.5 points of accuracy (beyond chance at 1 of 2 sites)."
    )
    assert row["accuracy_difference"] == pytest.approx(row["accuracy_three"] - row["accuracy_four"])
    assert figures.acquisition_site_transfer(transfer["sites"]).axes


def test_strata_by_hand():
    index = index_of(
        ["mel"] * 4 + ["nv"] * 10,
        ["a", "a", "b", "c", *"defghijklm"],
        sex=["male", "male", "female", "female", *["male", "female"] * 5],
        age=[39, 39, 40, 59, *[60, np.nan] * 5],
    )
    score = np.array([0.9, 0.9, 0.1, 0.9, 0.95, *np.linspace(0, 0.2, 9)])  # one nevus of ten above the threshold
    positive = (index["dx"] == "mel").to_numpy()
    table = strata.strata_table(index, positive, score, score > 0.92).set_index(["stratum", "value"])
    assert table.loc[("all", "all"), ["n_mel", "lesions_mel", "n_other"]].tolist() == [4, 3, 10]
    assert table.loc[("all", "all"), "sensitivity"] == 0.75 and table.loc[("all", "all"), "specificity"] == 0.9
    assert table.loc[("all", "all"), "sensitivity_top"] == 0
    assert table.loc[("sex", "female"), "sensitivity"] == 0.5 and table.loc[("sex", "male"), "specificity"] == 0.8
    ages = table.loc["age"]
    assert ages["n_mel"].to_dict() == {"40 to 59": 2, "60 and over": 0, "under 40": 2, "unknown": 0}
    assert np.isnan(ages.loc["60 and over", "sensitivity"]) and np.isnan(ages.loc["60 and over", "sensitivity_low"])
    one = ages.loc["under 40"]  # two photographs of one lesion: n is 1
    found = one[["sensitivity", "sensitivity_high", "sensitivity_low"]].tolist()
    assert found == pytest.approx([1, 1, 0.2065], abs=1e-3)
    assert figures.strata_forest(table.reset_index()).axes
    contrast = strata.contrast_table(index, positive, score, repeats=50).set_index("stratum")
    assert set(contrast.loc["sex", ["first", "second"]]) == {"male", "female"}
    assert abs(contrast.loc["sex", "difference"]) == 0.5


def test_provenance_by_hand(tmp_path, few):
    ids = [f"{s}/{d}/{n}" for s in ("train", "test") for d in ("benign", "malignant") for n in range(2)]
    matches = pd.DataFrame([i.split("/")[:2] for i in ids], columns=["split", "dx"]).assign(image_id=ids)
    matches["ham10000_image_id"] = ["x", "x", "x", None, "x", "x", "x", None]
    matches["ham10000_dx"] = ["nv", "nv", "mel", None] * 2
    table = image_origin.made_of(matches)
    malignant = table.loc[table["dx"] == "malignant", ["elsewhere", "mel", "nv", "total"]]
    assert malignant.to_numpy().tolist() == 2 * [[1, 1, 0, 2]]
    rule = image_origin.source_rule(matches)  # elsewhere is malignant, HAM10000 mostly benign: three of four
    assert (rule["n"], rule["accuracy"], rule["majority"]) == (4, 0.75, 0.5)
    assert figures.composition(table).axes
    spec = make_spec(dataset="malignant-vs-benign", task="dx", split={"name": "malignant-vs-benign"})
    targets = np.array([0, 0, 1, 1])
    record = fake_record(tmp_path, spec, test=(targets, two_class_probs(targets, [3])))
    names = matches.assign(image_id=["-"] * 4 + [f"test{i:03d}" for i in range(4)])
    found = image_origin.inside_outside(by_seed([(planned(spec), record)]), names, 50)
    assert found["inside"].tolist() == [1.0] and found["outside"].tolist() == [0.0]
    assert found["accuracy_inside"].tolist() == [1.0] and found["n_outside"].tolist() == [1]


@pytest.mark.slow
def test_source_can_be_told_when_it_shows(tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path))
    index = load_index("synthetic").iloc[:80].reset_index(drop=True)
    index.attrs = load_index("synthetic").attrs
    index["dx"] = np.where(np.arange(80) % 2, "malignant", "benign")
    inside = np.arange(80) % 3 > 0
    index["ham10000_image_id"] = np.where(inside, "x", None)
    table = image_origin.compute_source(index, inside[:, None].astype(np.float32)).set_index(["scope", "inputs"])
    assert table.loc[("all", "features"), "auc"] == 1.0 and table.loc[("malignant", "features"), "n"] == 40
    assert table.loc[("all", "mean colour"), "auc"] < 0.8


def test_leakage_by_kind_of_model(tmp_path, counts, monkeypatch):
    """Heads, the constant answer, and the network with the most draws; frozen ones stay in their table."""
    runs, weights = [], {"backbone": "resnet18", "weights": "local"}
    for draw in range(3):
        for name, wrong in (("ham10000-image", []), ("ham10000-lesion", [0, 1] if draw else [0])):
            changes = {"split": {"name": name, "seed": draw}, "model": weights}
            runs.append(run(tmp_path, wrong, **changes))
    runs += [
        run(tmp_path, [], split={"name": n}, model=weights | {"train": "head"}, augmentation={})
        for n in ("ham10000-image", "ham10000-lesion")
    ]
    for _, record in runs:
        record.info["n"]["train"] = 32
    assert kinds.network_table(by_seed(runs), 400).empty  # eight images do not show that anything was learned
    monkeypatch.setattr(kinds, "learned", lambda record: True)
    networks = kinds.network_table(by_seed(runs), 400)
    assert networks["model"].tolist() == ["fine-tuned network", "frozen network"]
    assert networks["draws"].tolist() == [3, 1] and networks["leak"].tolist() == pytest.approx([500 / 24, 0])
    assert networks["splits"].tolist() == [1, 1]  # on the same test images draws are seeds
    table = kinds.leak_table(counts.assign(data="ham10000"), networks).set_index("model")
    assert table.index.tolist() == ["constant answer", "linear head", "nearest neighbour", "fine-tuned network"]
    assert table.loc["fine-tuned network", "made_of"] == "ResNet-18, fine-tuned, 224 px"
    twice = kinds.leak_table(counts.assign(data="ham10000"), pd.concat([networks, networks.iloc[:1]]))
    assert twice["made_of"].iloc[-1] == "mean of 2 recipes: ResNet-18, fine-tuned, 224 px"
    assert kinds.kinds_in_words(twice).tolist()[-2:] == ["nearest neighbour", "fine-tuned network, mean of 2 recipes"]
    assert table.loc["linear head", "made_of"] == "names, frozen, 16 px"
    assert table.loc["nearest neighbour", "leak"] > table.loc["linear head", "leak"]
    words = answers.leak(table.reset_index(), "ham10000")
    assert words.startswith("**HAM10000**") and "fine-tuned network" in words and "constant" not in words
    assert "could have seen" in words or "+20.8" in words
    both = pd.DataFrame({"data": ["ham10000", "ham10000", "ham10000", "dermamnist"], "leak": [None, 8.6, 1.7, 14.1]})
    assert answers.finding(both) == "Leakage adds +14.1 points on DermaMNIST and +1.7 to +8.6 points on HAM10000"
    assert figures.leak(table.reset_index()).axes
