"""Confusion marginals rebuilt from printed supports, recalls and precisions, and what follows from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from lib.audit.checks.rounding import Rounded, counts_behind, range_text
from lib.audit.finding import Outcome, judged


@dataclass(frozen=True)
class ClassMarginal:
    """One class of a confusion matrix: ``support`` true cases, ``tp`` found, ``predicted`` labelled so, of ``n``."""

    support: int
    tp: int
    predicted: int
    n: int

    @property
    def precision(self) -> float:
        return self.tp / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.tp / self.support

    @property
    def f1(self) -> float:
        return 2 * self.tp / (self.support + self.predicted)

    @property
    def specificity(self) -> float:
        return 1 - (self.predicted - self.tp) / (self.n - self.support)

    @property
    def accuracy(self) -> float:
        """One class against the rest, (TP + TN) / n."""
        return 1 - (self.support + self.predicted - 2 * self.tp) / self.n


def _predicted(precision: Rounded, tp: int, n: int) -> range:
    if tp == 0:
        return range(n + 1) if precision.holds(0) else range(0)
    low, high = max(tp, int(tp / precision.high)), min(n, int(tp / max(precision.low, 1e-12)) + 1)
    fits = [m for m in range(low, high + 1) if precision.holds(tp / m)]
    return range(fits[0], fits[-1] + 1) if fits else range(0)


def class_marginals(
    support: int, n: int, recall: Rounded, precision: Rounded, **others: Rounded
) -> list[ClassMarginal]:
    """All (tp, predicted) of one class that print as given.

    ``others`` are further printed values (``f1``, ``specificity``, ``accuracy`` one against the rest) that must hold.
    """
    found = []
    for tp in counts_behind(recall, support):
        for predicted in _predicted(precision, tp, n):
            marginal = ClassMarginal(support, tp, predicted, n)
            if predicted - tp <= n - support and all(value.holds(getattr(marginal, k)) for k, value in others.items()):
                found.append(marginal)
    return found


def joint_marginals(classes: Mapping[str, Sequence[ClassMarginal]]) -> Iterator[dict[str, ClassMarginal]]:
    """Combinations, one candidate per class, that fit one confusion matrix.

    Each image is predicted once, so that the predicted counts add up to n; with two classes the false positives of one
    are also the missed cases of the other.
    """
    for combination in product(*classes.values()):
        if sum(m.predicted for m in combination) != combination[0].n:
            continue
        if len(combination) == 2:
            one, other = combination
            if one.predicted - one.tp != other.support - other.tp:
                continue
        yield dict(zip(classes, combination, strict=True))


def correct_counts(classes: Mapping[str, Sequence[ClassMarginal]]) -> list[int]:
    """All numbers of right answers that the candidates allow together, sorted; empty if they do not fit together."""
    return sorted({sum(m.tp for m in joint.values()) for joint in joint_marginals(classes)})


def reconstruct(classes: Mapping[str, Sequence[ClassMarginal]]) -> Outcome:
    """Do supports, recalls and precisions belong to one confusion matrix, and which accuracies does that leave?"""
    if empty := [name for name, candidates in classes.items() if not candidates]:
        text = f"No whole counts give the printed values of {', '.join(empty)}."
        return Outcome("inconsistent", "no counts", text)
    correct, n = correct_counts(classes), next(iter(classes.values()))[0].n
    if not correct:
        low = sum(min(m.predicted for m in c) for c in classes.values())
        high = sum(max(m.predicted for m in c) for c in classes.values())
        text = f"No combination fits one matrix: the precisions imply {low} to {high} predictions of {n} images."
        return Outcome("inconsistent", f"{low} to {high} predictions", text)
    implied = correct_text(correct, n)
    return Outcome("consistent", implied, f"Whole counts give all printed values, with {implied}.")


def report_against_accuracy(
    accuracy: Rounded, classes: Mapping[str, Sequence[ClassMarginal]], others: Sequence[Rounded] = ()
) -> Outcome:
    """Is a stated accuracy among those that a classification report allows?

    ``others``: further accuracies of the model (say, of other epochs), where the paper does not say which one the
    report describes: a mismatch is then ``ambiguous``.
    """
    correct = correct_counts(classes)
    if not correct:
        return Outcome("inconsistent", "no counts", "The report's cells do not fit one confusion matrix.")
    n = next(iter(classes.values()))[0].n
    implied = correct_text(correct, n)
    text = f"The report allows {implied}; stated is {accuracy}."
    holds = any(accuracy.holds(k / n) for k in correct)
    if holds or not others:
        return judged(holds, implied, text)
    fits = [str(value) for value in others if any(value.holds(k / n) for k in correct)]
    named = f"of the other accuracies named for the model ({', '.join(map(str, others))})"
    text += f" The report does not say which epoch it describes; {named} {', '.join(fits) or 'none'} fits."
    return Outcome("ambiguous", implied, text)


def correct_text(correct: Sequence[int], n: int) -> str:
    """``"954/1002 correct (0.9521)"`` or a range of it."""
    low, high = min(correct), max(correct)
    if low == high:
        return f"{low}/{n} correct ({low / n:.4f})"
    return f"{low} to {high} of {n} correct ({low / n:.4f} to {high / n:.4f})"


def derived(published: Rounded, values: Sequence[float], formula: str) -> Outcome:
    """Does ``published`` hold a value that the rebuilt counts allow? ``values``: one per set of counts, maybe none."""
    if not values:
        return Outcome("inconsistent", "no counts", f"No counts give the printed cells, and so no {formula}.")
    low, high = min(values), max(values)
    implied = range_text(low, high, 4)
    holds = any(published.holds(v) for v in values)
    return judged(holds, implied, f"{formula} = {implied} from the rebuilt counts; printed is {published}.")


def column_by_formula(
    column: Mapping[str, Rounded],
    values: Mapping[str, Sequence[float]],
    formula: str,
    other: tuple[str, Mapping[str, Rounded]] | None = None,
) -> Outcome:
    """Do the printed class values follow from a formula? ``values``: per class, one per set of rebuilt counts.

    ``other``: name and cells of a column that the printed one may repeat; if the formula fails, the explanation says
    how many cells are equal.
    """
    wrong = [c for c, printed in column.items() if not any(printed.holds(v) for v in values[c])]
    implied = ", ".join(f"{c} {range_text(min(values[c]), max(values[c]), 4)}" for c in column)
    text = f"{formula} gives {implied}; {len(column) - len(wrong)} of {len(column)} printed values agree."
    if wrong and other:
        name, values_ = other
        equal = sum(abs(column[c].value - values_[c].value) < 1e-9 for c in column)
        text += f" {equal} of {len(column)} equal the {name} of their class."
    return judged(not wrong, implied, text)


def macro_mean(published: Rounded, parts: Sequence[Rounded]) -> Outcome:
    """Is the printed macro average the mean of the per-class values?"""
    low, high = (sum(getattr(p, side) for p in parts) / len(parts) for side in ("low", "high"))
    middle = sum(p.value for p in parts) / len(parts)
    text = f"The mean of the {len(parts)} class values is {middle:.4f}; printed is {published}."
    return judged(published.meets(low, high), f"{middle:.4f}", text)
