"""Sums, differences, ratios and shares recomputed, with the rounding of every printed part carried along."""

from collections.abc import Sequence

from lib.audit.checks.rounding import Rounded, range_text
from lib.audit.finding import Outcome, judged


def _compare(published: Rounded, bounds: Sequence[float], formula: str, digits: int) -> Outcome:
    low, high = min(bounds), max(bounds)
    implied = range_text(low, high, digits)
    return judged(published.meets(low, high), implied, f"{formula} = {implied}; printed is {published}.")


def difference(published: Rounded, a: Rounded, b: Rounded, noise: float = 0.0) -> Outcome:
    """Is the printed difference a − b, up to the rounding of all three?

    ``noise``: what the three may be apart beyond that if each is a mean of resamples of its own; then ``ambiguous``.
    """
    outcome = _compare(published, (a.low - b.high, a.high - b.low), f"{a} − {b}", 4)
    if outcome.verdict == "consistent" or not published.meets(a.low - b.high - noise, a.high - b.low + noise):
        return outcome
    why = f"{outcome.explanation} Means of resamples drawn apart may differ so, by {noise:.4f}."
    return Outcome("ambiguous", outcome.implied, why)


def ratio(published: Rounded, a: Rounded, b: Rounded) -> Outcome:
    """Is the printed ratio a / b (all positive), up to the rounding of all three?"""
    return _compare(published, (a.low / b.high, a.high / b.low), f"{a} / {b}", 3)


def relative_change(published: Rounded, new: Rounded, old: Rounded) -> Outcome:
    """Is the printed fraction |new − old| / old, up to the rounding of all three?

    On failure the explanation says whether the change relative to ``new`` would give it.
    """
    bounds = [abs(a / b - 1) for a in (new.low, new.high) for b in (old.low, old.high)]
    outcome = _compare(published, bounds, f"|{new} − {old}| / {old}", 3)
    if outcome.verdict == "inconsistent":
        swapped = [abs(1 - b / a) for a in (new.low, new.high) for b in (old.low, old.high)]
        if published.meets(min(swapped), max(swapped)):
            hint = f" The printed value is the same change relative to {new}."
            return Outcome("inconsistent", outcome.implied, outcome.explanation + hint)
    return outcome


def total(published: int, parts: Sequence[int]) -> Outcome:
    """Is the printed total the sum of its parts?"""
    return judged(sum(parts) == published, str(sum(parts)), f"{' + '.join(map(str, parts))} = {sum(parts)}.")


def share(published: Rounded, part: int, whole: int) -> Outcome:
    """Is the printed fraction part / whole?"""
    implied = f"{part / whole:.4f}"
    return judged(published.holds(part / whole), implied, f"{part} / {whole} = {implied}; printed is {published}.")


def same(values: Sequence[Rounded], places: Sequence[str]) -> Outcome:
    """Do several printings of one quantity agree, up to the rounding of each?

    Rounding intervals that only touch do not agree: no real number but a tie would be printed in both ways.
    """
    agree = all(
        a.value == b.value or abs(a.value - b.value) < (a.half + b.half) * (1 - 1e-6) for a in values for b in values
    )
    listed = "; ".join(f"{value} ({place})" for value, place in zip(values, places, strict=True))
    distinct = dict.fromkeys(str(value) for value in sorted(values, key=lambda value: value.value))
    text = "All printings agree" if agree else "The printings differ by more than rounding"
    return judged(agree, " / ".join(distinct), f"{text}: {listed}.")
