"""Statements in words against the numbers that they summarize."""

from collections.abc import Mapping, Sequence

from lib.audit.finding import Outcome, judged
from lib.audit.rounding import Rounded


def is_best(values: Mapping[str, Rounded], claimed: str, largest: bool = True) -> Outcome:
    """Is the claimed row the best of a column? A tie with other rows is consistent and named."""
    pick = max if largest else min
    top = pick(v.value for v in values.values())
    best = [name for name, v in values.items() if v.value == top]
    text = f"Best: {', '.join(best)} with {values[best[0]]}; {claimed} has {values[claimed]}."
    return judged(claimed in best, ", ".join(best), text)


def best_in_all(columns: Mapping[str, Mapping[str, Rounded]], claimed: str) -> Outcome:
    """Is the claimed row the best in every column (column -> row -> value)?"""
    lost = {}
    for column, values in columns.items():
        if is_best(values, claimed).verdict != "consistent":
            winner = max(values, key=lambda name: values[name].value)
            lost[column] = f"{column}: {winner} {values[winner]} against {values[claimed]}"
    text = f"Best in all {len(columns)} columns." if not lost else f"Not the best in {'; '.join(lost.values())}."
    return judged(not lost, f"best in {len(columns) - len(lost)} of {len(columns)} columns", text)


def all_above(values: Mapping[str, Rounded], threshold: float) -> Outcome:
    """Do all values exceed the threshold?"""
    low = {name: v for name, v in values.items() if v.value <= threshold}
    listed = ", ".join(f"{name} {v}" for name, v in low.items())
    text = f"All exceed {threshold:g}." if not low else f"Not above {threshold:g}: {listed}."
    return judged(not low, f"smallest {min(values.values(), key=lambda v: v.value)}", text)


def increasing(values: Sequence[tuple[str, Rounded]]) -> Outcome:
    """Do the values grow along the sequence?"""
    falls = [
        f"{a[0]} {a[1]} to {b[0]} {b[1]}" for a, b in zip(values, values[1:], strict=False) if b[1].value < a[1].value
    ]
    text = "No step falls." if not falls else f"Falls from {', from '.join(falls)}."
    return judged(not falls, f"{len(falls)} of {len(values) - 1} steps fall", text)


def best_not_below_final(best: Rounded, final: Rounded) -> Outcome:
    """The best epoch's value cannot lie below the final epoch's."""
    text = f"Best {best}, final {final}."
    return judged(best.high >= final.low, f"at least {final}", text)


def within(value: Rounded, low: Rounded, high: Rounded) -> Outcome:
    """Does a value lie in the stated range?"""
    return judged(value.meets(low.low, high.high), f"{low} to {high}", f"{value} against the range {low} to {high}.")


def early_stopping(first: Rounded, final: Rounded, patience: int, epochs: int) -> Outcome:
    """Can a run whose validation loss rises from ``first`` to ``final`` reach ``epochs`` under early stopping?

    It stops after ``patience`` epochs without a new minimum. With a rising loss the minimum is epoch 1, and the last
    epoch is 1 + patience; a later minimum would have to lie below ``first`` within the last ``patience`` epochs.
    """
    last = 1 + patience
    if final.low <= first.high:
        return Outcome("consistent", f"up to {epochs} epochs", f"The loss does not rise ({first} to {final}).")
    text = (
        f"A loss rising from {first} to {final} has its minimum in epoch 1 and stops after epoch {last}; reaching epoch "
        f"{epochs} needs a new minimum below {first} in epoch {epochs - patience} or later."
    )
    return judged(last >= epochs, f"stop after epoch {last}", text)


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


def each_exceeds(values: Mapping[str, Rounded], references: Mapping[str, Rounded]) -> Outcome:
    """Does every value exceed every reference?"""
    top = max(references, key=lambda name: references[name].value)
    short = [f"{name} {v}" for name, v in values.items() if v.value <= references[top].value]
    text = f"To exceed: {top} with {references[top]}. " + (f"Not above it: {', '.join(short)}." if short else "All do.")
    return judged(not short, f"{len(values) - len(short)} of {len(values)} exceed {top}", text)


def has_rank(values: Mapping[str, Rounded], claimed: str, rank: int) -> Outcome:
    """Does the claimed row stand at ``rank`` from below (1: lowest)?"""
    order = sorted(values, key=lambda name: values[name].value)
    place = order.index(claimed) + 1
    text = f"From below: {', '.join(f'{name} {values[name]}' for name in order)}."
    return judged(place == rank, f"place {place} from below", text)


def numbered(found: Sequence[int]) -> Outcome:
    """Are tables or figures numbered without a gap?"""
    missing = [n for n in range(1, max(found) + 1) if n not in found]
    text = "No number is missing." if not missing else f"Number {', '.join(map(str, missing))} is missing."
    return judged(not missing, f"{len(found)} of {max(found)}", text, "ambiguous")


def reported(what: str, available: bool, why: str) -> Outcome:
    """Is there a published number for a quantity that a statement rests on?"""
    implied = "published" if available else "not published"
    return judged(available, implied, f"{what}: {implied}. {why}", "ambiguous")


def vote_decides(members: int) -> Outcome:
    """Does a majority vote between two classes decide for this number of members?"""
    text = f"{members} members can{'' if members % 2 == 0 else 'not'} tie in a vote between two classes."
    return judged(members % 2 == 1, "no tie" if members % 2 else "ties possible", text, "ambiguous")
