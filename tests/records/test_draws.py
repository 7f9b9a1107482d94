"""Recipes over draws of the split."""

import numpy as np
import pytest
from scipy import stats

from lib.evaluation.draws import Plan
from lib.evaluation.measure import estimate
from lib.records.draws import by_draw, difference, metric_table, over_draws
from lib.records.seeds import by_seed
from tests.fakes.records import TARGETS, fake_record, in_memory, make_spec, planned, two_class_probs


def drawn(seed, wrong, images, split=None):
    """A run under split draw ``split`` (``seed`` by default) and training seed ``seed``, on test images ``images``."""
    spec = make_spec(seed=seed, split={"name": "ham10000-image", "seed": seed if split is None else split})
    info = {"classes": ["benign", "malignant"], "n": {"train": 16, "val": 8, "test": 8}, "images": images}
    sets = {"test": (TARGETS, two_class_probs(TARGETS, range(wrong)))}
    return planned(spec), in_memory(spec, info, sets, images=images)


@pytest.mark.parametrize("same", [True, False])
def test_draws_of_one_recipe_are_one_row_over_seeds_or_over_splits(same):
    recipes = by_seed([drawn(n, wrong, "i" if same else f"i{n}") for n, wrong in enumerate((0, 1, 2))])
    (one,) = by_draw(recipes)
    assert one.labels() == {k: v for k, v in recipes[0].labels().items() if k != "seeds"} | {
        "draws": 3,
        "learned": False,
    }
    estimate = one.measure("accuracy", 4000)
    assert estimate.value == 0.875 and estimate.levels[-1] == ("seeds" if same else "splits")
    if not same:  # Nadeau and Bengio: s^2 (1/J + test/train)
        half = stats.t.ppf(0.975, 2) * 0.125 * np.sqrt(1 / 3 + 8 / 16)
        assert estimate.interval() == (pytest.approx(0.875 - half, rel=0.1), 1)
    row = metric_table(recipes, ("accuracy", "balanced_accuracy", "nll"), repeats=200).iloc[0]
    assert (row["n"], row["draws"], row["interval_of"]) == (8, 3, "the recipe")
    assert row["balanced_accuracy"] == pytest.approx(0.875)
    wrong = np.array([0, 1, 2])
    assert row["nll"] == pytest.approx(np.mean(-((8 - wrong) * np.log(0.9) + wrong * np.log(0.1)) / 8))


def accuracy(record):
    return estimate("accuracy", *record.arrays("test"), Plan(2000))


def test_training_seeds_of_one_split_are_averaged_before_splits_are():
    def of(runs):
        (one,) = by_draw(by_seed(runs))
        return over_draws({d: accuracy(r) for d, r in one.records.items()}, one.records)

    found = of([drawn(seed, wrong, f"i{n}", split=n) for n, pair in enumerate([(0, 4), (1, 1), (2, 2)])
                for seed, wrong in enumerate(pair)])  # fmt: skip
    assert found.values.tolist() == [0.75, 0.875, 0.75] and found.levels[-1] == "splits"
    few = of([drawn(seed, 1, f"i{n}", split=n) for n in (0, 1) for seed in (0, 1)])
    assert few.levels == ("lesions",), "two splits, however often trained on, do not speak of the recipe"


@pytest.mark.parametrize("drawn_side", [0, 1])
def test_a_difference_is_over_splits_if_either_side_is(drawn_side):
    fixed = {(n, 0): drawn(n, n, "i")[1] for n in range(3)}
    other = {(n, 0): drawn(n, 1, f"i{n}")[1] for n in range(3)}
    sides = (other, fixed) if drawn_side == 0 else (fixed, other)
    assert difference(*sides, accuracy, accuracy).levels[-1] == "splits"
    assert difference(fixed, fixed, accuracy, accuracy).levels[-1] == "seeds"


def test_undefined_metric_is_nan(tmp_path):
    targets = np.zeros(4, int)
    record = fake_record(tmp_path, make_spec(), test=(targets, two_class_probs(targets, [0])))
    assert record.info["metrics"]["best"]["test"]["macro_auc_ovr"] is None
    row = metric_table(by_seed([(planned(make_spec()), record)]), ("accuracy", "macro_auc_ovr"), repeats=20).iloc[0]
    assert row["accuracy"] == 0.75 and np.isnan(row["macro_auc_ovr"]) and row["interval_of"] == "these networks"
