"""Comparisons of accuracies: McNemar's test, the n it implies, bootstrap widths, what n can tell apart at all."""

import functools
import math
from collections.abc import Mapping, Sequence
from statistics import median_high

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep

from lib.audit.checks.rounding import Rounded, counts_behind, range_text
from lib.audit.finding import Outcome, judged

Z95 = float(stats.norm.ppf(0.975))


@functools.cache
def mcnemar_p(b: int, c: int) -> dict[str, float]:
    """p of McNemar's test from the discordant counts: ``exact``, ``chi-square`` and ``continuity-corrected``."""
    if b + c == 0:
        return dict.fromkeys(("exact", "chi-square", "continuity-corrected"), 1.0)
    table = [[0, b], [c, 0]]
    return {
        "exact": float(mcnemar(table, exact=True).pvalue),
        "chi-square": float(mcnemar(table, exact=False, correction=False).pvalue),
        "continuity-corrected": float(mcnemar(table, exact=False, correction=True).pvalue),
    }


def mcnemar_agrees(p: Rounded, b: int, c: int) -> Outcome:
    """Does the printed p follow from b and c by one of the three usual forms?"""
    forms = mcnemar_p(b, c)
    implied = ", ".join(f"{name} {value:.4g}" for name, value in forms.items())
    fits = [name for name, value in forms.items() if abs(value - p.value) <= p.half * (1 + 1e-6)]
    which = f"It is the {' and the '.join(fits)} p." if fits else "None of the three forms gives it."
    return judged(bool(fits), implied, f"b = {b}, c = {c}: {implied}; printed is {p}. {which}")


def implied_n(b: int, c: int, delta: Rounded) -> tuple[float, float]:
    """Range of n from (b − c)/n = delta, the paired accuracy difference, up to the rounding of delta."""
    ends = [(b - c) / edge if edge else math.inf for edge in (delta.low, delta.high)]
    return min(ends), max(ends)


def n_from_discordance(b: int, c: int, delta: Rounded, stated: int) -> Outcome:
    """Do the discordant counts and the accuracy difference belong to the stated n?"""
    low, high = implied_n(b, c, delta)
    implied = f"n = {range_text(low, high, 0)}"
    text = f"({b} − {c}) / {delta} gives {implied}; stated are {stated} test images."
    return judged(low <= stated <= high, implied, text)


def common_n(ranges: Sequence[tuple[float, float]], stated: int) -> Outcome:
    """Which n lies within all ranges of :func:`implied_n`, and is it the stated one? Else the median of the ranges."""
    low, high = max(r[0] for r in ranges), min(r[1] for r in ranges)
    if math.ceil(low) <= math.floor(high):
        implied = f"n = {math.ceil(low)} to {math.floor(high)}"
        text = f"All {len(ranges)} pairs agree on {implied}; stated is {stated}."
        return judged(low <= stated <= high, implied, text)
    middle = median_high(sum(r) / 2 for r in ranges)
    least, most = min(r[0] for r in ranges), max(r[1] for r in ranges)
    text = (
        f"(b − c) / accuracy difference gives n from {least:.0f} to {most:.0f} in the {len(ranges)} pairs (median "
        f"{middle:.0f}; no single n fits all to the last digit); stated is {stated}."
    )
    return judged(least <= stated <= most, f"n about {middle:.0f}", text)


def like_the_others(ranges: Mapping[str, tuple[float, float]], name: str, limit: float = 0.05) -> Outcome:
    """Does one pair's n (a range of :func:`implied_n`) lie within ``limit`` of the median of all pairs?

    Whatever the test set was, all pairs have it in common; ``limit`` leaves room for resampling noise in a difference.
    """
    middle = float(np.median([sum(r) / 2 for r in ranges.values()]))
    low, high = ranges[name]
    text = f"This pair implies n of {range_text(low, high, 0)}, all together {middle:.0f}."
    return judged(low <= middle * (1 + limit) and high >= middle * (1 - limit), f"about {middle:.0f}", text)


def noise_of_means(intervals: Sequence[tuple[Rounded, Rounded]], resamples: int = 1000, errors: float = 4.0) -> float:
    """How far a sum of means over ``resamples`` may be from the values: ``errors`` standard errors.

    ``intervals``: 95 % percentile intervals of the parts, whose widths give the deviation of one resample.
    """
    sds = [(high.value - low.value) / (2 * Z95) for low, high in intervals]
    return errors * math.sqrt(sum(sd**2 for sd in sds) / resamples)


def spread(p: float) -> float:
    """Standard deviation of one case at proportion ``p``; that of a tenth of a per cent near 0 and 1."""
    p = min(max(p, 0.001), 0.999)
    return math.sqrt(p * (1 - p))


def discordance_possible(b: int, c: int, correct_reference: int, n: int) -> Outcome:
    """Can a reference that is right ``correct_reference`` times of n have these discordant counts?

    b: model wrong, reference right, so b <= correct_reference; c: model right, reference wrong, so
    c <= n − correct_reference.
    """
    holds = b <= correct_reference and c <= n - correct_reference
    both_wrong = n - correct_reference - c
    text = (
        f"With {correct_reference}/{n} right, b = {b} and c = {c} leave {correct_reference - b} images that both and "
        f"{both_wrong} that neither gets right."
    )
    return judged(holds, f"model right {correct_reference - b + c}/{n}", text)


def width_implied_n(p: float, low: float, high: float) -> float:
    """n at which a normal (or bootstrap) interval of a proportion ``p`` is as wide as [low, high]."""
    return p * (1 - p) * (2 * Z95 / (high - low)) ** 2


def bootstrap_width(p: Rounded, low: Rounded, high: Rounded, stated: int, tolerance: float = 0.12) -> Outcome:
    """Is a printed 95 % bootstrap interval of an accuracy as wide as the stated n makes it?

    ``tolerance``: relative difference in width that Monte-Carlo noise explains; quantiles of 1,000 resamples give a
    width with a standard deviation of about 3 %, so 12 % is four of them.
    """
    if not (0 < p.value < 1 and high.value > low.value):
        return Outcome("inconsistent", "no n", f"{p} in [{low}, {high}] is no accuracy with an interval.")
    n = width_implied_n(p.value, low.value, high.value)
    expected = 2 * Z95 * math.sqrt(p.value * (1 - p.value) / stated)
    width = high.value - low.value
    text = f"Width {width:.4f}; at n = {stated} it would be {expected:.4f}. The width implies n of about {n:.0f}."
    return judged(abs(width / expected - 1) <= tolerance, f"n about {n:.0f}", text)


def paired_p_range(k1: int, k2: int, n: int) -> tuple[float, float]:
    """Smallest and largest exact McNemar p that two accuracies k1/n > k2/n on the same images allow.

    Smallest: the better model is right wherever the other is, b = k1 − k2, c = 0. Largest: their errors overlap as
    little as n allows.
    """
    errors1, errors2 = n - k1, n - k2
    overlap = max(0, errors1 + errors2 - n)
    best = mcnemar_p(k1 - k2, 0)["exact"]
    worst = mcnemar_p(errors2 - overlap, errors1 - overlap)["exact"]
    return best, worst


def distinguishable(first: Rounded, second: Rounded, n: int, alpha: float = 0.05) -> Outcome:
    """Can the better of two accuracies on the same n images be told from the other?

    ``consistent``: yes, however the errors overlap. ``underpowered``: only for some overlaps, or for none. Counts as
    favourable to a difference as the rounding allows. ``first`` must be the larger.
    """
    counts = [counts_behind(p, n) or [round(p.value * n)] for p in (first, second)]
    k1, k2 = counts[0][-1], counts[1][0]
    best, worst = paired_p_range(k1, k2, n)
    text = f"{k1}/{n} against {k2}/{n}: McNemar p of {best:.2g} to {worst:.2g}, depending on the overlap of errors"
    if worst < alpha:
        return Outcome("consistent", "distinguishable", f"{text}: different at any overlap.")
    if best < alpha:
        return Outcome("underpowered", "depends on the overlap", f"{text}, which is not published.")
    return Outcome("underpowered", "not distinguishable", f"{text}: not different at any overlap.")


def told_apart(b: int, c: int, alpha: float = 0.05) -> Outcome:
    """Are two models told apart by their published discordant counts (McNemar's exact test)?"""
    p = mcnemar_p(b, c)["exact"]
    text = f"McNemar p = {p:.2g} from the published discordant counts {b} and {c}."
    return judged(p < alpha, "distinguishable" if p < alpha else "not distinguishable", text, "underpowered")


def independent_difference(p1: float, n1: int, p2: float, n2: int) -> tuple[float, float, float]:
    """Difference p1 − p2 of two proportions on different images, and its 95 % interval (Newcombe's score method)."""
    low, high = confint_proportions_2indep(round(p1 * n1), n1, round(p2 * n2), n2, method="newcomb")
    return p1 - p2, float(low), float(high)


def holds_elsewhere(home: Rounded, n_home: int, away: Rounded, n_away: int, margin: float = 0.05) -> Outcome:
    """Does an accuracy hold on other data: is the loss, at the near end of its 95 % interval, at most ``margin``?"""
    loss, low, high = independent_difference(home.value, n_home, away.value, n_away)
    implied = f"{loss:.3f} lower [{low:.3f}, {high:.3f}]"
    text = f"{home} on {n_home} images against {away} on {n_away}: {implied}; a loss of {margin:g} is still let pass."
    return judged(low <= margin, implied, text)


def at_least_as_good(ours: Rounded, n: int, other: Rounded, n_other: int) -> Outcome:
    """ "Surpassing or matching": is the other accuracy not clearly higher (95 % interval of the difference)?"""
    gain, low, high = independent_difference(ours.value, n, other.value, n_other)
    implied = f"{gain:+.4f} [{low:+.4f}, {high:+.4f}]"
    what = "surpassing" if low > 0 else "matching" if high >= 0 else "below"
    return judged(high >= 0, implied, f"{ours} against {other}: difference {implied}, that is {what} at this n.")


def means_of_resamples(
    accuracies: Mapping[str, float], gaps: Mapping[str, int], reference: str, sizes, resamples: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """How far accuracies lie from whole counts of n that keep the paired ``gaps``, for each n of ``sizes`` [N].

    ``gaps``: model -> b − c = correct(reference) − correct(model). Returns [N] the count of the reference that fits
    best and the largest distance, in standard deviations of a mean over ``resamples`` bootstrap samples.
    """
    n = np.asarray(sizes)[:, None]
    counts = np.clip(np.round(accuracies[reference] * n) + np.arange(-5, 6), 0, n)
    worst = np.zeros(counts.shape)
    for model, accuracy in accuracies.items():
        p = (counts - gaps.get(model, 0)) / n
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.abs(accuracy - p) / np.sqrt(p * (1 - p) / n / resamples)
        worst = np.maximum(worst, np.where((p > 0) & (p < 1), off, math.inf))
    best = worst.argmin(axis=1)[:, None]
    return np.take_along_axis(counts, best, 1)[:, 0], np.take_along_axis(worst, best, 1)[:, 0]


def counts_and_gaps(
    accuracies: Mapping[str, float], gaps: Mapping[str, int], reference: str, stated: int, limit: float = 3.0
) -> Outcome:
    """Do accuracies and paired gaps come from one test set of the stated n, also if the accuracies are bootstrap means?

    Consistent if every accuracy is within ``limit`` standard deviations; otherwise the n up to the stated one's double
    that fit are named.
    """
    sizes = np.union1d(np.arange(100, 2 * stated), [max(stated, 1)])
    distances = means_of_resamples(accuracies, gaps, reference, sizes)[1]
    found = dict(zip(sizes.tolist(), distances.tolist(), strict=True))
    stated = max(stated, 1)
    fits = [n for n, z in found.items() if z <= limit]
    best = min(found, key=found.__getitem__)
    implied = f"n = {fits[0]} to {fits[-1]}" if fits else "no n"
    text = (
        f"The discordant counts fix by how many images two models differ. With {stated} images no counts so far apart "
        f"give the printed accuracies, not even if these are means of 1,000 bootstrap samples ({found[stated]:.0f} "
        f"standard deviations off). At most {limit:g} off: {implied}; nearest: n = {best} ({found[best]:.1f})."
    )
    return judged(found[stated] <= limit, implied, text)
