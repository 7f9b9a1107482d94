"""Checks of dhanalakshmi2025, continued: what its text says of its tables."""

from lib.audit.checks import statements
from lib.audit.finding import Ledger
from lib.audit.general import check_setting, check_told_apart
from lib.audit.values import Published

CLASSES = ("benign", "malignant")
SINGLE = ("convnext_tiny", "convnext_small", "convnext_base", "convnext_large", "convnext_xlarge")
TRIPLE, PAIR = "ensemble_tiny_small_base", "ensemble_small_efficientnet_b3"
MODELS = (*SINGLE, TRIPLE, PAIR)

# (item, verdict, statements with their places)
STATED_TWICE = (
    ("5: convergence of the single models", "inconsistent", ("steady convergence for all ConvNeXt variants", "5"),
     ("ConvNeXt-XLarge is the most volatile; its validation loss fluctuates greatly", "4")),
    ("5: validation accuracy of the ensemble", "ambiguous", ("minimal fluctuations", "5"),
     ("some fluctuation during the last epochs", "4")),
)  # fmt: skip


def supports_of(paper: Published, model: str = SINGLE[0]) -> dict[str, int]:
    """Images of each class that Table 3 counts for a model."""
    return {c: paper.count(f"table3.{model}.{c}.support") for c in CLASSES}


def audit_claims(paper: Published, ledger: Ledger) -> None:
    """Add the findings on sections 4 and 5 and the abstract."""
    accuracy = paper.table("table1", "best_val_accuracy")
    single = {m: accuracy[m] for m in SINGLE}
    ensembles = {m: accuracy[m] for m in (TRIPLE, PAIR)}
    recall = {c: {m: paper.value(f"table3.{m}.{c}.recall") for m in accuracy} for c in CLASSES}

    quote = "Tiny, Small, and Base models combined, achieving the greatest validation accuracy"
    ledger.claim("Abstract", quote, statements.is_best(accuracy, TRIPLE), "headline")
    quote = "Ensemble models, as expected, outperform individual models"
    ledger.claim("4", quote, statements.each_exceeds(ensembles, single, paper.protocols["validation"].n))
    quote = "a result that is difficult for any individual model to match"
    ledger.claim("4", quote, statements.each_exceeds({TRIPLE: accuracy[TRIPLE]}, single))
    quote = "ConvNeXt-Small ... the most accurate out of all the ConvNeXt models"
    ledger.claim("4", quote, statements.is_best(single, "convnext_small"), "headline")
    quote = "ConvNeXt-XLarge model has the second lowest accuracy"
    ledger.claim("4", quote, statements.has_rank(accuracy, "convnext_xlarge", 2), "detail")
    quote = "performance improves with increasing model complexity"
    ledger.claim("5", quote, statements.increasing(list(single.items())))
    quote = "ConvNeXt-Large and XLarge perform exceptionally well, their gains over ConvNeXt-Base"
    large = {m: accuracy[m] for m in ("convnext_large", "convnext_xlarge")}
    ledger.claim("5", quote, statements.each_exceeds(large, {"convnext_base": accuracy["convnext_base"]}))
    quote = "the highest recall for malignant cases (shared with ConvNeXt-Small and ConvNeXt-Base)"
    ledger.claim("4", quote, statements.is_best(recall["malignant"], TRIPLE))
    quote = "The ensemble model (Tiny + Small + Base) ... reducing both false negatives and false positives"
    # The fewest false positives of a member are not asked for, only fewer than its worst one has.
    members = {m: recall["benign"][m] for m in SINGLE[:3]}
    worst = min(members, key=lambda m: members[m].value)
    ours = {f"benign recall of {TRIPLE}": recall["benign"][TRIPLE]}
    ledger.claim("5", quote, statements.each_exceeds(ours, {worst: members[worst]}))
    quote = "ConvNeXt-Large and XLarge models had a slightly higher false-positive rate for benign cases"
    readings = {
        f"{other} images called {named}": statements.each_exceeds(
            {f"{m}'s recall of {other}": recall[other][m] for m in SINGLE[:3]},
            {f"{m}'s recall of {other}": recall[other][m] for m in SINGLE[3:]},
        )
        for other, named in (CLASSES, CLASSES[::-1])
    }
    ledger.claim("5", quote, statements.two_readings(readings))

    quote = "deeper models like ConvNeXt-XLarge could be regarded as the most promising concerning their best results"
    ledger.claim("5", quote, statements.is_best(accuracy, "convnext_xlarge"))
    quote = "ensemble-based alternatives, and more so those combining EfficientNet and ConvNeXt, give good trade-offs"
    ledger.claim("5", quote, statements.is_best(ensembles, PAIR))
    for item, otherwise, *ways in STATED_TWICE:
        check_setting(ledger, item, ways, otherwise)
    _differences(paper, ledger)


def _differences(paper: Published, ledger: Ledger) -> None:
    """Which accuracies of Table 1 are further from the best one than chance among Table 3's images puts them?"""
    accuracy = paper.table("table1", "best_val_accuracy")
    n = sum(supports_of(paper).values())
    order = sorted(accuracy, key=lambda m: -accuracy[m].value)
    for other in order[1:]:
        bearing = "headline" if other in (order[1], SINGLE[0]) else "secondary"
        check_told_apart(ledger, "table1", accuracy, [(order[0], other)], n, bearing)
