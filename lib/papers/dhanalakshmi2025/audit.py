"""Checks of dhanalakshmi2025: ConvNeXt of five sizes and two ensembles, benign against malignant."""

from lib.audit import facts
from lib.audit.checks import networks, statements, supports
from lib.audit.checks.marginals import ClassMarginal, class_marginals, reconstruct, report_against_accuracy
from lib.audit.checks.rounding import Rounded, grim_together
from lib.audit.finding import Ledger, Outcome, judged
from lib.audit.values import Published
from lib.papers.dhanalakshmi2025.audit_claims import CLASSES, MODELS, PAIR, SINGLE, TRIPLE, audit_claims, supports_of

MISSING_TABLE = "2"

# Section 3.1 names these HAM10000 classes ("seborrheic keratosis" is part of bkl) and no others.
BENIGN, MALIGNANT = ("nv", "df", "bkl"), ("mel",)


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    _data(paper, ledger)
    _reports(paper, ledger)
    _accuracies_in_words(paper, ledger)
    audit_claims(paper, ledger)
    _training(paper, ledger)
    _architectures(paper, ledger)


def _validation_sets(share: float) -> dict[str, dict[str, int]]:
    """Evaluation sets that the description could mean (``share`` of the images), and other known ones."""
    ham, part = facts.HAM10000, f"{100 * share:g} % of HAM10000"
    binary = {"benign": sum(ham[c] for c in BENIGN), "malignant": sum(ham[c] for c in MALIGNANT)}
    cancers = sum(ham[c] for c in ("mel", "bcc", "akiec"))
    wide = {"benign": sum(ham.values()) - cancers, "malignant": cancers}
    return {
        f"{part}, mel against nv, df and bkl": {k: round(share * v) for k, v in binary.items()},
        f"{part}, mel, bcc and akiec against the rest": {k: round(share * v) for k, v in wide.items()},
        "test folder of the Kaggle set malignant-vs-benign": facts.MALIGNANT_VS_BENIGN_TEST,
    }


def _data(paper: Published, ledger: Ledger) -> None:
    ham, total = facts.HAM10000, sum(facts.HAM10000.values())
    n_images, share = paper.count("dataset.n_images"), paper.value("dataset.split.validation").value
    outcome = judged(n_images == total, str(total), f"HAM10000 has {total} images; printed are {n_images}.")
    ledger.add("dataset.n_images", "images of the data set", paper.printed("dataset.n_images"), outcome, "headline")
    n_classes = paper.count("dataset.n_classes")
    outcome = judged(n_classes == len(ham), str(len(ham)), f"HAM10000 has {len(ham)} classes; printed are {n_classes}.")
    ledger.add("dataset.n_classes", "classes of the data set", paper.printed("dataset.n_classes"), outcome, "detail")
    for part in ("train", "validation"):
        ids = [f"abstract.split.{part}", f"dataset.split.{part}"]
        ledger.add(ids[0], "stated twice", paper.printed(ids[0]), paper.same(*ids), "headline")

    stated = supports_of(paper)
    n, printed = sum(stated.values()), " / ".join(map(str, stated.values()))
    sets = _validation_sets(share)
    outcome = supports.same_data_set(stated, sets, next(iter(sets)))
    ledger.add("table3 supports", "supports against data set", printed, outcome, "headline")
    # Further evidence for the same cause, so no headline.
    outcome = supports.evaluation_size(n, n_images, share, len(CLASSES))
    ledger.add("table3 supports", "supports against split ratio", n, outcome)
    # The definition with more malignant images is the one that comes nearer to the printed ratio.
    name, counts = list(sets.items())[1]
    outcome = supports.class_ratio(list(stated.values()), list(counts.values()), name)
    ledger.add("table3 supports", "class ratio of a stratified split", printed, outcome)
    for model in MODELS[1:]:
        other = supports_of(paper, model)
        outcome = judged(other == stated, printed, f"{model} has the supports of the first model.")
        ledger.add(f"table3.{model} supports", "same test set", " / ".join(map(str, other.values())), outcome)
    outcome = supports.classes_assigned((*BENIGN, *MALIGNANT), list(ham))
    ledger.add("3.1 benign and malignant", "classes assigned", ", ".join((*BENIGN, *MALIGNANT)), outcome, "headline")
    quote = "HAM10000 dataset, which features balanced classes"
    ledger.add("2.1 " + quote, "claim in words", quote, supports.balanced(ham))

    own = [i for i, row in paper.rows.items() if (row["quantity"], row["origin"]) == ("accuracy", "own")]
    fine = {round(v.value, 6): v for v in map(paper.value, own) if v.half < 1e-4}
    for n_set, name in ((round(share * n_images), "the split"), (n, "the supports")):
        outcome = grim_together(fine.values(), n_set, 2 * n_images)
        item = f"accuracies of table1 and text, n from {name}"
        ledger.add(item, "grim, all together", f"n = {n_set}", outcome)


def classification_report(paper: Published, model: str) -> dict[str, list[ClassMarginal]]:
    """Counts of each class that print as a model's report of Table 3."""
    supports_, columns = supports_of(paper, model), ("recall", "precision", "f1")
    n = sum(supports_.values())
    return {c: class_marginals(s, n, **paper.cells(f"table3.{model}.{c}", columns)) for c, s in supports_.items()}


def last_named(paper: Published, model: str) -> str:
    """Id of the last accuracy that the text names for a model: the final epoch's, or the end of a range."""
    last = f"results.{model}.accuracy.last"
    return last if last in paper.rows else f"results.{model}.accuracy.high"


def _other_epochs(paper: Published, model: str) -> list[Rounded]:
    """Accuracies with four digits that the text names for epochs of a model, except Table 1's."""
    best = paper.value(f"table1.{model}.best_val_accuracy")
    named = [paper.value(i) for i in paper.rows if i.startswith(f"results.{model}.accuracy.")]
    return [value for value in named if value.half < 1e-4 and abs(value.value - best.value) > 1e-9]


def _reports(paper: Published, ledger: Ledger) -> None:
    for model in MODELS:
        report, item = classification_report(paper, model), f"table3.{model}"
        ledger.add(item, "confusion marginals", "precision, recall, F1, support", reconstruct(report))
        stated = f"table1.{model}.best_val_accuracy"
        outcome = report_against_accuracy(paper.value(stated), report, _other_epochs(paper, model))
        bearing = "headline" if model == TRIPLE else "secondary"
        ledger.add(stated, "accuracy against report", paper.value(stated), outcome, bearing)
        text = f"results.{model}.accuracy.rounded"
        outcome = report_against_accuracy(paper.value(text), report)
        ledger.add(text, "accuracy against report", paper.value(text), outcome)


def _accuracies_in_words(paper: Published, ledger: Ledger) -> None:
    for model in MODELS:
        table, text = f"table1.{model}.best_val_accuracy", f"results.{model}.accuracy.rounded"
        outcome = paper.same(table, text)
        report = report_against_accuracy(paper.value(text), classification_report(paper, model))
        if outcome.verdict == "inconsistent" and report.verdict == "consistent":
            why = f"{outcome.explanation} Table 3 agrees with the second: it allows {report.implied}."
            outcome = Outcome("inconsistent", outcome.implied, why)
        if outcome.verdict == "inconsistent" and MISSING_TABLE not in {row["table"] for row in paper.rows.values()}:
            why = f"{outcome.explanation} It may be a value of Table {MISSING_TABLE}, which the paper does not print."
            outcome = Outcome("ambiguous", outcome.implied, why)
        bearing = "headline" if model == TRIPLE else "secondary"
        ledger.add(text, "text against table", paper.value(text), outcome, bearing)
        best, final = paper.value(table), paper.value(last_named(paper, model))
        outcome = judged(best.high >= final.low, f"at least {final}", f"Best {best}, final {final}.")
        ledger.add(table, "best against final epoch", best, outcome)
    ident = "results.convnext_tiny.accuracy.surpassed"
    tiny, bar = paper.value("table1.convnext_tiny.best_val_accuracy"), paper.value(ident)
    outcome = judged(tiny.value > bar.value, f"smallest {tiny}", f"{tiny} against {bar}.")
    ledger.add(ident, "claim in words", f"surpassing {bar}", outcome, "detail")


def _training(paper: Published, ledger: Ledger) -> None:
    patience, epochs = paper.count("training.patience"), paper.count("training.epochs")
    for model in ("convnext_tiny", "convnext_base", "convnext_large"):
        first, final = (paper.value(f"results.{model}.val_loss.{when}") for when in ("first", "last"))
        outcome = statements.early_stopping(first, final, patience, epochs)
        printed = f"patience {patience}, {epochs} epochs"
        ledger.add(f"results.{model}.val_loss", "early stopping", printed, outcome, "headline")
    low, high = (paper.value(f"results.convnext_small.val_loss.{end}") for end in ("low", "high"))
    final = paper.value("table1.convnext_small.final_val_loss")
    outcome = statements.within(final, low, high)
    ledger.add("table1.convnext_small.final_val_loss", "within stated range", final, outcome)
    for model in (TRIPLE, PAIR):
        first, last = (paper.value(f"results.{model}.accuracy.{end}") for end in ("low", "high"))
        outcome = statements.within(paper.value(f"table1.{model}.best_val_accuracy"), first, last)
        ledger.add(f"table1.{model}.best_val_accuracy", "within stated range", f"{first} to {last}", outcome)
    ways = [("mean of the predictions", "3.3"), ("majority vote", "3.3 and 4"), ("trained per epoch", "Table 1 and 4")]
    outcome = statements.setting_twice(ways, "ambiguous")
    ledger.add("3.3 and 4: how the ensembles combine", "stated twice", ways[0][0], outcome, "headline")
    outcome = Outcome("ambiguous", "ties possible", "2 members can tie in a vote between two classes.")
    ledger.add("Small + EfficientNet-B3 by majority vote", "vote decides", "majority voting", outcome)


def _architectures(paper: Published, ledger: Ledger) -> None:
    count = networks.parameters("convnext_xlarge", 2)
    outcome = judged(1e7 <= count < 1e9, f"{count:,}", f"timm's ConvNeXt-XLarge has {count:,} parameters.")
    quote = "likely has tens or hundreds of millions of parameters"
    ledger.add("4: ConvNeXt-XLarge " + quote, "parameter count", quote, outcome, "detail")
    width = {m: networks.build(m, 2).num_features for m in SINGLE[:4]}
    holds = all(width["convnext_large"] == 2 * width[m] for m in SINGLE[:3])
    listed = ", ".join(f"{m} {w}" for m, w in width.items())
    quote = "the number of features is twice as many as that of Tiny, Small, and Base"
    outcome = judged(holds, listed, f"Widths: {listed}.")
    ledger.add("4: ConvNeXt-Large " + quote, "layer widths", quote, outcome, "detail")
    stated, known = paper.count("models.convnextv2.variants"), networks.released("convnextv2")
    text = f"timm has weights of {', '.join(known)}; printed: {stated}."
    outcome = judged(stated == len(known), str(len(known)), text)
    ledger.add("models.convnextv2.variants", "variants", paper.printed("models.convnextv2.variants"), outcome, "detail")
