"""Checks of abdulqader2026: ConvNeXt-Tiny with hybrid augmentation on HAM10000 (data, results, statements).

Tables 7 and 8 are in ``audit_classes``; architecture, timing and compression in ``audit_cost``; settings and
cross-references in ``audit_settings``.
"""

from lib.audit import facts
from lib.audit.checks import arithmetic, cells, statements, supports
from lib.audit.checks.rounding import Rounded, counts_behind, which_n
from lib.audit.finding import Ledger, judged
from lib.audit.general import check_told_apart
from lib.audit.values import Published
from lib.papers.abdulqader2026.audit_classes import METRICS, audit_classes, supports_of
from lib.papers.abdulqader2026.audit_cost import audit_cost
from lib.papers.abdulqader2026.audit_settings import audit_settings

ABLATIONS = ("table9", "table12", "table13", "table14", "table15")
PARTS = ("train", "validation", "test")


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    _data(paper, ledger)
    audit_classes(paper, ledger)
    _ablations(paper, ledger)
    _claims(paper, ledger)
    audit_settings(paper, ledger)
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

    own = "table17.proposed"
    others = {}
    for m in METRICS:
        others[m] = {f"{t}.{k}": v for t in ("table16", "table17") for k, v in paper.table(t, m).items()}
    quote = "These outcomes surpass baseline ConvNeXt variants and other state-of-the-art methods"
    ledger.claim("Abstract (exceptions named in the discussion)", quote, statements.best_in_all(others, own))
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
    ids = [f"{table}.wei2023.{m}" for table in ("table16", "table17") for m in ("accuracy", "f1")]
    for table_16, table_17 in zip(ids[:2], ids[2:], strict=True):
        pair = [(paper.printed(i), paper.where(i)) for i in (table_16, table_17)]
        outcome = statements.setting_twice(pair, "ambiguous")
        ledger.add(
            f"{table_16} and {table_17}", "one work, two values", " / ".join(v for v, _ in pair), outcome, "detail"
        )
