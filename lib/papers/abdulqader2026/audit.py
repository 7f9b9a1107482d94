"""Checks of abdulqader2026: ConvNeXt-Tiny with hybrid augmentation on HAM10000 (data, results, statements).

Tables 7 and 8 are in ``audit_classes``; architecture, timing and compression in ``audit_cost``.
"""

import inspect
import math

import torch

from lib.audit import facts
from lib.audit.checks import arithmetic, cells, statements, supports
from lib.audit.checks.rounding import Rounded, counts_behind, which_n
from lib.audit.finding import Ledger, judged
from lib.audit.general import check_setting, check_told_apart
from lib.audit.values import Published
from lib.papers.abdulqader2026.audit_classes import METRICS, audit_classes, supports_of
from lib.papers.abdulqader2026.audit_cost import audit_cost

ABLATIONS = ("table9", "table12", "table13", "table14", "table15")
PARTS = ("train", "validation", "test")

# (place, table that the text names, row that the sentence speaks of)
REFERENCES = (
    ("Results", 12, "convnext_base"),
    ("Results", 13, "128"),
    ("Results", 14, "nadam"),
    ("Results", 15, "16"),
    ("Discussion: established transfer learning architectures", 14, "hu2024"),
    ("Discussion: other ConvNeXt-based models", 15, "aruk2025"),
    ("Discussion: most of the models", 16, "hu2024"),
)


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    _data(paper, ledger)
    audit_classes(paper, ledger)
    _ablations(paper, ledger)
    _claims(paper, ledger)
    _stated_twice(paper, ledger)
    _schedule(paper, ledger)
    _references(paper, ledger)
    audit_cost(paper, ledger)


def _data(paper: Published, ledger: Ledger) -> None:
    ham = facts.HAM10000
    counts = paper.counts("table1", "n_images")
    total = counts.pop("total")
    ledger.add("table1", "class counts", total, supports.class_counts(counts, ham), "headline")
    ledger.add("table1.total.n_images", "total", total, arithmetic.total(total, list(counts.values())))
    for c, share in paper.table("table1", "share").items():
        outcome = arithmetic.share(share, counts.get(c, total), total)
        ledger.add(f"table1.{c}.share", "share", share, outcome, "detail")
    split = {part: paper.counts("table2", part) for part in (*PARTS, "total")}
    for part in (*PARTS, "total"):
        split[part].pop("share", None)
        printed = split[part].pop("total")
        outcome = arithmetic.total(printed, list(split[part].values()))
        ledger.add(f"table2.total.{part}", "total", printed, outcome)
    for c in ham:
        outcome = arithmetic.total(split["total"][c], [split[part][c] for part in PARTS])
        ledger.add(f"table2.{c}.total", "total", split["total"][c], outcome)
    ledger.add("table2", "class counts", "column Total", supports.class_counts(split["total"], ham), "headline")
    for part in PARTS:
        share = paper.value(f"table2.share.{part}")
        outcome = supports.fraction_of_classes(split[part], ham, share.value)
        ledger.add(f"table2 {part}", "share of every class", share, outcome, "headline")
        outcome = arithmetic.share(share, sum(split[part].values()), total)
        ledger.add(f"table2.share.{part}", "share", share, outcome, "detail")
        stated = paper.value(f"preprocessing.split.{part}")
        outcome = arithmetic.same([share, stated], ["Table 2", paper.where(f"preprocessing.split.{part}")])
        ledger.add(f"preprocessing.split.{part}", "stated twice", stated, outcome, "headline")
    pixels = tuple(paper.count(f"dataset.image_size.{side}") for side in ("height", "width"))
    outcome = judged(pixels == facts.HAM10000_IMAGE_SIZE, str(facts.HAM10000_IMAGE_SIZE), f"Printed: {pixels}.")
    ledger.add("dataset.image_size", "image size of the data set", pixels, outcome, "detail")


def _correct(accuracy: Rounded, n: int) -> list[int]:
    """Counts behind an accuracy, or the two whole counts around it if there is none."""
    counts = counts_behind(accuracy, n)
    return list(counts) or [int(accuracy.value * n), int(accuracy.value * n) + 1]


def _ablations(paper: Published, ledger: Ledger) -> None:
    sizes = list(supports_of(paper).values())
    n, n_val = (paper.count(f"table2.total.{part}") for part in ("test", "validation"))
    accuracies = {}
    for table in (*ABLATIONS, "table11"):
        for key, value in paper.table(table, "accuracy").items():
            accuracies[f"{table}.{key}"] = value
    distinct = {round(v.value, 6): v for v in accuracies.values()}.values()
    outcome = which_n(distinct, {"test": n, "validation": n_val})
    ledger.add("accuracies of tables 9 to 15", "grim, which n", f"n = {n}", outcome)
    for table in ABLATIONS:
        for key in paper.table(table, "accuracy"):
            row = paper.cells(f"{table}.{key}", METRICS)
            correct = _correct(row["accuracy"], n)
            compared = {k: row[k] for k in METRICS if k in row}
            outcome = cells.swapped_columns(compared, correct, sizes)
            ledger.add(f"{table}.{key}", "bounds and swapped columns", " ".join(map(str, compared.values())), outcome)
    for table in (*ABLATIONS, "table11"):
        column = paper.table(table, "accuracy")
        order = sorted(column, key=lambda k: -column[k].value)
        check_told_apart(ledger, table, column, [(order[0], other) for other in order[1:]], n)


def _claims(paper: Published, ledger: Ledger) -> None:
    def columns(table: str, metrics=METRICS) -> dict[str, dict[str, Rounded]]:
        return {m: paper.table(table, m) for m in metrics}

    nine = {m: {row: paper.meant(f"table9.{row}.{m}") for row in of} for m, of in columns("table9").items()}
    quote = "the combination of both ... achieved the highest performance across all metrics"
    ledger.claim("Table 9", quote, statements.best_in_all(nine, "proposed"), "headline")
    quote = "base model of ConvNeXt-Tiny consistently yielding the best performance"
    ledger.claim("Table 12", quote, statements.best_in_all(columns("table12"), "convnext_tiny"))
    best = paper.printed("ablation.image_size.best")
    quote = f"an input size of {best} achieved the highest scores"
    ledger.claim("Table 13", quote, statements.best_in_all(columns("table13"), best))
    quote = "AdamW demonstrated superior performance"
    ledger.claim("Table 14", quote, statements.best_in_all(columns("table14"), "adamw"))
    best = paper.printed("ablation.batch_size.best")
    quote = f"a batch size of {best} provided the most effective configuration"
    # "Most effective" allows for exceptions, unlike "highest scores".
    ledger.claim("Table 15", quote, statements.best_in_all(columns("table15", METRICS[:5]), best, allowed=2))

    others = {}
    for m in METRICS:
        others[m] = {f"{k} (Table {t})": v for t in (16, 17) for k, v in paper.table(f"table{t}", m).items()}
    quote = "These outcomes surpass baseline ConvNeXt variants and other state-of-the-art methods"
    outcome = statements.best_in_all(others, "proposed (Table 17)", n=paper.protocols["test"].n)
    ledger.claim("Abstract (exceptions named in the discussion)", quote, outcome)
    quote = "superior ... in almost all reported indicators"
    seventeen = columns("table17")
    ledger.claim("Table 17", quote, statements.best_in_all(seventeen, "proposed", allowed=1), "detail")

    recalls, f1 = paper.table("table8", "recall"), paper.table("table8", "f1")
    quote = "extremely rare classes such as dermatofibroma tended to have lower recall"
    ledger.claim("Discussion", quote, statements.below_median(recalls, ["df"]), "detail")
    quote = "relatively low accuracy, recall, and F1-scores for MEL and AKIEC"
    low = {c: f1[c] for c in f1 if c not in ("mel", "akiec")}
    ledger.claim("Table 8", quote, statements.each_exceeds(low, {c: f1[c] for c in ("mel", "akiec")}))
    n, right = supports_of(paper), {c: min(s, max(_correct(recalls[c], s))) for c, s in supports_of(paper).items()}
    quote = "balanced and resilient performance across all seven HAM10000 diagnostic categories"
    ledger.claim("Conclusion (exceptions named with Table 8)", quote, statements.spread_of_recalls(right, n))
    outcome = statements.reported("A random forest", False, "No table has one.")
    ledger.claim("Table 8", "the compared model, random forest", outcome, "detail")
    for m in ("accuracy", "f1"):
        ids = [f"{table}.wei2023.{m}" for table in ("table16", "table17")]
        check_setting(ledger, " and ".join(ids), paper.stated(*ids), "ambiguous", "detail", "one work, two values")


def _stated_twice(paper: Published, ledger: Ledger) -> None:
    for online in ("mixup", "cutmix"):
        ids = [f"table3.{online}.parameters.probability", f"proposed.{online}"]
        ledger.add(ids[0], "stated twice", paper.printed(ids[0]), paper.same(*ids))
    parts = [paper.value(f"proposed.{x}").value for x in ("mixup", "cutmix", "plain")]
    outcome = judged(abs(sum(parts) - 1) < 1e-9, f"{sum(parts):g}", "The three probabilities add up to one.")
    ledger.add("proposed: mixup, cutmix, neither", "probabilities add up", " + ".join(f"{p:g}" for p in parts), outcome)
    same = [("training.label_smoothing", "table6.label_smoothing.value")]
    same += [(f"preprocessing.image_size.{side}", f"table6.image_size.value.{side}") for side in ("height", "width")]
    for ids in same:
        ledger.add(ids[0], "stated twice", paper.printed(ids[0]), paper.same(*ids))
    # Equation 4 gives every class epsilon / K, the true one too.
    epsilon, classes = paper.value("training.label_smoothing").value, len(facts.HAM10000)
    true, others = (paper.value(f"training.label_smoothing.{which}") for which in ("true_class", "others"))
    share = 1 - epsilon + epsilon / classes
    text = f"By Equation 4 with {classes} classes the true class keeps {share:.4f} and the others {1 - share:.4f}."
    outcome = judged(true.holds(share) and others.holds(1 - share), f"{share:.4f} and {1 - share:.4f}", text)
    ledger.add("training.label_smoothing", "text against equation", f"{true} / {others}", outcome, "detail")
    ways = [("mean over all pixels of the training set", "Data Preprocessing"), ("the image's mean", "next sentence")]
    check_setting(ledger, "normalization", ways)
    ways = [("by training images", "Data Preprocessing"), ("before the images were divided", "Splitting")]
    check_setting(ledger, "normalization", ways, bearing="detail", check="order of steps")
    ways = [("randomly cropped", "first sentence"), ("resized", "second sentence")]
    check_setting(ledger, "Data Preprocessing: to the input size", ways, "ambiguous")


def _schedule(paper: Published, ledger: Ledger) -> None:
    """The printed warm-up against what OneCycleLR does by itself."""
    defaults = inspect.signature(torch.optim.lr_scheduler.OneCycleLR).parameters
    warmup, epochs = (paper.value(f"table6.{name}.value").value for name in ("warmup_epochs", "epochs"))
    share = warmup / epochs if epochs else math.inf
    default = defaults["pct_start"].default
    outcome = judged(math.isclose(share, default), f"{default:g}", f"Warm-up is {share:g} of the epochs.", "ambiguous")
    ledger.add("table6.warmup_epochs", "schedule's own warm-up", paper.printed("table6.warmup_epochs.value"), outcome)


def _references(paper: Published, ledger: Ledger) -> None:
    """Tables that the text names against those where the thing stands."""
    tables = sorted({int(row["table"]) for row in paper.rows.values() if row["table"] is not None})
    for place, named, row in REFERENCES:
        places = [t for t in tables if row in paper.table(f"table{t}", "accuracy")]
        what = paper.where(f"table{places[0]}.{row}.accuracy").split(", ", 1)[1].removesuffix(", Acc")
        outcome = statements.cross_reference(named, places, what)
        ledger.add(f"{place}: {what}", "cross-reference", f"Table {named}", outcome, "detail")
