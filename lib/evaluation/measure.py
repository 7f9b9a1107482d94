"""From arrays to estimates: metrics of one network, sums and means over images, each with its draws over lesions."""

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lib.evaluation.curves import ratio
from lib.evaluation.draws import DEFAULT, Plan, Resamples
from lib.evaluation.estimates import Estimate
from lib.evaluation.resampled import METRICS, WIDER, Metric, Predictions, by_lesion, drawn_sums


def estimate(metric: str | Metric, targets, probs, groups=None, plan: Plan = DEFAULT) -> Estimate:
    """A metric (a name of ``METRICS``, or one's own) of one network, with draws over lesions ``groups`` [N]."""
    return estimates(METRICS[metric] if isinstance(metric, str) else metric, targets, probs, groups, plan)[0]


def estimates(metric: Metric, targets, probs, groups=None, plan: Plan = DEFAULT) -> list[Estimate]:
    """As :func:`estimate` for each row that ``metric`` gives: of ``BY_CLASS`` one for each class."""
    lesions = Resamples.of(groups, len(targets), plan)
    p = Predictions.of(targets, probs, lesions.codes)
    found = _drawn(lesions, lambda weights: metric(p, weights))
    return found if metric in WIDER else [replace(e, bounds=(0.0, 1.0)) for e in found]


def from_sums(function: Callable, columns, groups=None, plan: Plan = DEFAULT) -> list[Estimate]:
    """``function`` of sums over images: of ``columns`` [V, N] it is given the sums [V, ...], draws last.

    A ratio of two sums, say, is ``from_sums(lambda s: ratio(s[0], s[1]), columns, groups)[0]``.
    """
    columns = np.atleast_2d(np.asarray(columns, dtype=np.float64))
    lesions = Resamples.of(groups, columns.shape[1], plan)
    sums = by_lesion(columns, lesions.codes, len(lesions.names))
    return _drawn(lesions, lambda weights: function(drawn_sums(sums, weights)))


def mean_of(values, groups=None, plan: Plan = DEFAULT, where=None) -> Estimate:
    """Mean of ``values`` [N] over the images ``where`` [N] (all) and the lesions drawn; NaN values are left out."""
    values = np.asarray(values, dtype=np.float64)
    kept = ~np.isnan(values) if where is None else ~np.isnan(values) & np.asarray(where, dtype=bool)
    return from_sums(lambda s: ratio(s[0], s[1]), [np.where(kept, values, 0), kept], groups, plan)[0]


def _drawn(lesions: Resamples, function: Callable[[np.ndarray], np.ndarray]) -> list[Estimate]:
    """Of each row of ``function``, which takes weights [L, B] and gives [B] or [V, B]; its value: all weights 1."""
    values = np.atleast_2d(function(np.ones((len(lesions.names), 1))))

    @functools.cache
    def drawn() -> np.ndarray:
        return np.concatenate([np.atleast_2d(function(w)) for w in lesions.blocks()], axis=1, dtype=np.float64)

    return [Estimate(lesions.plan, v, functools.partial(lambda n: drawn()[n : n + 1], n)) for n, v in enumerate(values)]
