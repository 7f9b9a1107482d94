"""Pools of made-up records: eight test images in four lesions, errors known."""

import numpy as np
import pandas as pd
import pytest

from lib.records.seeds import by_seed
from lib.studies.ensembles import figures, gains, pools, tables
from tests.fakes.records import TARGETS, fake_record, make_spec, planned, two_class_probs


def run(results, backbone, wrong, seed=0, val_wrong=None, **changes):
    spec = make_spec(model={"backbone": backbone, "weights": "none"}, seed=seed, **changes)
    probs = [two_class_probs(TARGETS, w, 0.8) for w in (wrong if val_wrong is None else val_wrong, wrong)]
    return planned(spec, backbone), fake_record(results, spec, val=(TARGETS, probs[0]), test=(TARGETS, probs[1]))


@pytest.fixture
def pool(tmp_path):
    runs = [
        run(tmp_path, "resnet50", [0, 1], seed=0),
        run(tmp_path, "resnet50", [0, 4], seed=1),
        run(tmp_path, "resnet50", [0, 5], seed=2),
        run(tmp_path, "resnet18", [0]),
        run(tmp_path, "vit_tiny_patch16_224", [2, 3, 6]),
        run(tmp_path, "vit_tiny_patch16_224", [2], split={"name": "ham10000-lesion"}),
    ]
    found = pools.pools(by_seed(runs))
    assert len(found) == 1  # the grouped split's single model is no pool
    return found[0]


def test_pool_knows_its_members(pool):
    names = ("resnet50 224 px, scratch", "resnet18 224 px, scratch", "vit_tiny_patch16_224 224 px, scratch")
    assert pool.names == names and pool.best() == 1
    data = "ham10000, melanoma against nv, df, bkl"
    where = {"where": f"{data.replace('ham', 'HAM')}, paper's split, 8 images", "n": 8}
    known = {"members": 3, "unlearned": 3, "constant": 0.5}
    assert pool.labels == {"data": data, "split": "paper"} | where | known


def test_pools_part_where_pictures_differ_in_size(tmp_path):
    runs = [run(tmp_path, b, [0], seed=s) for s in (0, 1) for b in ("resnet50", "resnet18")]
    runs = [*runs, *(run(tmp_path, b, [0], image_size=64) for b in ("resnet50", "resnet18"))]
    for number, (_, record) in enumerate(runs):
        record.info["data"] = {"ham10000": {"picture_px": "200x150" if number < 4 else "320x240"}}
    small, large = pools.pools(by_seed(runs))
    assert small.labels["where"].endswith("8 images 200x150") and large.labels["where"].endswith("8 images 320x240")
    assert small.setting != large.setting


@pytest.mark.parametrize(
    "backbone, name",
    [("convnextv2_tiny", "convnext"), ("convnext_small", "convnext"), ("mobilenetv2_100", "mobilenet"),
     ("vit_tiny_patch16_224", "vit"), ("tf_efficientnetv2_l", "efficientnet"), ("efficientnet_b3", "efficientnet")],
)  # fmt: skip
def test_family(backbone, name):
    assert pools.family(backbone) == name


def test_pairs_by_hand(pool):
    table, effects = tables.pair_table(pool, 50)
    table = table.set_index(["first", "second"])
    assert table["kind"].tolist() == ["one family", "two families", "two families", "two seeds"]
    own = table.iloc[0]  # wrong [0, 1] and [0]: the surer side of a tie is the first class, so that image 1 is right
    assert own["disagreement"] == 1 / 8 and own["q_statistic"] == 1.0 and own["accuracy_gap"] == 1 / 8
    assert own["gain_over_mean"] == pytest.approx(7 / 8 - (6 / 8 + 7 / 8) / 2)
    assert own["gain_over_better"] == 0
    far = table.iloc[1]  # wrong [0, 1] and [2, 3, 6]: ties go to class 0, so that only image 6 stays wrong
    assert far["disagreement"] == 5 / 8 and far["q_statistic"] == -1.0
    assert far["gain_over_better"] == pytest.approx(1 / 8)
    slope, _ = np.polyfit(table["disagreement"], table["gain_over_better"], 1)
    assert effects["gain_over_better"].value == pytest.approx(tables.STEP * slope)
    kinds = table.groupby("kind")["gain_over_better"].mean()
    assert effects["two_families"].value == pytest.approx(kinds["two families"] - kinds["one family"])


def test_strategies_and_members(pool):
    table = tables.strategy_table(pool, 50).set_index("strategy")
    assert set(table.index) == {*tables.STRATEGIES, tables.REFITTED}
    # Votes of the first seeds: images 0 has two wrong of three, the others at most one.
    assert table.loc["majority_vote", "accuracy"] == 7 / 8
    assert table.loc["majority_vote", "gain"] == 0 and set(table["best_member"]) == {pool.names[1]}
    assert table.loc["majority_vote", "balanced_gain"] == 0
    against = tables.mean_against_members(pool, 50).set_index("member")
    assert against["accuracy"].tolist() == pytest.approx([1 / 8, 0, 2 / 8])


def test_seeds_against_architectures_by_hand(tmp_path, pool):
    assert tables.seeds_against_architectures(pool, 50).empty  # one recipe alone has three seeds
    runs = [run(tmp_path, b, [0, s + d], seed=s) for d, b in ((1, "resnet50"), (4, "resnet18")) for s in (0, 1)]
    two = pools.pools(by_seed(runs))[0]
    table = tables.seeds_against_architectures(two, 50, size=2).set_index("kind")
    # Each pair shares image 0; its other errors are ties, which class 0 wins: right for images 1, 2, wrong for 4, 5.
    assert table.loc["seeds of one recipe", "ensembles"] == 2
    assert table.loc["seeds of one recipe", "accuracy"] == pytest.approx((7 / 8 + 5 / 8) / 2)
    assert table.loc["seeds of one recipe", "gain"] == pytest.approx((7 / 8 + 5 / 8) / 2 - 6 / 8)
    assert table.loc["different recipes", "accuracy"] == pytest.approx(6 / 8)


def test_cost_curve_adds_the_best_first(pool):
    backbones = ["resnet50", "resnet18", "vit_tiny_patch16_224"]
    costs = pd.DataFrame({"backbone": backbones, "px": 224, "parameters": [25.0, 11.0, 5.0], "gmacs": [4.0, 2.0, 1.0]})
    table = tables.cost_curve(pool, costs, 50)
    assert table["added"].str.split().str[0].tolist() == ["resnet18", "resnet50", "vit_tiny_patch16_224"]
    assert table["gmacs"].tolist() == [2.0, 6.0, 7.0] and table["parameters"].tolist() == [11.0, 36.0, 41.0]
    assert table["gain"].tolist() == pytest.approx([0, 0, 0]) and np.isnan(table["points_per_gmac"][0])


def test_figures_draw(pool):
    costs = pd.DataFrame({"backbone": [m.spec.model.backbone for m in pool.members], "px": 224})
    costs = costs.assign(parameters=1.0, gmacs=1.0)
    pairs, _ = tables.pair_table(pool, 20)
    gain = gains.gain_table([pool], [tables.strategy_table(pool, 20)])
    assert len(figures.strategy_gains(gain[gain["strategy"] == gains.MEAN]).axes) == 1
    assert figures.diversity_gain(pairs).axes
    assert figures.cost_curves(tables.cost_curve(pool, costs, 20)).axes


def test_gains_over_draws_of_the_split(tmp_path, monkeypatch):
    """Three draws: each pool's gain counts once, and the interval is over them."""
    runs = []
    for draw, wrong in enumerate(([4, 5], [4], [])):
        errors = {"resnet50": [0, 1][draw % 2 :], "vit_tiny_patch16_224": wrong, "resnet18": [4, 7]}
        split = {"name": "ham10000-image", "seed": draw}
        for backbone, own in errors.items():
            val_wrong = [0] if backbone == "resnet50" else [0, 1]
            runs.append(run(tmp_path / str(draw), backbone, own, val_wrong=val_wrong, split=split))
            runs[-1][1].info["n"]["train"] = 32
    found = pools.pools(by_seed(runs))
    each = [tables.strategy_table(p, 200) for p in found]
    table = gains.gain_table(found, each)
    row = table.set_index("strategy").loc["mean"]
    assert row["members"] == "3" and row["gain"] == pytest.approx(100 * np.mean([t["gain"][0] for t in each]))
    assert row["gain_low"] <= row["gain"] <= row["gain_high"]
    assert row["where"].endswith("over 3 draws") and f"8 images: {row['gain']:+.1f} [-" in gains.averaging(table)
    assert "0 of 1 intervals over draws" in gains.finding(table)
    ways = gains.by_strategy(table)
    assert ways["strategy"].tolist() == [*tables.STRATEGIES, tables.REFITTED]
    assert "The best of 7 ways" in gains.strategies(ways)
    pairs = [tables.pair_table(p, 200) for p in found]
    assert gains.diversity(gains.diversity_table(found, pairs)).startswith("No pool")  # three pairs each are too few
    monkeypatch.setattr(gains, "FEWEST_PAIRS", 3)
    unlike = gains.diversity_table(found, pairs)
    values = [100 * effects["gain_over_better"].value for _, effects in pairs]
    assert unlike["pairs"].tolist() == [9] and unlike["gain_over_better"][0] == pytest.approx(np.mean(values))
    assert "1 sets of test images" in gains.diversity(unlike)
    against = pd.concat([tables.mean_against_members(p, 50) for p in found[:1]])
    told = gains.against_strongest(against)
    assert told.startswith(f"The mean of saykat2025's {len(against)} networks") and "HAM10000" in told
