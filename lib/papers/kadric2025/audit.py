"""Checks of kadric2025: frozen ResNet-50 and EfficientNetV2-L on DermaMNIST and DermaMNIST-C.

Only a summary of the paper by others is at hand: a finding about a statement is about that text.
"""

import math

import pandas as pd

from lib.audit import facts
from lib.audit.checks import comparisons, networks, statements, supports
from lib.audit.checks.rounding import Rounded, counts_behind, rounded, which_n
from lib.audit.finding import Ledger, Outcome, judged
from lib.audit.values import Published, published
from lib.papers.kadric2025.settings import HEADS, LOW, LOW_VAL


def audit(paper: Published, ledger: Ledger) -> None:
    """Add all findings special to this paper to ``ledger``."""
    version, n = _version(paper, ledger)
    _baselines(paper, ledger, version, n)
    _comparisons(paper, ledger, n)
    _settings(paper, ledger)


def _accuracies(paper: Published) -> list[Rounded]:
    return list(map(paper.value, HEADS.values()))


def fitting_version(paper: Published) -> str:
    """The version of DermaMNIST-C that the accuracies fit; the first one if they do not decide."""
    known = facts.DERMAMNIST_C_TEST
    fits = [v for v, n in known.items() if all(counts_behind(p, n) for p in _accuracies(paper))]
    return fits[0] if len(fits) == 1 else next(iter(known))


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
    rows = [(i, facts.DERMAMNIST_NV["test"], facts.DERMAMNIST["test"]) for i in LOW.values()]
    rows += [(LOW_VAL, facts.DERMAMNIST_NV["val"], facts.DERMAMNIST["val"])]
    rows += [(i, facts.DERMAMNIST_C_TEST_NV[version], n) for i in HEADS.values()]
    for ident, majority, size in rows:
        value = paper.value(ident)
        outcome = supports.majority_baseline(value.value, majority, size, "nv")
        ledger.add(ident, "above the majority class", value, outcome)
    low, high = paper.value(LOW["efficientnetv2_l"]), paper.value(HEADS["effv3"])
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
    best, n_low = HEADS["effv3"], facts.DERMAMNIST["test"]
    for first, second, what, images in (
        (best, HEADS["effv1"], ": simple dense head against added Conv2D", n),
        (best, HEADS["effv4"], ": without against with class weights", n),
        (LOW["efficientnetv2_l"], LOW["resnet50"], "", n_low),
    ):
        values = paper.value(first), paper.value(second)
        outcome = comparisons.distinguishable(*values, images)
        ledger.add(f"{first} against {second}{what}", "distinguishable at n", " / ".join(map(str, values)), outcome)
    quote = "surpassing or matching existing state-of-the-art methods"
    benchmark = rounded(facts.DERMAMNIST_C_RESNET50_ACCURACY)
    outcome = comparisons.at_least_as_good(paper.value(best), n, benchmark, n)
    ledger.add(f"{quote}: the data set's own ResNet-50", "claim in words", quote, outcome, "headline")
    values = {name: paper.value(ident) for name, ident in HEADS.items()}
    quote = "the simple dense head (Effv3) yielding the highest accuracy"
    ledger.claim("", quote, statements.is_best(values, "effv3"))


def _settings(paper: Published, ledger: Ledger) -> None:
    big, small = networks.parameters("tf_efficientnetv2_l"), networks.parameters("resnet50")
    quote = "EfficientNetV2L is heavier"
    text = f"timm's EfficientNetV2-L has {big:,} parameters, ResNet-50 {small:,}."
    ledger.add(quote, "parameter count", quote, judged(big > small, f"{big / small:.1f} times", text), "detail")
    size, units = paper.count("architecture.input.height"), paper.count("architecture.hidden_units")
    flat = math.prod(networks.layers("tf_efficientnetv2_l", 0, size)["global_pool"].input[1:])
    weights = flat * units
    text = f"Flattened features of a {size} px image: {flat:,}; Dense({units}) on them has {weights:,} weights."
    outcome = judged(weights < networks.parameters("resnet18"), f"{weights:,} weights", text)
    ledger.add("architecture: Flatten, Dense, 'simple' head", "parameter count", f"Dense({units})", outcome, "detail")
    ways = [("Batch Normalization and Dropout", "Mechanism 3"), ("Batch Normalization only", "Component map")]
    outcome = statements.setting_twice(ways, "ambiguous")
    ledger.add("head with or without dropout", "stated twice", ways[0][0], outcome)
    given = any(row["quantity"] in ("precision", "recall", "sensitivity") for row in paper.rows.values())
    why = "Only accuracies are given for the runs with and without class weights."
    outcome = statements.reported("Precision or recall", given, why)
    ledger.number_behind("indicating a precision-recall tradeoff", outcome)
    validation, test = paper.value(LOW_VAL), paper.value(LOW["resnet50"])
    same = abs(validation.value - test.value) <= validation.half
    text = f"Validation accuracy around {validation}, the lowest named accuracy at that resolution {test}."
    outcome = judged(same, f"{test}", f"{text} The text does not say which set is which.", "ambiguous")
    ledger.add(LOW_VAL, "stated twice", f"around {validation}", outcome)


def version_counts() -> pd.DataFrame:
    """The whole counts behind each accuracy on DermaMNIST-C, for both versions' test sizes."""
    rows = []
    for head, value in zip(HEADS, _accuracies(published("kadric2025")), strict=True):
        row = {"head": head, "accuracy": str(value)}
        for version, n in facts.DERMAMNIST_C_TEST.items():
            row[f"{version}, n = {n}"] = ", ".join(f"{k}/{n}" for k in counts_behind(value, n)) or "none"
        rows.append(row)
    return pd.DataFrame(rows)
