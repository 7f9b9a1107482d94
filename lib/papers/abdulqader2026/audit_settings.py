"""Checks of abdulqader2026, continued: settings stated twice, schedule, cross-references."""

import inspect
import math

import torch

from lib.audit import facts
from lib.audit.checks import arithmetic, statements
from lib.audit.finding import Ledger, judged
from lib.audit.values import Published

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


def audit_settings(paper: Published, ledger: Ledger) -> None:
    """Add the findings of Tables 3 and 6, of the sections around them, and of the tables that the text names."""
    _stated_twice(paper, ledger)
    _schedule(paper, ledger)
    _references(paper, ledger)


def _stated_twice(paper: Published, ledger: Ledger) -> None:
    for online in ("mixup", "cutmix"):
        ids = [f"table3.{online}.parameters.probability", f"proposed.{online}"]
        outcome = arithmetic.same([paper.value(i) for i in ids], [paper.where(i) for i in ids])
        ledger.add(ids[0], "stated twice", paper.printed(ids[0]), outcome)
    parts = [paper.value(f"proposed.{x}").value for x in ("mixup", "cutmix", "plain")]
    outcome = judged(abs(sum(parts) - 1) < 1e-9, f"{sum(parts):g}", "The three probabilities add up to one.")
    ledger.add("proposed: mixup, cutmix, neither", "probabilities add up", " + ".join(f"{p:g}" for p in parts), outcome)
    same = [("training.label_smoothing", "table6.label_smoothing.value")]
    same += [(f"preprocessing.image_size.{side}", f"table6.image_size.value.{side}") for side in ("height", "width")]
    for ids in same:
        outcome = arithmetic.same([paper.value(i) for i in ids], [paper.where(i) for i in ids])
        ledger.add(ids[0], "stated twice", paper.printed(ids[0]), outcome)
    # Equation 4 gives every class epsilon / K, the true one too.
    epsilon, classes = paper.value("training.label_smoothing").value, len(facts.HAM10000)
    true, others = (paper.value(f"training.label_smoothing.{which}") for which in ("true_class", "others"))
    share = 1 - epsilon + epsilon / classes
    text = f"By Equation 4 with {classes} classes the true class keeps {share:.4f} and the others {1 - share:.4f}."
    outcome = judged(true.holds(share) and others.holds(1 - share), f"{share:.4f} and {1 - share:.4f}", text)
    ledger.add("training.label_smoothing", "text against equation", f"{true} / {others}", outcome, "detail")
    ways = [("mean over all pixels of the training set", "Data Preprocessing"), ("the image's mean", "next sentence")]
    ledger.add("normalization", "stated twice", " / ".join(w for w, _ in ways), statements.setting_twice(ways))
    ways = [("by training images", "Data Preprocessing"), ("before the images were divided", "Splitting")]
    ledger.add(
        "normalization", "order of steps", " / ".join(w for w, _ in ways), statements.setting_twice(ways), "detail"
    )
    ways = [("randomly cropped", "first sentence"), ("resized", "second sentence")]
    outcome = statements.setting_twice(ways, "ambiguous")
    ledger.add("Data Preprocessing: to the input size", "stated twice", "randomly cropped / resized", outcome)


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
