"""Printed numbers as the intervals that correct rounding leaves open, and GRIM on them.

GRIM (Brown and Heathers, Soc. Psychol. Personal. Sci. 8, 2017): a proportion of ``n`` whole cases can only be a
multiple of 1/n, so that not every printed value can occur.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lib.audit.finding import Outcome, judged

SLACK = 1e-9  # both roundings of a tie are allowed, whatever binary floating point makes of the tie


@dataclass(frozen=True)
class Rounded:
    """A real number known up to rounding: somewhere in [low, high], printed as ``text``."""

    value: float
    half: float
    text: str = ""

    @property
    def low(self) -> float:
        return self.value - self.half - SLACK * max(1.0, abs(self.value))

    @property
    def high(self) -> float:
        return self.value + self.half + SLACK * max(1.0, abs(self.value))

    def holds(self, x: float) -> bool:
        """Whether ``x`` can have been printed so."""
        return self.low <= x <= self.high

    def meets(self, low: float, high: float) -> bool:
        """Whether some number of [low, high] can have been printed so."""
        return self.low <= high and self.high >= low

    def __str__(self) -> str:
        return self.text or f"{self.value:g}"


def rounded(text: str, scale: float = 1.0) -> Rounded:
    """``rounded("0.92")`` is 0.92 ± 0.005; ``rounded("92.73", 100)`` is 0.9273 ± 0.00005."""
    decimals = len(text.partition(".")[2])
    return Rounded(float(text) / scale, 0.5 * 10.0**-decimals / scale, text)


def range_text(low: float, high: float, digits: int) -> str:
    """``"0.91"`` or ``"0.91 to 0.93"``."""
    a, b = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return a if a == b else f"{a} to {b}"


def counts_behind(p: Rounded, n: int) -> range:
    """Whole numbers k with k/n printed as the fraction ``p``."""
    return range(max(0, math.ceil(p.low * n)), min(n, math.floor(p.high * n)) + 1)


def grim_power(p: Rounded, n: int) -> float:
    """Share of printable values of ``p``'s precision that no k/n gives: the chance that GRIM notices a wrong n."""
    return max(0.0, 1.0 - 2 * p.half * n)


def grim(p: Rounded, n: int) -> Outcome:
    """Is the printed fraction k/n for a whole k at the stated n?"""
    counts = counts_behind(p, n)
    if counts:
        return Outcome("consistent", _fractions(counts, n), f"{_fractions(counts, n)} rounds to {p}.")
    below = math.floor(p.value * n)
    digits = max(0, round(-math.log10(2 * p.half)))
    near = ", ".join(f"{k}/{n} = {k / n:.{digits}f}" for k in (below, below + 1))
    return Outcome("inconsistent", near, f"No whole number of {n} images gives {p}; the nearest are {near}.")


def _fractions(counts: range, n: int) -> str:
    return f"{counts[0]}/{n}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} of {n}"


def fitting_n(values: Iterable[Rounded], candidates: Iterable[int]) -> list[int]:
    """All n of ``candidates`` for which every value is some k/n."""
    candidates = np.fromiter(candidates, dtype=np.int64)
    fits = [np.maximum(0, np.ceil(p.low * candidates)) <= np.minimum(candidates, np.floor(p.high * candidates))
            for p in values]  # fmt: skip
    return candidates[np.all(fits, axis=0)].tolist() if fits else candidates.tolist()


def grim_together(values: Iterable[Rounded], stated: int, largest: int) -> Outcome:
    """Do all values fit the stated n together; if not, which n up to ``largest`` do?"""
    values = list(values)
    missed = [p for p in values if not counts_behind(p, stated)]
    chance = math.prod(1 - grim_power(p, stated) for p in values)
    if not missed:
        text = f"All {len(values)} values are fractions of {stated}; at random that has probability {chance:.1g}."
        return Outcome("consistent", f"n = {stated}", text)
    other = fitting_n(values, range(1, largest + 1))
    smallest = f"n = {', '.join(map(str, other[:5]))}{' and larger' if len(other) > 5 else ''}" if other else "no n"
    text = f"{len(missed)} of {len(values)} values are no fraction of {stated}; up to {largest}, all fit {smallest}."
    return Outcome("inconsistent", smallest, text)


def which_n(values: Iterable[Rounded], candidates: dict[str, int]) -> Outcome:
    """Which of several named n the values fit together: consistent if exactly one of them, else ambiguous."""
    values = list(values)
    fits = [name for name, n in candidates.items() if fitting_n(values, [n])]
    detail = "; ".join(
        f"{name} (n = {n}): {sum(bool(counts_behind(p, n)) for p in values)} of {len(values)} fit"
        for name, n in candidates.items()
    )
    implied = ", ".join(fits) or "none of them"
    return judged(len(fits) == 1, implied, detail + ".", "ambiguous" if fits else "inconsistent")
