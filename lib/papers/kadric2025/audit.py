"""Checks of kadric2025: frozen ResNet-50 and EfficientNetV2-L on DermaMNIST and DermaMNIST-C.

Only a summary of the paper by others is at hand: a finding about a statement is about that text.
"""

import pandas as pd

from lib.audit import facts
from lib.audit.checks import comparisons, networks, statements, supports
from lib.audit.checks.rounding import Rounded, counts_behind, rounded, which_n
from lib.audit.finding import Ledger, Outcome, judged
from lib.audit.values import Published, published

EFFV1, EFFV3, EFFV4 = (f"architecture.effv{v}.accuracy" for v in (1, 3, 4))
LOW = ("architecture.low.resnet50.accuracy", "architecture.low.efficientnetv2_l.accuracy")
LOW_VALIDATION = "results.low.val_accuracy"


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    version, n = _version(paper, ledger)
    _baselines(paper, ledger, version, n)
    _comparisons(paper, ledger, n)
    _settings(paper, ledger)


def _accuracies(paper: Published) -> list[Rounded]:
    return [paper.value(i) for i in (EFFV1, EFFV3, EFFV4)]


def fitting_version(paper: Published) -> str:
    """The version of DermaMNIST-C that the accuracies fit; the first one if they do not decide."""
    sizes_ = facts.DERMAMNIST_C_TEST
    fits = [v for v, n in sizes_.items() if all(counts_behind(p, n) for p in _accuracies(paper))]
    return fits[0] if len(fits) == 1 else next(iter(sizes_))


def sizes(paper: Published) -> dict[str, int]:
    """Numbers of images that the text does not state, by protocol: the test set of the version that fits."""
    return {"dermamnist_c": facts.DERMAMNIST_C_TEST[fitting_version(paper)]}


def _version(paper: Published, ledger: Ledger) -> tuple[str, int]:
    values = _accuracies(paper)
    outcome = which_n(values, facts.DERMAMNIST_C_TEST)
    ledger.add("accuracies on DermaMNIST-C", "which version", " / ".join(map(str, values)), outcome, "headline")
    version = fitting_version(paper)
    return version, facts.DERMAMNIST_C_TEST[version]


def _baselines(paper: Published, ledger: Ledger, version: str, n: int) -> None:
    rows = [(i, facts.DERMAMNIST_NV["test"], facts.DERMAMNIST["test"]) for i in LOW]
    rows += [(LOW_VALIDATION, facts.DERMAMNIST_NV["val"], facts.DERMAMNIST["val"])]
    rows += [(i, facts.DERMAMNIST_C_TEST_NV[version], n) for i in (EFFV1, EFFV3, EFFV4)]
    for ident, majority, size in rows:
        value = paper.value(ident)
        outcome = supports.majority_baseline(value.value, majority, size, "nv")
        ledger.add(ident, "above the majority class", value, outcome)
    low, high = paper.value(LOW[1]), paper.value(EFFV3)
    before = facts.DERMAMNIST_NV["test"] / facts.DERMAMNIST["test"]
    after = facts.DERMAMNIST_C_TEST_NV[version] / n
    quote = "Resolution improvement driving performance gains"
    outcome = supports.same_difficulty(high.value - low.value, before, after)
    ledger.add(f"{quote}: {low} to {high}", "same test set", quote, outcome, "headline")
    small, large = (paper.printed(f"mechanism2.{which}.height") for which in ("from", "to"))
    text = f"Changed together: from {small} to {large} pixels, other images (DermaMNIST-C has no duplicates)."
    outcome = Outcome("ambiguous", "2 changes", text)
    ledger.add(quote, "one change at a time", quote, outcome, "headline")


def _comparisons(paper: Published, ledger: Ledger, n: int) -> None:
    best = paper.value(EFFV3)
    for ident, quote in (
        (EFFV1, "simple dense head against added Conv2D"),
        (EFFV4, "without against with class weights"),
    ):
        outcome = comparisons.distinguishable(best, paper.value(ident), n)
        ledger.add(
            f"{EFFV3} against {ident}: {quote}", "distinguishable at n", f"{best} / {paper.value(ident)}", outcome
        )
    heavy, light = paper.value(LOW[1]), paper.value(LOW[0])
    outcome = comparisons.distinguishable(heavy, light, facts.DERMAMNIST["test"])
    ledger.add(f"{LOW[1]} against {LOW[0]}", "distinguishable at n", f"{heavy} / {light}", outcome)
    quote = "surpassing or matching existing state-of-the-art methods"
    benchmark = rounded(facts.DERMAMNIST_C_RESNET50_ACCURACY)
    outcome = comparisons.at_least_as_good(best, n, benchmark, n)
    ledger.add(f"{quote}: the data set's own ResNet-50", "claim in words", quote, outcome, "headline")
    names = {"effv1": paper.value(EFFV1), "effv3": best, "effv4": paper.value(EFFV4)}
    quote = "the simple dense head (Effv3) yielding the highest accuracy"
    ledger.add(quote, "claim in words", quote, statements.is_best(names, "effv3"))


def _settings(paper: Published, ledger: Ledger) -> None:
    big, small = networks.parameters("tf_efficientnetv2_l"), networks.parameters("resnet50")
    quote = "EfficientNetV2L is heavier"
    text = f"timm's EfficientNetV2-L has {big:,} parameters, ResNet-50 {small:,}."
    ledger.add(quote, "parameter count", quote, judged(big > small, f"{big / small:.1f} times", text), "detail")
    size, units = paper.count("architecture.input.height"), paper.count("architecture.hidden_units")
    flat = 1
    for side in networks.layers("tf_efficientnetv2_l", 0, size)["global_pool"].input[1:]:
        flat *= side
    weights = flat * units
    text = f"Flattened features of a {size} px image: {flat:,}; Dense({units}) on them has {weights:,} weights."
    outcome = judged(weights < networks.parameters("resnet18"), f"{weights:,} weights", text)
    ledger.add("architecture: Flatten, Dense, 'simple' head", "parameter count", f"Dense({units})", outcome, "detail")
    ways = [("Batch Normalization and Dropout", "Mechanism 3"), ("Batch Normalization only", "Component map")]
    outcome = statements.setting_twice(ways, "ambiguous")
    ledger.add("head with or without dropout", "stated twice", ways[0][0], outcome)
    quote = "indicating a precision-recall tradeoff"
    given = any(row["quantity"] in ("precision", "recall", "sensitivity") for row in paper.rows.values())
    why = "Only accuracies are given for the runs with and without class weights."
    outcome = statements.reported("Precision or recall", given, why)
    ledger.add(quote, "number behind a claim", quote, outcome)
    validation, test = paper.value(LOW_VALIDATION), paper.value(LOW[0])
    same = abs(validation.value - test.value) <= validation.half
    text = f"Validation accuracy around {validation}, the lowest named accuracy at that resolution {test}."
    outcome = Outcome(
        "consistent" if same else "ambiguous", f"{test}", f"{text} The text does not say which set is which."
    )
    ledger.add(LOW_VALIDATION, "stated twice", f"around {validation}", outcome)


def version_counts() -> pd.DataFrame:
    """The whole counts behind each accuracy on DermaMNIST-C, for both versions' test sizes."""
    rows = []
    for ident, value in zip((EFFV1, EFFV3, EFFV4), _accuracies(published("kadric2025")), strict=True):
        row = {"head": ident.split(".")[1], "accuracy": str(value)}
        for version, n in facts.DERMAMNIST_C_TEST.items():
            row[f"{version}, n = {n}"] = ", ".join(f"{k}/{n}" for k in counts_behind(value, n)) or "none"
        rows.append(row)
    return pd.DataFrame(rows)
