"""McNemar, implied n, bootstrap widths and distinguishability on made-up counts."""

import numpy as np
import pytest
from scipy import stats

from lib.audit.checks import comparisons
from lib.audit.checks.rounding import Rounded, rounded
from tests.fakes.outcomes import verdicts

P, HALF = 0.8, 1.96 * np.sqrt(0.8 * 0.2 / 400)
WIDTH = Rounded(P, 0), Rounded(P - HALF, 5e-5), Rounded(P + HALF, 5e-5)  # of an interval on 400 images
RANGES = {"a": (988, 992), "b": (990, 996), "c": (930, 938)}

test_verdicts = verdicts(
    (comparisons.mcnemar_agrees, (rounded("0.0352"), 12, 3), "consistent", "the exact p"),
    (comparisons.mcnemar_agrees, (rounded("0.0201"), 12, 3), "consistent"),
    (comparisons.mcnemar_agrees, (rounded("0.0100"), 12, 3), "inconsistent"),
    (comparisons.n_from_discordance, (30, 10, rounded("0.100"), 200), "consistent"),
    (comparisons.n_from_discordance, (30, 10, rounded("0.100"), 300), "inconsistent"),
    (comparisons.common_n, ([(198, 202), (195, 200)], 199), "consistent"),
    (comparisons.common_n, ([(198, 202), (195, 200)], 300), "inconsistent", "n = 198 to 200"),
    (comparisons.common_n, ([(198, 199), (201, 202), (203, 204)], 300), "inconsistent", "n about 202"),
    # exact two-sided p: 2 · (1/2)^6 = 0.031 and 2 · (1/2)^5 = 0.062
    (comparisons.told_apart, (6, 0), "consistent"),
    (comparisons.told_apart, (0, 5), "underpowered", "0.062"),
    (comparisons.discordance_possible, (10, 5, 90, 100), "consistent"),
    (comparisons.discordance_possible, (10, 11, 90, 100), "inconsistent"),
    (comparisons.bootstrap_width, (*WIDTH, 400), "consistent"),
    (comparisons.bootstrap_width, (*WIDTH, 700), "inconsistent"),
    (comparisons.distinguishable, (rounded("0.95"), rounded("0.60"), 100), "consistent"),
    (comparisons.distinguishable, (rounded("0.95"), rounded("0.88"), 100), "underpowered", "depends on the overlap"),
    (comparisons.distinguishable, (rounded("0.95"), rounded("0.94"), 100), "underpowered", "not distinguishable"),
    (comparisons.holds_elsewhere, (rounded("0.90"), 500, rounded("0.88"), 500), "consistent"),
    (comparisons.holds_elsewhere, (rounded("0.90"), 500, rounded("0.70"), 500), "inconsistent"),
    (comparisons.at_least_as_good, (rounded("0.90"), 1000, rounded("0.80"), 1000), "consistent", "surpassing"),
    (comparisons.at_least_as_good, (rounded("0.80"), 1000, rounded("0.81"), 1000), "consistent", "matching"),
    (comparisons.at_least_as_good, (rounded("0.80"), 1000, rounded("0.90"), 1000), "inconsistent"),
    (comparisons.like_the_others, (RANGES, "a"), "consistent"),
    (comparisons.like_the_others, (RANGES, "c"), "inconsistent"),
)


def test_mcnemar_forms():
    forms = comparisons.mcnemar_p(12, 3)
    assert forms["exact"] == pytest.approx(2 * stats.binom.cdf(3, 15, 0.5))
    assert forms["chi-square"] == pytest.approx(stats.chi2.sf(81 / 15, 1))
    assert forms["continuity-corrected"] == pytest.approx(stats.chi2.sf(64 / 15, 1))


def test_implied_n():
    low, high = comparisons.implied_n(30, 10, rounded("0.100"))
    assert low == pytest.approx(20 / 0.1005) and high == pytest.approx(20 / 0.0995)
    assert comparisons.implied_n(10, 30, rounded("-0.100")) == pytest.approx((low, high))


def test_width_implied_n_recovers_the_n_of_a_real_bootstrap():
    random = np.random.default_rng(0)
    right = random.random(400) < 0.8
    means = random.choice(right, (1000, 400)).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    assert comparisons.width_implied_n(right.mean(), low, high) == pytest.approx(400, rel=0.2)


def test_paired_p_range():
    best, worst = comparisons.paired_p_range(95, 90, 100)
    assert best == pytest.approx(0.5**4)
    assert worst == pytest.approx(comparisons.mcnemar_p(10, 5)["exact"])


def test_independent_difference():
    gain, low, high = comparisons.independent_difference(0.9, 1000, 0.8, 1000)
    assert gain == pytest.approx(0.1) and 0.06 < low < 0.1 < high < 0.14


def _made_up(n, correct):
    """Accuracies as bootstrap means and the paired gaps to the first model."""
    random = np.random.default_rng(1)
    noise = {m: random.normal(0, np.sqrt(k / n * (1 - k / n) / n / 1000)) for m, k in correct.items()}
    first = next(iter(correct))
    gaps = {m: correct[first] - k for m, k in correct.items() if m != first}
    return {m: round(k / n + noise[m], 4) for m, k in correct.items()}, gaps, first


def test_counts_and_gaps_find_the_n_behind_bootstrap_means():
    accuracies, gaps, first = _made_up(500, {"a": 450, "b": 420, "c": 350})
    assert comparisons.counts_and_gaps(accuracies, gaps, first, 500).verdict == "consistent"
    failed = comparisons.counts_and_gaps(accuracies, gaps, first, 700)
    assert failed.verdict == "inconsistent"
    low, high = (int(x) for x in failed.implied.removeprefix("n = ").split(" to "))
    assert low <= 500 <= high < 520
    assert comparisons.means_of_resamples(accuracies, gaps, first, [500])[0] == 450


def test_noise_of_means():
    # Width 0.0392 is a deviation of 0.01 a resample: four errors of a mean of 1,000 are 0.00126, of two 0.00179.
    width = rounded("0.9000"), rounded("0.9392")
    assert comparisons.noise_of_means([width]) == pytest.approx(0.00126, abs=1e-5)
    assert comparisons.noise_of_means([width, width]) == pytest.approx(0.00179, abs=1e-5)
