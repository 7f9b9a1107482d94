"""Verdicts on claims: functions of an interval, or of the audit's statuses, and of the rule that the claim carries."""

import math
from collections.abc import Iterable

from lib.core.errors import StudyError, unknown_name
from lib.published.claims import Claim

EVIDENCE = ("direct", "reduced", "other data", "arithmetic")  # strongest first
VERDICTS = ("supported", "contradicted", "no effect of that size", "undecided", "not run")


def verdict(value: float | None, low: float | None, high: float | None, claim: Claim, evidence: str = "direct") -> str:
    """Verdict on ``claim`` from first minus second in points, with the 95 % interval ``low`` to ``high``.

    The interval is over resampled lesions, seeds and split draws together. ``higher`` (``lower`` is its mirror):
    ``supported`` if it lies above 0 and reaches the smallest effect; ``contradicted`` if it lies below 0; ``no effect
    of that size`` if it lies inside ± the smallest effect, or contains 0 and lies wholly below the published size
    (equivalence; Simonsohn 2015, small telescopes, Psychological Science 26:559); else ``undecided``. ``not lower``:
    ``supported`` if it lies above the loss that is let pass, ``contradicted`` if below it, else ``undecided``.
    Without a number: ``not run``, and so a level without ``direct`` evidence: that of a smaller network is another.

    Raises:
        StudyError: unknown evidence, or an interval's bounds in the wrong order.
    """
    if evidence not in EVIDENCE:
        raise unknown_name("evidence", evidence, EVIDENCE)
    if value is None or low is None or high is None or any(map(math.isnan, (value, low, high))):
        return "not run"
    if claim.kind == "level" and evidence != "direct":
        return "not run"
    if low > high:
        raise StudyError(f"an interval runs from its lower to its upper bound, not from {low} to {high}.")
    matters, published = claim.smallest_effect.points, claim.predicts.points
    if claim.predicts.sign == "not lower":
        return "supported" if low > -matters else "contradicted" if high < -matters else "undecided"
    if claim.predicts.sign == "lower":
        low, high, published = -high, -low, None if published is None else -published
    if high < 0:
        return "contradicted"
    if low > 0 and high >= matters:
        return "supported"
    below_published = published is not None and low <= 0 and high < published
    return "no effect of that size" if (-matters < low and high < matters) or below_published else "undecided"


def arithmetic_verdict(statuses: Iterable[str], claim: Claim) -> str:
    """Verdict of the paper's own numbers, from the statuses of the audit's checks that ``claim`` names.

    One that is ``inconsistent`` excludes the claim. That they are all ``consistent`` supports it only where arithmetic
    is all that it asks for: a table that agrees with its text is no evidence for what it says.
    """
    statuses = set(statuses)
    if not statuses:
        return "not run"
    if "inconsistent" in statuses:
        return "contradicted"
    return "supported" if statuses == {"consistent"} and claim.kind == "arithmetic" else "undecided"
