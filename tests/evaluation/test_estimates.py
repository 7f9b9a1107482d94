"""Estimates: arithmetic on the same draws, levels, and whether 95 % intervals hold the truth in 95 % of cases."""

import numpy as np
import pytest
from scipy import stats

from lib.core.errors import StudyError
from lib.evaluation.draws import Plan, Resamples
from lib.evaluation.estimates import Estimate, mean, over_seeds, over_splits, ranks, smallest_detectable
from lib.evaluation.measure import estimate, mean_of

PLAN = Plan(1000)


def known(value: float, draws=None, plan: Plan = PLAN) -> Estimate:
    draws = np.full(plan.repeats, value) if draws is None else np.asarray(draws, float)
    return Estimate(plan, np.array([value]), lambda: draws.copy()[None])


def test_draws_are_made_once_and_only_when_asked_for():
    made = []
    one = Estimate(PLAN, np.array([0.5]), lambda: made.append(1) or np.full((1, 1000), 0.5))
    twice = 2 * over_seeds({0: one, 1: one}) + 1
    assert twice.value == 2 and not made
    assert twice.interval() == twice.interval() == (2, 2) and len(made) == 1


def test_a_lesion_is_drawn_alike_wherever_it_is():
    first = np.concatenate(list(Resamples.of(["a", "b", "b", "c"], 4, Plan(6000)).blocks()), axis=1)
    second = np.concatenate(list(Resamples.of(["c", "x", "a"], 3, Plan(3000)).blocks()), axis=1)
    assert first.shape == (3, 6000)
    assert (first[[2, 0], :3000] == second[[0, 2]]).all()
    assert abs(np.corrcoef(first)[np.triu_indices(3, 1)]).max() < 0.05
    share = np.bincount(first.astype(int).ravel(), minlength=8)[:4] / first.size
    assert share == pytest.approx(stats.poisson.pmf(range(4), 1), abs=0.01)
    other = np.concatenate(list(Resamples.of(["a"], 1, Plan(3000, seed=1)).blocks()), axis=1)
    assert (other != first[0, :3000]).any()


def test_arithmetic_is_draw_by_draw():
    rng = np.random.default_rng(0)
    a, b = known(2.0, rng.normal(2, 1, 1000)), known(1.0, rng.normal(1, 1, 1000))
    found = 0.5 * (a - b) + mean([a, b])
    assert found.value == 2.0
    assert found.draws == pytest.approx(a.draws)
    assert (a - a).interval() == (0, 0) and (a - a).p == 1
    with pytest.raises(ValueError):
        a.draws[0] = 0
    with pytest.raises(StudyError, match="different draws"):
        a - known(1.0, plan=Plan(1000, seed=1))
    moved = over_seeds({0: a, 1: b}).moved_to([5.0, 6.0])
    assert moved.value == 5.5 and moved.draws == pytest.approx((a.draws + 3 + b.draws + 5) / 2)
    assert (a + 0.5).draws == pytest.approx(a.draws + 0.5) and (a + 0.5).value == 2.5


def test_differences_are_over_the_seeds_that_both_have():
    five, three = (over_seeds({s: known(s + n) for s in range(n)}) for n in (5, 3))
    found = five - three
    assert (found.value, found.runs, found.sd) == (2, (0, 1, 2), 0)
    assert found.draws == pytest.approx(2)  # what the recipes share by seed cancels
    with pytest.raises(StudyError, match="no seed in common"):
        three - over_seeds({7: known(1.0)})
    pool = known(9.0)  # of one network of each of several recipes: no seed
    assert (three - pool).runs == () and (three - pool).levels == ("lesions",) and (three - pool).value == 4 - 9


def test_interval_p_and_undefined_draws():
    draws = np.r_[np.linspace(-1, 9, 999), np.nan]
    found = known(4.0, draws)
    assert found.undefined == 1 and found.row("x")["x_undefined_draws"] == 1
    assert set(known(0.5).row("x", "low", "high")) == {"x", "low", "high"}  # said only where there are any
    assert found.interval(0.5) == pytest.approx((1.5, 6.5))
    below = (draws <= 0).sum()
    assert found.p == pytest.approx(2 * (below + 1) / 1000)
    assert known(4.0, np.abs(draws) + 1).p == pytest.approx(2 / 1000)  # never 0
    nothing = known(np.nan, np.full(1000, np.nan))
    assert nothing.undefined == 1000 and np.isnan([*nothing.interval(), nothing.p, nothing.se]).all()
    assert known(4.0, np.abs(draws) + 1).sign == "higher" and found.sign == "undecided"


def test_seeds_are_drawn_from_three_on():
    two, three = (over_seeds({s: known(float(s)) for s in range(n)}) for n in (2, 3))
    assert (two.value, two.levels, two.speaks_of, two.se) == (0.5, ("lesions",), "these networks", 0)
    assert (three.value, three.levels, three.speaks_of) == (1.0, ("lesions", "seeds"), "the recipe")
    reach = stats.t.ppf(0.975, 2) / np.sqrt(3)
    many = over_seeds({s: known(float(s), plan=Plan(10_000)) for s in range(3)})
    assert many.interval() == pytest.approx((1 - reach, 1 + reach), rel=0.1)
    assert three.sd == 1 and np.isnan(known(1.0).sd)
    assert mean([two, three]).levels == ("lesions",)


def test_splits_have_nadeau_and_bengios_variance():
    values = {j: float(v) for j, v in enumerate([0.70, 0.74, 0.69, 0.75, 0.72])}
    found = over_splits(values, 0.25, Plan(10_000))
    reach = stats.t.ppf(0.975, 4) * np.std(list(values.values()), ddof=1) * np.sqrt(1 / 5 + 0.25)
    assert found.interval() == pytest.approx((0.72 - reach, 0.72 + reach), abs=0.004)
    assert found.levels == ("lesions", "seeds", "splits")
    lower = over_splits({j: v - 0.1 for j, v in values.items()}, 0.25, Plan(10_000))
    assert (found - lower).interval() == pytest.approx((0.1, 0.1))
    with pytest.raises(StudyError, match="one level"):
        found - known(0.5, plan=Plan(10_000))
    two = over_splits({0: 0.5, 1: 0.6}, 0.25, PLAN)
    assert two.value == 0.55 and np.isnan(two.interval()).all()


def test_splits_that_agree_by_chance_are_no_surer_than_their_lesions():
    rng = np.random.default_rng(0)
    agree = {j: known(0.70 + 0.001 * j, rng.normal(0.70, 0.02, 10_000), Plan(10_000)) for j in range(3)}
    found = over_splits(agree, 0.25)
    reach = 1.96 * 0.02 * np.sqrt(1 / 3 + 0.25)
    assert found.interval() == pytest.approx((0.701 - reach, 0.701 + reach), rel=0.1)
    narrow = over_splits({j: e.value for j, e in agree.items()}, 0.25, Plan(10_000)).interval()
    assert narrow[1] - narrow[0] < (found.interval()[1] - found.interval()[0]) / 5


def test_an_interval_stays_within_what_the_metric_can_be():
    targets = np.repeat([0, 1], 50)
    probs = np.eye(2)[targets]
    right = [estimate("accuracy", targets, np.eye(2)[targets ^ (np.arange(100) < n)], None, PLAN) for n in (0, 1, 30)]
    recipe = over_seeds(dict(enumerate(right)))
    assert recipe.interval()[1] == 1 and (100 * recipe).interval()[1] == 100
    assert (recipe - right[0]).bounds == (recipe + 1.0).bounds == (-np.inf, np.inf)
    assert estimate("nll", targets, probs, None, PLAN).bounds == (-np.inf, np.inf)


def test_ranks():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=1000)
    table = ranks({"low": known(0.0, noise), "high": known(1.0, noise + 1), "wild": known(0.5, 5 * noise[::-1])})
    assert table["name"].tolist() == ["high", "wild", "low"]
    assert table["rank"].tolist() == [1, 2, 3]
    low = table.set_index("name")
    assert low.loc["low", "low"] == 2 and low.loc["wild", ["low", "high"]].tolist() == [1, 3]
    assert low["first"].sum() == pytest.approx(1)


def test_ranks_are_of_the_draws_in_which_all_are_defined():
    often, seldom = np.repeat([2.0, np.nan], 500), np.repeat([0.0, 3.0], 500)
    table = ranks({"often": known(2.0, often), "seldom": known(1.0, seldom)})
    assert table[["name", "low", "high", "first"]].values.tolist() == [["often", 1, 1, 1], ["seldom", 2, 2, 0]]


def test_an_effect_of_the_smallest_detectable_size_is_found_in_four_of_five():
    rng = np.random.default_rng(0)
    first = known(0.0, rng.normal(0, 1, 1000))
    effect = smallest_detectable(first)
    assert effect == pytest.approx(2.8, abs=0.2)
    seen = [known(0, rng.normal(rng.normal(effect), 1, 1000)).p < 0.05 for _ in range(500)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.08)


def test_three_runs_see_less_than_their_standard_error_would_tell():
    three = over_seeds({s: known(float(s), plan=Plan(10_000)) for s in range(3)})
    wanted = stats.t.ppf([0.975, 0.8], 2).sum() / np.sqrt(3)
    assert smallest_detectable(three) == pytest.approx(wanted, rel=0.05)


def covered(estimates, truth: float) -> float:
    return np.mean([low <= truth <= high for low, high in (e.interval() for e in estimates)])


def test_coverage_over_lesions():
    """Accuracy of 150 lesions with one to six photographs, which are right or wrong together."""
    rng = np.random.default_rng(0)

    def sample():
        photos = rng.integers(1, 7, size=150)
        easy = np.repeat(rng.beta(2, 1, size=150), photos)  # mean 2/3
        return rng.random(len(easy)) < easy, np.repeat(np.arange(150), photos)

    drawn = [sample() for _ in range(300)]
    clustered = covered((mean_of(*d, PLAN) for d in drawn), 2 / 3)
    assert 0.90 <= clustered <= 0.98
    assert covered((mean_of(right, None, PLAN) for right, _ in drawn), 2 / 3) < clustered - 0.05


def test_coverage_of_a_difference_of_macro_auc():
    rng = np.random.default_rng(1)

    def sample(n: int):
        targets = rng.integers(2, size=n)
        shared = rng.normal(size=n) + targets
        scores = [1 / (1 + np.exp(-(shared + rng.normal(size=n) * sd))) for sd in (0.5, 1.0)]
        return targets, [np.column_stack([1 - s, s]) for s in scores]

    def difference(targets, probs) -> Estimate:
        first, second = (estimate("macro_auc_ovr", targets, p, None, PLAN) for p in probs)
        return first - second

    exact = [stats.norm.cdf(1 / np.sqrt(2 * (1 + sd**2))) for sd in (0.5, 1.0)]
    assert 0.90 <= covered((difference(*sample(120)) for _ in range(200)), exact[0] - exact[1]) <= 0.98


@pytest.mark.parametrize("seeds", [3, 5])
def test_coverage_over_seeds(seeds):
    """A recipe's accuracy, 0.7: its trainings differ with a standard deviation of 8 points, on 200 test images."""
    rng = np.random.default_rng(2)

    def sample() -> dict[int, Estimate]:
        easy = stats.norm.ppf(rng.random(200))
        shift = rng.normal(0, 0.24, size=seeds)
        return {s: mean_of(easy < stats.norm.ppf(0.7) + shift[s], None, PLAN) for s in range(seeds)}

    drawn = [sample() for _ in range(250)]
    truth = stats.norm.cdf(stats.norm.ppf(0.7) / np.sqrt(1 + 0.24**2))
    assert 0.90 <= covered(map(over_seeds, drawn), truth) <= 0.985
    assert covered((mean(list(d.values())) for d in drawn), truth) < 0.90


def test_coverage_over_splits():
    """Nearest class mean trained on 80 % and tested on 20 % of 200 images, five times; truth: such trainings' mean."""
    rng = np.random.default_rng(3)

    def draw(n: int):
        targets = rng.integers(2, size=n)
        return rng.normal(size=(n, 10)) + 0.9 * (2 * targets[:, None] - 1) * (np.arange(10) == 0), targets

    def accuracy(train, test) -> float:
        (x, y), (u, v) = train, test
        means = [x[y == c].mean(axis=0) for c in (0, 1)]
        axis = means[1] - means[0]
        return float((((u - np.mean(means, axis=0)) @ axis > 0) == v).mean())

    def repeated() -> Estimate:
        x, y = draw(200)
        orders = [rng.permutation(200) for _ in range(5)]
        values = {j: accuracy((x[o[:160]], y[o[:160]]), (x[o[160:]], y[o[160:]])) for j, o in enumerate(orders)}
        return over_splits(values, 40 / 160, PLAN)

    many = draw(50_000)
    truth = np.mean([accuracy(draw(160), many) for _ in range(100)])
    assert 0.90 <= covered((repeated() for _ in range(300)), truth) <= 0.98
