"""Statements in words against made-up numbers."""

from lib.audit.checks import statements
from lib.audit.checks.rounding import rounded
from lib.audit.finding import judged
from tests.fakes.outcomes import verdicts

VALUES = {"a": rounded("0.90"), "b": rounded("0.92"), "c": rounded("0.85")}
COLUMNS = {"x": VALUES, "y": {"a": rounded("0.7"), "b": rounded("0.6")}}
RANGE = rounded("0.2"), rounded("0.5")
RISING = rounded("0.20"), rounded("0.40")
YES, NO = judged(True, "", "yes."), judged(False, "", "no.")

test_verdicts = verdicts(
    (statements.is_best, (VALUES, "b"), "consistent"),
    (statements.is_best, (VALUES, "a"), "inconsistent", "b Best: b"),
    (statements.is_best, (VALUES | {"d": rounded("0.92")}, "d"), "consistent", "Best: b, d"),
    (statements.best_in_all, ({"x": VALUES}, "b"), "consistent"),
    (statements.best_in_all, (COLUMNS, "b"), "inconsistent", "y: a 0.7 against 0.6"),
    (statements.best_in_all, (COLUMNS, "b", 1), "consistent"),
    (statements.increasing, ([("c", VALUES["c"]), ("a", VALUES["a"])],), "consistent"),
    (statements.increasing, (list(VALUES.items()),), "inconsistent", "1 of 2 steps fall"),
    (statements.within, (rounded("0.5"), *RANGE), "consistent"),
    (statements.within, (rounded("0.7"), *RANGE), "inconsistent"),
    (statements.early_stopping, (*RISING, 3, 4), "consistent"),
    (statements.early_stopping, (*RISING, 3, 10), "ambiguous", "stop after epoch 4", "epoch 7"),
    (statements.early_stopping, (*RISING[::-1], 3, 10), "consistent"),
    (statements.setting_twice, ([("1e-3", "text"), ("1e-3", "table")],), "consistent"),
    (statements.setting_twice, ([("1e-3", "text"), ("5e-3", "table")],), "inconsistent", "1e-3 / 5e-3"),
    (statements.setting_twice, ([("crop", "a"), ("resize", "b")], "ambiguous"), "ambiguous"),
    # 0.9 on 100 of which 50 have 0.8: the others have 1.0
    (statements.mixture, (0.9, 0.8, 100, 50, 1.0, "the rest"), "consistent", "1.000"),
    (statements.mixture, (0.9, 0.8, 100, 50, 0.95, "the rest"), "ambiguous"),
    (statements.each_exceeds, ({"b": VALUES["b"]}, {"a": VALUES["a"]}), "consistent"),
    (statements.each_exceeds, (VALUES, {"d": rounded("0.90")}), "inconsistent", "1 of 3 exceed d"),
    (statements.has_rank, (VALUES, "a", 2), "consistent"),
    (statements.has_rank, (VALUES, "b", 1), "inconsistent"),
    (statements.below_median, (VALUES, ["c"]), "consistent"),
    (statements.below_median, (VALUES, ["c", "b"]), "inconsistent"),
    (statements.no_gap, (rounded("0.30"), rounded("0.35")), "consistent"),
    (statements.no_gap, (rounded("0.05"), rounded("0.45")), "ambiguous"),
    (statements.can_be_surpassed, (rounded("0.98"), "x"), "consistent"),
    (statements.can_be_surpassed, (rounded("0.99"), "x"), "consistent"),
    # 0.996 is printed as 1.00, and can be surpassed
    (statements.can_be_surpassed, (rounded("1.00"), "x"), "ambiguous", "from 0.995 on"),
    (statements.two_readings, ({"a": YES, "b": YES},), "consistent"),
    (statements.two_readings, ({"a": YES, "b": NO},), "ambiguous", "a: holds, b: does not hold"),
    (statements.two_readings, ({"a": NO, "b": NO},), "inconsistent"),
    (statements.cross_reference, (4, [4, 7], "the row"), "consistent"),
    (statements.cross_reference, (3, [4, 7], "the row"), "typo", "Table 4 and Table 7"),
    (statements.perfect_of, (100,), "consistent"),
    (statements.perfect_of, (10,), "underpowered"),
    (statements.spread_of_recalls, ({"a": 90, "b": 88}, {"a": 100, "b": 100}), "consistent"),
    (statements.spread_of_recalls, ({"a": 99, "b": 70}, {"a": 100, "b": 100}), "inconsistent"),
    (statements.spread_of_recalls, ({"a": 5, "b": 3}, {"a": 5, "b": 5}), "consistent"),
    (statements.numbered, ([1, 2, 3],), "consistent"),
    (statements.numbered, ([1, 3],), "ambiguous"),
    (statements.reported, ("Recall", True, ""), "consistent"),
    (statements.reported, ("Recall", False, ""), "ambiguous"),
    # As sure as right: -0.9 ln 0.9 - 0.1 ln(0.1 / 3) = 0.095 + 0.340
    (statements.accuracy_at_loss, (rounded("0.90"), rounded("1.25"), 4), "ambiguous", "at most 0.43", "1.39"),
    (statements.accuracy_at_loss, (rounded("0.90"), rounded("0.40"), 4), "consistent"),
)


def test_a_loss_that_the_images_cannot_tell_is_said_to_be_noise():
    values = {"a": rounded("92.4", 100), "b": rounded("92.7", 100), "c": rounded("80.0", 100)}
    near = statements.best_in_all({"accuracy": values}, "a", n=660)
    assert near.verdict == "inconsistent" and near.explanation.endswith("92.7 against 92.4 (difference within noise).")
    assert "noise" not in statements.best_in_all({"accuracy": values}, "c", n=660).explanation
    assert "noise" not in statements.best_in_all({"recall": values}, "a", n=660).explanation
    text = statements.each_exceeds({k: values[k] for k in "ac"}, {"b": values["b"]}, 660).explanation
    assert "a 92.4 (difference within noise), c 80.0." in text
