"""Statements in words against the numbers that they summarize."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from lib.audit.checks.comparisons import distinguishable
from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Outcome, judged
from lib.evaluation.intervals import clopper_pearson


def is_best(values: Mapping[str, Rounded], claimed: str) -> Outcome:
    """Is the claimed row the best of a column? A tie with other rows is consistent and named."""
    top = max(v.value for v in values.values())
    best = [name for name, v in values.items() if v.value == top]
    text = f"Best: {', '.join(best)} with {values[best[0]]}; {claimed} has {values[claimed]}."
    return judged(claimed in best, ", ".join(best), text)


def best_in_all(
    columns: Mapping[str, Mapping[str, Rounded]], claimed: str, allowed: int = 0, n: int | None = None
) -> Outcome:
    """Is the claimed row the best in every column (column -> row -> value), or in all but ``allowed``?

    ``n``: images behind the claimed accuracy; a better one that so few cannot tell from it is said to be so.
    """
    lost = {}
    for column, values in columns.items():
        if is_best(values, claimed).verdict != "consistent":
            winner = max(values, key=lambda name: values[name].value)
            noise = _noise(values[winner], values[claimed], n if column == "accuracy" else None)
            lost[column] = f"{column}: {winner} {values[winner]} against {values[claimed]}{noise}"
    text = f"Best in all {len(columns)} columns." if not lost else f"Not the best in {'; '.join(lost.values())}."
    return judged(len(lost) <= allowed, f"best in {len(columns) - len(lost)} of {len(columns)} columns", text)


def _noise(larger: Rounded, smaller: Rounded, n: int | None) -> str:
    """A remark where ``n`` images cannot tell two accuracies apart, however the errors overlap."""
    apart = n is None or distinguishable(larger, smaller, n).implied != "not distinguishable"
    return "" if apart else " (difference within noise)"


def increasing(values: Sequence[tuple[str, Rounded]]) -> Outcome:
    """Do the values grow along the sequence?"""
    steps = list(pairwise(values))
    falls = [f"{a[0]} {a[1]} to {b[0]} {b[1]}" for a, b in steps if b[1].value < a[1].value]
    text = "No step falls." if not falls else f"Falls from {', from '.join(falls)}."
    return judged(not falls, f"{len(falls)} of {len(steps)} steps fall", text)


def within(value: Rounded, low: Rounded, high: Rounded) -> Outcome:
    """Does a value lie in the stated range?"""
    return judged(value.meets(low.low, high.high), f"{low} to {high}", f"{value} against the range {low} to {high}.")


def early_stopping(first: Rounded, final: Rounded, patience: int, epochs: int) -> Outcome:
    """Can a run whose validation loss rises from ``first`` to ``final`` reach ``epochs`` under early stopping?

    It stops after ``patience`` epochs without a new minimum. With a loss that only rises the minimum is epoch 1, and
    the last epoch is 1 + patience. First and last value alone do not exclude a dip below ``first`` within the last
    ``patience`` epochs, so that a mismatch is ``ambiguous``.
    """
    last = 1 + patience
    if final.low <= first.high:
        return Outcome("consistent", f"up to {epochs} epochs", f"The loss does not rise ({first} to {final}).")
    text = (
        f"A loss that only rises from {first} to {final} has its minimum in epoch 1 and stops after epoch {last}. "
        f"Epoch {epochs} is reached only with a new minimum below {first} in epoch {epochs - patience} or later, and "
        f"{final} at the end all the same; the losses in between are not published."
    )
    return judged(last >= epochs, f"stop after epoch {last}", text, "ambiguous")


def setting_twice(values: Sequence[tuple[str, str]], otherwise: str = "inconsistent") -> Outcome:
    """Is a setting stated alike wherever it is stated? ``values``: (value as printed, place)."""
    distinct = list(dict.fromkeys(value for value, _ in values))
    listed = "; ".join(f"{value} ({place})" for value, place in values)
    text = "Stated alike: " if len(distinct) == 1 else f"{len(distinct)} different statements: "
    return judged(len(distinct) == 1, " / ".join(distinct), f"{text}{listed}.", otherwise)


def mixture(whole: float, part: float, n_whole: int, n_part: int, ceiling: float, what: str) -> Outcome:
    """An accuracy on all images and on a part imply that on the rest: is it at most ``ceiling`` (0..1)?"""
    rest = (whole * n_whole - part * n_part) / (n_whole - n_part)
    text = (
        f"({whole:g} · {n_whole} − {part:g} · {n_part}) / {n_whole - n_part} = {rest:.3f} on {what}; expected at most "
        f"{ceiling:.3f}."
    )
    return judged(rest <= ceiling, f"{rest:.3f}", text, "ambiguous")


def each_exceeds(values: Mapping[str, Rounded], references: Mapping[str, Rounded], n: int | None = None) -> Outcome:
    """Does every value exceed every reference? ``n``: images behind them, where they are accuracies."""
    top = max(references, key=lambda name: references[name].value)
    below = {name: v for name, v in values.items() if v.value <= references[top].value}
    short = [f"{name} {v}{_noise(references[top], v, n)}" for name, v in below.items()]
    text = f"To exceed: {top} with {references[top]}. " + (f"Not above it: {', '.join(short)}." if short else "All do.")
    return judged(not short, f"{len(values) - len(short)} of {len(values)} exceed {top}", text)


def can_be_surpassed(best: Rounded, what: str) -> Outcome:
    """Can anything surpass a competitor's value, or may that be the largest that the measure has, 1?

    What is printed as 1 may be less before rounding, so that it is ``ambiguous``.
    """
    text = f"{what} is {best}"
    if best.high >= 1:
        text += f": 1 can be matched, not surpassed, but from {best.low:.4g} on a value is printed so"
    return judged(best.high < 1, f"{best}", f"{text}.", "ambiguous")


def two_readings(readings: Mapping[str, Outcome]) -> Outcome:
    """A statement that can be read in several ways (reading -> outcome): consistent only if it holds in all.

    ``ambiguous`` if it holds in some of them, else ``inconsistent``.
    """
    holds = {name: outcome.verdict == "consistent" for name, outcome in readings.items()}
    text = " ".join(
        f"Read as {name} it {'holds' if holds[name] else 'does not hold'}: {outcome.explanation}"
        for name, outcome in readings.items()
    )
    implied = ", ".join(f"{name}: {'holds' if h else 'does not hold'}" for name, h in holds.items())
    return judged(all(holds.values()), implied, text, "ambiguous" if any(holds.values()) else "inconsistent")


def cross_reference(named: int, places: Sequence[int], what: str) -> Outcome:
    """Does a reference name the table that holds what the sentence speaks of? ``places``: where it is."""
    found = " and ".join(f"Table {n}" for n in places)
    text = f"The text names Table {named} for {what}, which stands in {found}."
    return judged(named in places, found, text, "typo")


def has_rank(values: Mapping[str, Rounded], claimed: str, rank: int) -> Outcome:
    """Does the claimed row stand at ``rank`` from below (1: lowest)?"""
    order = sorted(values, key=lambda name: values[name].value)
    place = order.index(claimed) + 1
    text = f"From below: {', '.join(f'{name} {values[name]}' for name in order)}."
    return judged(place == rank, f"place {place} from below", text)


def below_median(values: Mapping[str, Rounded], names: Sequence[str]) -> Outcome:
    """Do the named rows lie below the median of all rows?"""
    middle = median(v.value for v in values.values())
    listed = ", ".join(f"{name} {values[name]}" for name in names)
    above = [name for name in names if values[name].value >= middle]
    text = f"Median {middle:g}; {listed}. " + (f"Not below it: {', '.join(above)}." if above else "All below it.")
    return judged(not above, f"{len(names) - len(above)} of {len(names)} below", text)


def no_gap(train: Rounded, validation: Rounded, limit: float = 2.0) -> Outcome:
    """ "No significant overfitting": is the final validation loss at most ``limit`` times the training loss?

    Where significant begins is a matter of opinion, so that a larger gap is ``ambiguous``.
    """
    ratio = validation.value / train.value
    text = f"Final losses: training {train}, validation {validation}, {ratio:.0f} times as much."
    return judged(ratio <= limit, f"{ratio:.0f} times", text, "ambiguous")


def perfect_of(n: int, floor: float = 0.9) -> Outcome:
    """What does a perfect score on n images show: does its 95 % Clopper-Pearson interval begin above ``floor``?"""
    low = clopper_pearson(n, n)[0]
    text = f"{n} of {n} right has a 95 % interval of [{low:.2f}, 1.00]."
    return judged(low >= floor, f"[{low:.2f}, 1.00]", text, "underpowered")


def numbered(found: Sequence[int]) -> Outcome:
    """Are tables or figures numbered without a gap?"""
    missing = [n for n in range(1, max(found) + 1) if n not in found]
    text = "No number is missing." if not missing else f"Number {', '.join(map(str, missing))} is missing."
    return judged(not missing, f"{len(found)} of {max(found)}", text, "ambiguous")


def reported(what: str, available: bool, why: str) -> Outcome:
    """Is there a published number for a quantity that a statement rests on?"""
    implied = "published" if available else "not published"
    return judged(available, implied, f"{what}: {implied}. {why}", "ambiguous")


def spread_of_recalls(right: Mapping[str, int], supports: Mapping[str, int]) -> Outcome:
    """Is performance alike in all classes: do the 95 % Clopper-Pearson intervals of all recalls overlap?

    ``consistent`` if they do; else ``inconsistent``, with the classes farthest apart.
    """
    bounds = {c: clopper_pearson(right[c], supports[c]) for c in right}
    lowest = min(bounds, key=lambda c: bounds[c][1])
    highest = max(bounds, key=lambda c: bounds[c][0])
    listed = ", ".join(
        f"{c} {right[c]}/{supports[c]} [{bounds[c][0]:.2f}, {bounds[c][1]:.2f}]" for c in (lowest, highest)
    )
    apart = bounds[lowest][1] < bounds[highest][0]
    return judged(
        not apart, listed, f"Recalls farthest apart: {listed}; the intervals do{' not' if apart else ''} overlap."
    )


def accuracy_at_loss(accuracy: Rounded, loss: Rounded, classes: int) -> Outcome:
    """Can a network be right more often than ``accuracy`` at a mean cross-entropy of ``loss`` (nats)?

    One that is as sure as it is right, and spreads the rest evenly over the other classes, has a loss of at most
    -a ln a - (1 - a) ln((1 - a) / (K - 1)). A larger one needs confidences that say nothing, which is ``ambiguous``.
    """
    a = accuracy.value
    most = -a * math.log(a) - (1 - a) * math.log((1 - a) / (classes - 1))
    text = f"A network as sure as it is right has a loss of at most {most:.2f} at {accuracy}; printed is {loss}, "
    text += f"where guessing among {classes} classes gives {math.log(classes):.2f}."
    return judged(loss.low <= most, f"at most {most:.2f}", text, "ambiguous")
