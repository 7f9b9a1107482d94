"""A value with its draws: the uncertainty of every number in the study is made here.

Three levels can be drawn, and an :class:`Estimate` names those that its draws hold:

- ``lesions`` (or subjects, or images where nothing is known of either): each is drawn Poisson(1) times, which for many
  is the bootstrap over clusters (Hanley and MacGibbon, Computer Methods and Programs in Biomedicine 83:57, 2006). How
  often depends on the lesion's name alone, so that one lesion is drawn alike in every test set, model and notebook:
  differences are paired as far as lesions are shared, and independent where they are not.
- ``seeds``: the mean over S >= 3 seeds gets Student's t about it, with S - 1 degrees of freedom: a bootstrap of so few
  would be too narrow (Cameron, Gelbach and Miller, Review of Economics and Statistics 90:414, 2008).
- ``splits``: as seeds, with the variance that Nadeau and Bengio (Machine Learning 52:239, 2003) give the mean over
  random splits of one data set, which share images. Fewer than ``ENOUGH`` splits may agree by chance: where lesions
  alone, drawn for the first of them, give the wider interval, it holds.

Without the level ``seeds`` an estimate speaks of the networks at hand, not of the recipe that made them. Differences
are made run by run, over the seeds that both sides have.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from lib.core.errors import StudyError
from lib.evaluation.draws import DEFAULT, Plan

LEVELS = ("lesions", "seeds", "splits")
FEWEST = 3  # seeds or splits below which their spread is not known well enough to speak of it
ENOUGH = 10  # splits from which on their spread is known well enough to rely on it alone
ANY = (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value and its draws, of one network or of the mean over the runs of a recipe.

    Attributes:
        values: float64 [S], of each run.
        draw: makes ``by_run`` when it is first asked for.
        runs: what tells the S runs apart, seeds or split draws; empty for a single network (or a pool of several).
        tested: test images over training images, where the runs are random splits of one data set.
        bounds: which the value cannot leave; Student's t can, and intervals are cut there.
    """

    plan: Plan
    values: np.ndarray
    draw: Callable[[], np.ndarray]
    runs: tuple[int, ...] = ()
    tested: float | None = None
    bounds: tuple[float, float] = ANY

    def __post_init__(self):
        self.values.flags.writeable = False

    @functools.cached_property
    def by_run(self) -> np.ndarray:
        """Float64 [S, R]: each run's draws over lesions, NaN where undefined; of splits the first; read-only."""
        drawn = self.draw()
        drawn.flags.writeable = False
        return drawn

    @property
    def value(self) -> float:
        return float(self.values.mean())

    @functools.cached_property
    def draws(self) -> np.ndarray:
        """Float64 [R] at all of ``levels``; read-only."""
        if self.tested is not None:
            draws = self._over_splits(self.tested)
        else:
            draws = self.by_run.mean(axis=0)
            if len(self.runs) >= FEWEST:
                draws = draws + self.values @ self.plan.spread("seeds", self.runs, 1 / len(self.runs))
        draws.flags.writeable = False
        return draws

    def _over_splits(self, tested: float) -> np.ndarray:
        if len(self.runs) < FEWEST:
            return np.full(self.plan.repeats, np.nan)
        variance = 1 / len(self.runs) + tested
        over = self.values @ self.plan.spread("splits", self.runs, variance)
        if len(self.runs) >= ENOUGH:
            return self.value + over
        within = (self.by_run[0] - self.values[0]) * np.sqrt(variance)
        return self.value + max(over, within, key=_width)

    @property
    def levels(self) -> tuple[str, ...]:
        return LEVELS if self.tested is not None else LEVELS[: 2 if len(self.runs) >= FEWEST else 1]

    @property
    def speaks_of(self) -> str:
        """``the recipe`` where seeds or splits were drawn, else ``these networks``."""
        return "the recipe" if len(self.levels) > 1 else "these networks"

    def __add__(self, other: "Estimate | float") -> "Estimate":
        if isinstance(other, Estimate):
            return _combined((self, other), (1, 1))
        return replace(self, values=self.values + other, draw=lambda: self.by_run + other, bounds=ANY)

    def __sub__(self, other: "Estimate") -> "Estimate":
        """Run by run, over the seeds that both have."""
        return _combined((self, other), (1, -1))

    def __mul__(self, factor: float) -> "Estimate":
        low, high = sorted(factor * bound for bound in self.bounds) if factor else ANY
        return replace(_combined((self,), (factor,)), bounds=(low, high))

    __rmul__ = __mul__

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Bounds of the central ``level`` of the defined draws; NaN where there is none."""
        low, high = np.clip(self.quantiles((1 - level) / 2, (1 + level) / 2), *self.bounds)
        return float(low), float(high)

    @property
    def undefined(self) -> int:
        """Draws in which the value is not defined; interval, se and p leave them out."""
        return int(np.isnan(self.draws).sum())

    @property
    def se(self) -> float:
        """Half of the central 68.3 % of the draws: the standard error, finite also for a t of two degrees."""
        low, high = self.quantiles(*stats.norm.cdf([-1, 1]))
        return float(high - low) / 2

    @property
    def p(self) -> float:
        """Two-sided p of zero: twice the smaller tail, (k + 1)/(R + 1), never 0; NaN without a defined draw."""
        defined = len(self.draws) - self.undefined
        tail = min((self.draws <= 0).sum(), (self.draws >= 0).sum())
        return min(1.0, 2 * float(tail + 1) / (defined + 1)) if defined else float("nan")

    @property
    def sign(self) -> str:
        """``higher``, ``lower`` or ``undecided``: where the 95 % interval lies of zero."""
        low, high = self.interval()
        return "higher" if low > 0 else "lower" if high < 0 else "undecided"

    @property
    def sd(self) -> float:
        """Standard deviation over the runs; NaN for one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else float("nan")

    def row(self, name: str, low: str | None = None, high: str | None = None) -> dict[str, float]:
        """Cells of a table: the value as ``name``, its 95 % interval as ``<name>_low``, ``<name>_high`` by default.

        Where draws are undefined, ``<name>_undefined_draws`` says how many.
        """
        bounds = self.interval()
        row = {name: self.value, low or f"{name}_low": bounds[0], high or f"{name}_high": bounds[1]}
        return row | ({f"{name}_undefined_draws": self.undefined} if self.undefined else {})

    def quantiles(self, *at: float) -> np.ndarray:
        """Of the defined draws, float64 [len(at)]; NaN where there is none."""
        defined = self.draws[~np.isnan(self.draws)]
        return np.quantile(defined, at) if len(defined) else np.full(len(at), np.nan)

    def pooled(self) -> "Estimate":
        """The same value of these networks, as if they were one: without the level ``seeds``."""
        value = np.array([self.value])
        return replace(self, values=value, draw=lambda: self.by_run.mean(axis=0, keepdims=True), runs=())

    def moved_to(self, values: Sequence[float]) -> "Estimate":
        """The draws moved to other values of the runs: of an epoch whose predictions were not kept, say."""
        moved = np.array(values, dtype=np.float64)
        return replace(self, values=moved, draw=lambda: self.by_run + (moved - self.values)[:, None])

    def over(self, runs: Sequence[int]) -> "Estimate":
        """Of some of the runs alone."""
        rows = [self.runs.index(r) for r in runs]
        draw = self.draw if self.tested is not None else lambda: self.by_run[rows]
        return replace(self, values=self.values[rows], draw=draw, runs=tuple(runs))


def _width(errors: np.ndarray) -> float:
    low, high = np.nanquantile(errors, [0.025, 0.975])
    return float(high - low)


def _combined(estimates: Sequence[Estimate], factors: Sequence[float]) -> Estimate:
    """Weighted sum, run by run over the runs that all have; beside one without runs, the others' mean over theirs.

    Raises:
        StudyError: other draws, seeds beside splits, or no run in common.
    """
    if len({e.plan for e in estimates}) > 1 or len({e.tested is None for e in estimates}) > 1:
        raise StudyError("estimates of different draws cannot be combined: give all of them one plan and one level.")
    runs = [r for r in estimates[0].runs if all(r in e.runs for e in estimates)]
    if not runs and all(e.runs for e in estimates):
        raise StudyError("the recipes have no seed in common: nothing can be compared in pairs.")
    terms = [e.over(runs) if runs else e.pooled() for e in estimates]
    return replace(
        terms[0],
        values=np.sum([f * e.values for e, f in zip(terms, factors, strict=True)], axis=0),
        draw=lambda: np.sum([f * e.by_run for e, f in zip(terms, factors, strict=True)], axis=0),
        tested=max((e.tested for e in estimates if e.tested is not None), default=None),
        bounds=ANY,
    )


def mean(estimates: Sequence[Estimate]) -> Estimate:
    """Unweighted mean of estimates on the same draws, over the seeds that all have."""
    return _combined(estimates, [1 / len(estimates)] * len(estimates))


def over_seeds(by_seed: Mapping[int, Estimate]) -> Estimate:
    """Mean over the runs of one recipe; from ``FEWEST`` seeds on, their spread is in the draws."""
    parts = list(by_seed.values())
    return Estimate(
        plan=parts[0].plan,
        values=np.concatenate([e.values for e in parts]),
        draw=lambda: np.concatenate([e.by_run for e in parts]),
        runs=tuple(by_seed),
        bounds=parts[0].bounds,
    )


def over_splits(by_split: Mapping[int, Estimate | float], tested: float, plan: Plan = DEFAULT) -> Estimate:
    """Mean over random splits of one data set; ``tested``: number of test images over that of training images.

    The draws are Nadeau and Bengio's corrected t: its variance s^2 (1/J + tested) holds what lesions, seeds and splits
    contribute. With fewer than ``ENOUGH`` splits the first one's draws over lesions, where estimates are given, take
    their place if they are wider; with fewer than ``FEWEST`` they are undefined.
    """
    still = (1, plan.repeats)  # a value without draws is the same in each
    parts = [e if isinstance(e, Estimate) else Estimate(plan, np.array([e]), functools.partial(np.full, still, e))
             for e in by_split.values()]  # fmt: skip
    values = np.array([e.value for e in parts], dtype=np.float64)
    first = parts[0]
    return Estimate(first.plan, values, lambda: first.by_run, tuple(by_split), tested, first.bounds)


def ranks(named: Mapping[str, Estimate]) -> pd.DataFrame:
    """Rank of each estimate (1 is the highest, ties share theirs) with its 95 % interval, best first.

    Columns ``name``, ``value``, ``rank``, ``low``, ``high`` and ``first``, the share of draws in which none is better.
    All are ranked anew in every draw in which they are defined, by the same lesions (and seeds).
    """
    values = np.array([e.value for e in named.values()])
    drawn = np.stack([e.draws for e in named.values()])
    drawn = stats.rankdata(-drawn[:, ~np.isnan(drawn).any(axis=0)], axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    table = pd.DataFrame({"name": list(named), "value": values, "rank": stats.rankdata(-values)})
    table = table.assign(low=low, high=high, first=(drawn == drawn.min(axis=0)).mean(axis=1))
    return table.sort_values("rank", ignore_index=True)


def smallest_detectable(estimate: Estimate) -> float:
    """The effect that such runs would find significant (two-sided 5 %) in 80 % of cases: 2.80 standard errors.

    With few runs more: it is half of the central 95 % of the draws, Student's t there, and half of their central 60 %.
    """
    low, under, over, high = estimate.quantiles(0.025, 0.2, 0.8, 0.975)
    return float(high - low + over - under) / 2
