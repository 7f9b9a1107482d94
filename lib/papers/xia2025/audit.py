"""Checks of xia2025: an improved ConvNeXt-Tiny on a 779-image subset of an Alzheimer MRI set."""

import math

import timm

from lib.audit import facts
from lib.audit.checks import arithmetic, cells, statements, supports
from lib.audit.checks.rounding import fitting_n, grim_together
from lib.audit.finding import Ledger, Outcome, judged
from lib.audit.general import check_setting, check_told_apart
from lib.audit.values import Published
from lib.papers.xia2025.audit_architecture import audit_architecture

CLASSES = {"mild": "MildDemented", "moderate": "ModerateDemented", "non": "NonDemented",
           "very_mild": "VeryMildDemented"}  # fmt: skip
MODELS = ("iconvnext_tiny", "convnext_tiny", "base_cnn")
BACKBONE = "convnext_tiny.fb_in1k"

RATES = ("training.learning_rate", "results.a.learning_rate", "curves.iconvnext_tiny.learning_rate",
         "curves.table1.learning_rate")  # fmt: skip


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    _data(paper, ledger)
    n = _test_set(paper, ledger)
    _headline(paper, ledger, n)
    _settings(paper, ledger)
    _curves(paper, ledger)
    _claims(paper, ledger)
    audit_architecture(paper, ledger)


def implied_test_size(paper: Published) -> int | None:
    """Smallest test set, up to the size of the subset, on which all accuracies of Table 1 are whole counts."""
    fits = fitting_n(paper.table("table1", "accuracy").values(), range(1, sum(_subset(paper).values()) + 1))
    return fits[0] if fits else None


def sizes(paper: Published) -> dict[str, int]:
    """Numbers of images that the paper does not state, by protocol: the test set that Table 1 implies."""
    n = implied_test_size(paper)
    return {"test": n} if n else {}


def stated_rates(paper: Published) -> dict[str, float]:
    """Every learning rate that the paper states for its model, by id."""
    return {ident: paper.value(ident).value for ident in RATES}


def fitting_rate(paper: Published) -> float | None:
    """The stated rate that the Base CNN's exceeds by the orders of magnitude that section 3.3 names; None: none."""
    orders = paper.count("confusion.base_cnn.learning_rate_orders")
    base = paper.value("results.d.learning_rate").value
    fits = [rate for rate in stated_rates(paper).values() if abs(math.log10(base / rate) - orders) <= 0.5]
    return fits[0] if fits else None


def _subset(paper: Published) -> dict[str, int]:
    return {c: paper.count(f"data.subset.{c}") for c in CLASSES}


def _data(paper: Published, ledger: Ledger) -> None:
    whole = {CLASSES[c]: paper.count(f"data.whole.{c}") for c in CLASSES}
    printed = paper.printed("data.n_images")
    ledger.add("data.whole", "class counts", printed, supports.class_counts(whole, facts.ALZHEIMER), "headline")
    outcome = arithmetic.total(paper.count("data.n_images"), list(whole.values()))
    ledger.add("data.n_images", "total", printed, outcome)
    slices = paper.count("data.slices_per_subject")
    for c in CLASSES:
        for scope in ("whole", "subset"):
            images, subjects = paper.count(f"data.{scope}.{c}"), paper.count(f"data.{scope}.{c}.subjects")
            outcome = supports.images_of_subjects(images, subjects, slices, exact=scope == "whole")
            ledger.add(f"data.{scope}.{c}", "images of subjects", f"{images} of {subjects} subjects", outcome)
    parts = sum(paper.value(f"preprocessing.split.{p}").value for p in ("train", "validation", "test"))
    outcome = judged(parts == 10, f"{parts:g}", "Tenths add up to ten.")
    ledger.add("preprocessing.split", "shares add up", "7:1:2", outcome)
    subjects = paper.count("data.subset.moderate.subjects")
    ident, outcome = "data.subset.moderate.subjects", supports.units_fill_splits(subjects, 3, "subjects")
    ledger.add(ident, "subjects apart in the split", f"{subjects} subjects", outcome, "headline")


def _test_set(paper: Published, ledger: Ledger) -> int:
    """Checks of the test set's size; returns the size that the accuracies imply, or the described one."""
    subset, share = _subset(paper), paper.value("preprocessing.split.test").value / 10
    total, accuracies = sum(subset.values()), list(paper.table("table1", "accuracy").values())
    described = round(share * total)
    outcome = grim_together(accuracies, described, total)
    ledger.add("table1 accuracies", "grim, all together", f"n = {described}", outcome)
    implied = implied_test_size(paper)
    n = implied or described
    outcome = supports.evaluation_size(n, total, share, len(subset))
    ledger.add("test images implied by table1", "supports against split ratio", n, outcome)
    correct, available = paper.count("confusion.very_mild.correct"), subset["very_mild"]
    outcome = supports.count_fits(correct, available, described, total, "very mild")
    ledger.add("confusion.very_mild.correct", "count fits the split", correct, outcome)
    outcome = supports.count_fits(correct, available, n, total, "very mild")
    ledger.add(f"confusion.very_mild.correct at n = {n}", "count fits the split", correct, outcome)
    return n


def _headline(paper: Published, ledger: Ledger, n: int) -> None:
    table = paper.value("table1.iconvnext_tiny.accuracy")
    for ident in ("abstract.accuracy", "conclusion.accuracy"):
        value = paper.value(ident)
        outcome = paper.same("table1.iconvnext_tiny.accuracy", ident)
        f1 = paper.value("table1.iconvnext_tiny.f1")
        if outcome.verdict == "inconsistent" and abs(f1.value - value.value) < 1e-9:
            text = f"{outcome.explanation} {value} is Table 1's F1 score."
            outcome = Outcome("typo", outcome.implied, text)
        ledger.add(ident, "text against table", value, outcome, "detail")
    nearly = paper.value("advantages.accuracy")
    outcome = judged(abs(nearly.value - table.value) <= 0.01, f"{table}", f"'Nearly {nearly}' against {table}.")
    ledger.add("advantages.accuracy", "claim in words", f"nearly {nearly}", outcome)
    for model in MODELS:
        row = paper.cells(f"table1.{model}", ("accuracy", "recall"))
        outcome = cells.weighted_recall(row["accuracy"], row["recall"])
        ledger.add(f"table1.{model}.recall", "weighted recall is accuracy", row["recall"], outcome)
    accuracy = paper.table("table1", "accuracy")
    check_told_apart(ledger, "table1", accuracy, [(MODELS[0], other) for other in MODELS[1:]], n, "headline")


def _settings(paper: Published, ledger: Ledger) -> None:
    check_setting(ledger, "learning rate of the improved model", paper.stated(*RATES), bearing="headline")
    for ident in ("curves.base_cnn.learning_rate", "overall.learning_rate"):
        complete = math.isfinite(paper.row(ident)["value"])
        why = "The text at hand is extracted from a PDF, where the exponent may have been lost."
        outcome = statements.reported(f"Exponent of {paper.printed(ident)}", complete, why)
        ledger.add(ident, "number complete", paper.printed(ident), outcome)
    epochs = paper.stated("training.epochs", "abstract.epochs", "results.a.epochs")
    check_setting(ledger, "epochs of the improved model", epochs, bearing="headline")

    # "two orders of magnitude higher than that of the improved model", for the Base CNN of case (d)
    base, fits = paper.value("results.d.learning_rate").value, fitting_rate(paper)
    ratios = {paper.printed(i): base / rate for i, rate in stated_rates(paper).items()}
    listed = ", ".join(f"{ratio:g} times {rate}" for rate, ratio in ratios.items())
    outcome = judged(fits is not None, f"{fits}", f"The Base CNN's {base:g} is {listed}; the sentence fits {fits}.")
    quote = f"{paper.printed('confusion.base_cnn.learning_rate_orders')} orders of magnitude higher"
    ledger.add("confusion.base_cnn.learning_rate_orders", "ratio to any stated rate", quote, outcome)
    low, high = paper.value("results.c.learning_rate"), paper.value("results.d.learning_rate")
    outcome = statements.each_exceeds({"case (d), 'high'": high}, {"case (c), 'low'": low})
    ledger.add("Base CNN: high and low learning rate", "claim in words", f"{low} / {high}", outcome)
    config = timm.get_pretrained_cfg(BACKBONE)
    mean = paper.value("preprocessing.normalization")
    text = (
        f"{BACKBONE} was trained with means {config.mean}; fine-tuning can adapt to others. Which weights: not stated."
    )
    outcome = judged(all(mean.holds(m) for m in config.mean), str(config.mean), text, "ambiguous")
    ledger.add("preprocessing.normalization", "normalization of the weights", mean, outcome, "detail")
    shown = {row["quantity"] for row in paper.rows.values() if row["table"] == "1"}
    why = f"The table holds {', '.join(sorted(shown))}, no losses and no epochs."
    outcome = judged("val_loss" in shown, ", ".join(sorted(shown)), why, "typo")
    caption = "Training and validation loss and accuracy across epochs"
    ledger.add("table1 caption", "caption against columns", caption, outcome)


def _curves(paper: Published, ledger: Ledger) -> None:
    ours, other = paper.value("curves.iconvnext_tiny.val_loss.sixth"), paper.value("curves.convnext_tiny.val_loss.last")
    ident = "curves.convnext_tiny.val_loss.excess"
    outcome = arithmetic.relative_change(paper.value(ident), other, ours)
    ledger.add(ident, "ratio", paper.value(ident), outcome, "detail")
    train = paper.value("curves.iconvnext_tiny.train_loss.last")
    quote = (
        "no significant overfitting was observed, as the validation and training loss curves showed consistent trends"
    )
    ledger.claim("", quote, statements.no_gap(train, ours))
    base = paper.value("curves.base_cnn.val_loss.last")
    why = "Table 1 has one Base CNN, the text two trainings of it; that of case (d) has the lowest validation loss, "
    why += f"{base} against {ours}."
    outcome = statements.reported("Which of the two it is, and the accuracy of the other", False, why)
    ledger.add("table1.base_cnn", "number behind a claim", paper.value("table1.base_cnn.accuracy"), outcome)


def _claims(paper: Published, ledger: Ledger) -> None:
    columns = {q: paper.table("table1", q) for q in ("accuracy", "precision", "recall", "f1")}
    outcome = statements.best_in_all(columns, MODELS[0])
    ledger.claim("", "the best overall classification performance", outcome, "headline")
    threshold, table = paper.value("overall.val_accuracy"), paper.value("table1.iconvnext_tiny.accuracy")
    loss = paper.value("curves.iconvnext_tiny.val_loss.first")
    outcome = statements.accuracy_at_loss(threshold, loss, len(CLASSES))
    quote = f"validation accuracy consistently exceeding {threshold}"
    ledger.add(f"{quote}, first validation loss {loss}", "accuracy at this loss", quote, outcome)
    above = table.value > threshold.value
    text = f"Test accuracy is {table}; validation accuracies to compare with {threshold} are not given."
    outcome = Outcome("consistent" if above else "ambiguous", f"test {table}", text)
    ledger.claim("", f"validation accuracy consistently exceeding {threshold}", outcome)
    quote = "ROC and AUC metrics consistently surpassing those of competing models"
    what = "The AUC of the Base CNN (d) in certain classes"
    ledger.claim("", quote, statements.can_be_surpassed(paper.value("roc.base_cnn.best"), what))
    low, high = paper.value("confusion.f1.lowest"), paper.value("confusion.f1.highest")
    outcome = statements.within(paper.value("table1.iconvnext_tiny.f1"), low, high)
    ledger.add("table1.iconvnext_tiny.f1", "within stated range", f"{low} to {high}", outcome)
    outcome = arithmetic.same([high, paper.value("confusion.moderate.f1")], ["highest", "Moderate Demented"])
    ledger.add("confusion.moderate.f1", "stated twice", paper.value("confusion.moderate.f1"), outcome)
    share, moderate = paper.value("preprocessing.split.test").value / 10, _subset(paper)["moderate"]
    outcome = statements.perfect_of(round(share * moderate))
    ledger.claim("", "Moderate Demented class achieved perfect classification", outcome)
    for rival in ("ResNet and EfficientNet", "Vision Transformer"):
        outcome = statements.reported(f"Result of {rival}", False, "Table 1 compares ConvNeXt-Tiny and a plain CNN.")
        ledger.number_behind(f"superior performance compared with {rival}", outcome)
    for cost in ("inference latency", "memory consumption"):
        outcome = statements.reported(f"Measured {cost}", False, "No time or memory is in the paper.")
        ledger.number_behind(f"low {cost}", outcome)
