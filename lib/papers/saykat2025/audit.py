"""Checks of saykat2025: seven models and their mean on HAM10000, ConvNeXt-Tiny on ISIC 2019."""

from itertools import pairwise
from statistics import median

import numpy as np

from lib.audit import facts
from lib.audit.checks import arithmetic, cells, comparisons, confusion, statements, supports
from lib.audit.checks.rounding import Rounded, grim_together
from lib.audit.finding import Ledger, Outcome, judged
from lib.audit.values import Published
from lib.papers.saykat2025.models import ENSEMBLE, PUBLISHED_AS

METRICS = tuple(PUBLISHED_AS.values())
PARTS = ("train", "validation", "test")


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    _split(paper, ledger)
    _test_size(paper, ledger)
    _intervals(paper, ledger)
    _differences(paper, ledger)
    _mcnemar(paper, ledger)
    _confusion(paper, ledger)
    _external(paper, ledger)
    _claims(paper, ledger)


def _split(paper: Published, ledger: Ledger) -> None:
    ham = facts.HAM10000
    counts = {part: paper.counts("split", part) for part in PARTS}
    for part in PARTS:
        total = counts[part].pop("total")
        outcome = arithmetic.total(total, list(counts[part].values()))
        ledger.add(f"split.total.{part}", "total", total, outcome)
        share = paper.value(f"manuscript.split.{part}").value
        outcome = supports.fraction_of_classes(counts[part], ham, share)
        ledger.add(f"split {part}", "share of every class", f"{100 * share:g} %", outcome, "headline")
    sums = {c: sum(counts[part][c] for part in PARTS) for c in ham}
    ledger.add("split rows", "class counts", sum(sums.values()), supports.class_counts(sums, ham), "headline")


def _gaps(paper: Published) -> dict[str, int]:
    """b − c by model: how many more images the ensemble gets right."""
    b, c = paper.counts("mcnemar", "b"), paper.counts("mcnemar", "c")
    return {model: b[model] - c[model] for model in b}


def implied_ranges(paper: Published) -> dict[str, tuple[float, float]]:
    """Range of n that each pair's discordant counts and accuracy difference imply."""
    deltas = paper.table("ensemble_minus_model", "accuracy")
    b, c = paper.counts("mcnemar", "b"), paper.counts("mcnemar", "c")
    return {m: comparisons.implied_n(b[m], c[m], deltas[m]) for m in b}


def implied_test_size(paper: Published) -> int:
    """Median number of test images that the pairs imply."""
    return round(median((low + high) / 2 for low, high in implied_ranges(paper).values()))


def _test_size(paper: Published, ledger: Ledger) -> None:
    stated = paper.count("split.total.test")
    accuracy = paper.table("results", "accuracy")
    outcome = grim_together(accuracy.values(), stated, stated)
    if outcome.verdict == "inconsistent":
        caveat = "A mean over bootstrap samples need not be such a fraction; see 'counts and gaps at n'."
        outcome = Outcome("inconsistent", outcome.implied, f"{outcome.explanation} {caveat}")
    ledger.add("results, all accuracies", "grim, all together", f"n = {stated}", outcome)

    ranges = implied_ranges(paper)
    for model, gap in _gaps(paper).items():
        b, c = paper.count(f"mcnemar.{model}.b"), paper.count(f"mcnemar.{model}.c")
        delta = paper.value(f"ensemble_minus_model.{model}.accuracy")
        outcome = comparisons.n_from_discordance(b, c, delta, stated)
        ledger.add(f"mcnemar.{model}", "n from discordance", f"{gap} / {delta}", outcome)
        outcome = comparisons.like_the_others(ranges, model)
        ledger.add(f"mcnemar.{model}", "n like the other pairs'", f"{gap} / {delta}", outcome)
    outcome = comparisons.common_n(list(ranges.values()), stated)
    ledger.add("mcnemar and ensemble_minus_model", "n common to all pairs", f"n = {stated}", outcome, "headline")
    values = {model: value.value for model, value in accuracy.items()}
    outcome = comparisons.counts_and_gaps(values, _gaps(paper), ENSEMBLE, stated)
    ledger.add("results and mcnemar", "counts and gaps at n", f"n = {stated}", outcome)
    for model, value in accuracy.items():
        _, low, high = _with_interval(paper, model, "accuracy")
        outcome = comparisons.bootstrap_width(value, low, high, stated)
        ledger.add(f"results.{model}.accuracy", "bootstrap width", f"{low} to {high}", outcome)


def _with_interval(paper: Published, model: str, metric: str) -> tuple[Rounded, ...]:
    return tuple(paper.value(f"results.{model}.{metric}{end}") for end in ("", ".ci_low", ".ci_high"))


def _intervals(paper: Published, ledger: Ledger) -> None:
    """Each interval beside its value and beside those of the other models."""
    for metric in METRICS:
        printed = {model: _with_interval(paper, model, metric) for model in paper.table("results", metric)}
        widths = {
            m: (high.value - low.value) / comparisons.spread(value.value) for m, (value, low, high) in printed.items()
        }
        for model, (value, low, high) in printed.items():
            item, said = f"results.{model}.{metric}", f"{value} [{low}, {high}]"
            ledger.add(item, "interval contains the value", value, statements.within(value, low, high))
            ledger.add(item, "value in the middle", said, cells.middle_of_interval(value, low, high))
            outcome = cells.like_widths(widths, model, 2.0 if "auc" in metric else 1.5)
            ledger.add(item, "width like the other rows'", said, outcome)


def _differences(paper: Published, ledger: Ledger) -> None:
    for metric in METRICS:
        ensemble, *bounds = _with_interval(paper, ENSEMBLE, metric)
        for model, delta in paper.table("ensemble_minus_model", metric).items():
            value, *others = _with_interval(paper, model, metric)
            noise = comparisons.noise_of_means([(bounds[0], bounds[1]), (others[0], others[1])])
            outcome = arithmetic.difference(delta, ensemble, value, noise=noise)
            ledger.add(f"ensemble_minus_model.{model}.{metric}", "difference of two values", delta, outcome, "detail")


def _mcnemar(paper: Published, ledger: Ledger) -> None:
    stated = paper.count("split.total.test")
    right = min(stated, round(paper.value(f"results.{ENSEMBLE}.accuracy").value * stated))
    for model in paper.counts("mcnemar", "b"):
        b, c, both = (paper.count(f"mcnemar.{model}.{x}") for x in ("b", "c", "discordant"))
        ledger.add(f"mcnemar.{model}.discordant", "total", both, arithmetic.total(both, [b, c]))
        p = paper.value(f"mcnemar.{model}.p")
        ledger.add(f"mcnemar.{model}.p", "McNemar p", p, comparisons.mcnemar_agrees(p, b, c))
        outcome = comparisons.discordance_possible(b, c, right, stated)
        ledger.add(f"mcnemar.{model}", "discordance possible", f"b = {b}, c = {c}", outcome)
        delta = paper.value(f"ensemble_minus_model.{model}.accuracy").value
        outcome = judged((b > c) == (delta > 0), f"b − c = {b - c}", f"b − c = {b - c}, accuracy difference {delta:+}.")
        ledger.add(f"mcnemar.{model}", "direction", f"{delta:+}", outcome)


def _confusion(paper: Published, ledger: Ledger) -> None:
    classes = list(facts.HAM10000)
    matrix = np.array([[paper.count(f"confusion.{true}.{named}") for named in classes] for true in classes])
    test = paper.counts("split", "test")
    outcome = confusion.row_sums(matrix, [test[c] for c in classes])
    ledger.add("confusion", "row sums against supports", ", ".join(str(test[c]) for c in classes), outcome, "headline")
    accuracy, f1 = paper.table("results", "accuracy"), paper.table("results", "weighted_f1")
    outcome = confusion.diagonal_accuracy(matrix, accuracy[ENSEMBLE])
    ledger.add("confusion", "diagonal against accuracy", accuracy[ENSEMBLE], outcome, "headline")
    outcome = confusion.weighted_f1_agrees(matrix, f1[ENSEMBLE])
    ledger.add("confusion", "weighted F1 of the matrix", f1[ENSEMBLE], outcome)
    stated = {model: (accuracy[model], f1[model]) for model in accuracy}
    outcome = confusion.nearest_model(matrix, stated, ENSEMBLE)
    ledger.add("confusion", "model nearest to the matrix", ENSEMBLE, outcome)
    for true, row in zip(classes, matrix, strict=True):
        outcome = confusion.named_as_itself(dict(zip(classes, row.tolist(), strict=True)), true)
        ledger.add(f"confusion.{true}", "named as itself most often", " ".join(map(str, row)), outcome, "detail")
    quote = "Stable predictions for rare lesion categories"
    outcome = confusion.never_predicted(matrix, classes)
    if outcome.verdict == "inconsistent":
        why = f"{outcome.explanation} Its accuracy is not the ensemble's, so that it may be another model's."
        outcome = Outcome("ambiguous", outcome.implied, why)
    ledger.add(f"{quote} (matrix published as the ensemble's)", "claim in words", quote, outcome)


def _external(paper: Published, ledger: Ledger) -> None:
    shared, unseen = paper.count("external.n_shared"), paper.count("external.n_unseen")
    outcome = arithmetic.total(facts.ISIC2019, [shared, unseen])
    ledger.add("external.n_shared and n_unseen", "total", facts.ISIC2019, outcome)
    ham = sum(facts.HAM10000.values())
    rest = facts.ISIC2019 - ham
    text = f"ISIC 2019 contains all {ham} images of HAM10000, which leaves {rest} unseen; printed: {shared}."
    outcome = judged(shared == ham, f"{ham} / {rest}", text)
    ledger.add("external.n_shared", "shared images", paper.printed("external.n_shared"), outcome, "detail")

    whole, part = paper.value("external.accuracy.all"), paper.value("external.accuracy.unseen")
    inside, n_test = paper.value("results.convnext_tiny.accuracy"), paper.count("split.total.test")
    # Training and validation images can at best be all right; test images are right at the published accuracy.
    test_share = paper.value("manuscript.split.test").value
    ceiling = 1 - test_share * (1 - inside.value)
    what = "the images shared with HAM10000"
    outcome = statements.mixture(whole.value, part.value, shared + unseen, unseen, ceiling, what)
    ledger.add("external.accuracy", "accuracy on the shared part", f"{whole} / {part}", outcome)
    quote = "External validation confirms robust generalization"
    outcome = comparisons.holds_elsewhere(inside, n_test, part, unseen)
    item = f"{quote} (convnext_tiny, the only model with external numbers)"
    ledger.add(item, "claim in words", quote, outcome, "headline")


def _claims(paper: Published, ledger: Ledger) -> None:
    columns = {metric: paper.table("results", metric) for metric in METRICS}
    quote = "consistently outperforming individual models across all datasets"
    outcome = statements.best_in_all(columns, ENSEMBLE)
    ledger.add(f"{quote}: HAM10000", "claim in words", quote, outcome, "headline")
    why = "The only external accuracies are ConvNeXt-Tiny's."
    outcome = statements.reported("Ensemble on external data", False, why)
    ledger.add(f"{quote}: external data", "number behind a claim", quote, outcome, "headline")
    why = "The tables give weighted F1, to which nv weighs most."
    outcome = statements.reported("Macro-F1 of the ensemble", False, why)
    ledger.number_behind("strong ROC-AUC and macro-F1 performance", outcome)
    what = "Per-class recall of the ensemble and of a baseline"
    outcome = statements.reported(what, False, "Only one matrix is given.")
    ledger.number_behind("Improved melanoma sensitivity and minority-class performance", outcome)
    members = len(columns["accuracy"]) - 1
    stated = paper.count("manuscript.ensemble_size")
    outcome = judged(members == stated, str(members), f"The results list {members} individual models.")
    ledger.add("manuscript.ensemble_size", "number of models", paper.printed("manuscript.ensemble_size"), outcome)

    # At the number of images that the numbers come from, not at the stated one.
    n = implied_test_size(paper)
    accuracy = columns["accuracy"]
    order = sorted(accuracy, key=lambda m: -accuracy[m].value)
    for first, second in pairwise(order):
        other = second if first == ENSEMBLE else first
        if ENSEMBLE in (first, second):
            outcome = comparisons.told_apart(*(paper.count(f"mcnemar.{other}.{x}") for x in "bc"))
        else:
            outcome = comparisons.distinguishable(accuracy[first], accuracy[second], n)
        item = f"results: {first} against {second}"
        ledger.add(item, "distinguishable at n", f"{accuracy[first]} / {accuracy[second]}", outcome)
