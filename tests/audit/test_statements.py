"""Statements in words against made-up numbers."""

import pytest

from lib.audit.checks import statements
from lib.audit.checks.rounding import rounded
from lib.audit.finding import judged

VALUES = {"a": rounded("0.90"), "b": rounded("0.92"), "c": rounded("0.85")}


def test_is_best():
    assert statements.is_best(VALUES, "b").verdict == "consistent"
    assert statements.is_best(VALUES, "a").implied == "b"
    tie = statements.is_best(VALUES | {"d": rounded("0.92")}, "d")
    assert tie.verdict == "consistent" and tie.implied == "b, d"


def test_best_in_all():
    columns = {"x": VALUES, "y": {"a": rounded("0.7"), "b": rounded("0.6")}}
    assert statements.best_in_all({"x": VALUES}, "b").verdict == "consistent"
    failed = statements.best_in_all(columns, "b")
    assert failed.verdict == "inconsistent" and "y: a 0.7 against 0.6" in failed.explanation
    assert statements.best_in_all(columns, "b", allowed=1).verdict == "consistent"


def test_increasing():
    assert statements.increasing([("c", VALUES["c"]), ("a", VALUES["a"])]).verdict == "consistent"
    assert statements.increasing(list(VALUES.items())).implied == "1 of 2 steps fall"


def test_within():
    assert statements.within(rounded("0.5"), rounded("0.2"), rounded("0.5")).verdict == "consistent"
    assert statements.within(rounded("0.7"), rounded("0.2"), rounded("0.5")).verdict == "inconsistent"


def test_early_stopping():
    rising = (rounded("0.20"), rounded("0.40"))
    assert statements.early_stopping(*rising, patience=3, epochs=4).verdict == "consistent"
    late = statements.early_stopping(*rising, patience=3, epochs=10)
    assert (late.verdict, late.implied) == ("ambiguous", "stop after epoch 4") and "epoch 7" in late.explanation
    assert statements.early_stopping(*rising[::-1], patience=3, epochs=10).verdict == "consistent"


def test_setting_twice():
    assert statements.setting_twice([("1e-3", "text"), ("1e-3", "table")]).verdict == "consistent"
    failed = statements.setting_twice([("1e-3", "text"), ("5e-3", "table")])
    assert failed.verdict == "inconsistent" and failed.implied == "1e-3 / 5e-3"
    assert statements.setting_twice([("crop", "a"), ("resize", "b")], "ambiguous").verdict == "ambiguous"


def test_mixture():
    # 0.9 on 100 of which 50 have 0.8: the others have 1.0
    outcome = statements.mixture(0.9, 0.8, 100, 50, 1.0, "the rest")
    assert outcome.verdict == "consistent" and outcome.implied == "1.000"
    assert statements.mixture(0.9, 0.8, 100, 50, 0.95, "the rest").verdict == "ambiguous"


def test_each_exceeds():
    assert statements.each_exceeds({"b": VALUES["b"]}, {"a": VALUES["a"]}).verdict == "consistent"
    failed = statements.each_exceeds(VALUES, {"d": rounded("0.90")})
    assert failed.verdict == "inconsistent" and failed.implied == "1 of 3 exceed d"


def test_has_rank():
    assert statements.has_rank(VALUES, "a", 2).verdict == "consistent"
    assert statements.has_rank(VALUES, "b", 1).verdict == "inconsistent"


def test_below_median():
    assert statements.below_median(VALUES, ["c"]).verdict == "consistent"
    assert statements.below_median(VALUES, ["c", "b"]).verdict == "inconsistent"


def test_no_gap():
    assert statements.no_gap(rounded("0.30"), rounded("0.35")).verdict == "consistent"
    assert statements.no_gap(rounded("0.05"), rounded("0.45")).verdict == "ambiguous"


def test_can_be_surpassed():
    assert statements.can_be_surpassed(rounded("0.98"), "x").verdict == "consistent"
    assert statements.can_be_surpassed(rounded("0.99"), "x").verdict == "consistent"
    rounded_up = statements.can_be_surpassed(rounded("1.00"), "x")  # 0.996 is printed so, and can be surpassed
    assert rounded_up.verdict == "ambiguous" and "from 0.995 on" in rounded_up.explanation


def test_a_loss_that_the_images_cannot_tell_is_said_to_be_noise():
    columns = {"accuracy": {"a": rounded("92.4", 100), "b": rounded("92.7", 100), "c": rounded("80.0", 100)}}
    near = statements.best_in_all(columns, "a", n=660)
    assert near.verdict == "inconsistent" and near.explanation.endswith("92.7 against 92.4 (difference within noise).")
    assert "noise" not in statements.best_in_all(columns, "c", n=660).explanation
    assert "noise" not in statements.best_in_all({"recall": columns["accuracy"]}, "a", n=660).explanation
    values = columns["accuracy"]
    text = statements.each_exceeds({k: values[k] for k in "ac"}, {"b": values["b"]}, 660).explanation
    assert "a 92.4 (difference within noise), c 80.0." in text


def test_two_readings():
    yes, no = judged(True, "", "yes."), judged(False, "", "no.")
    assert statements.two_readings({"a": yes, "b": yes}).verdict == "consistent"
    mixed = statements.two_readings({"a": yes, "b": no})
    assert mixed.verdict == "ambiguous" and mixed.implied == "a: holds, b: does not hold"
    assert statements.two_readings({"a": no, "b": no}).verdict == "inconsistent"


def test_cross_reference():
    assert statements.cross_reference(4, [4, 7], "the row").verdict == "consistent"
    wrong = statements.cross_reference(3, [4, 7], "the row")
    assert wrong.verdict == "typo" and wrong.implied == "Table 4 and Table 7"


def test_perfect_of():
    assert statements.perfect_of(100).verdict == "consistent"
    assert statements.perfect_of(10).verdict == "underpowered"


def test_spread_of_recalls():
    supports = {"a": 100, "b": 100}
    assert statements.spread_of_recalls({"a": 90, "b": 88}, supports).verdict == "consistent"
    assert statements.spread_of_recalls({"a": 99, "b": 70}, supports).verdict == "inconsistent"
    assert statements.spread_of_recalls({"a": 5, "b": 3}, {"a": 5, "b": 5}).verdict == "consistent"


@pytest.mark.parametrize("found, verdict", [([1, 2, 3], "consistent"), ([1, 3], "ambiguous")])
def test_numbered(found, verdict):
    assert statements.numbered(found).verdict == verdict


def test_reported():
    assert statements.reported("Recall", True, "").verdict == "consistent"
    assert statements.reported("Recall", False, "").verdict == "ambiguous"


def test_accuracy_at_loss():
    # As sure as right: -0.9 ln 0.9 - 0.1 ln(0.1 / 3) = 0.095 + 0.340
    high = statements.accuracy_at_loss(rounded("0.90"), rounded("1.25"), 4)
    assert (high.verdict, high.implied) == ("ambiguous", "at most 0.43") and "1.39" in high.explanation
    assert statements.accuracy_at_loss(rounded("0.90"), rounded("0.40"), 4).verdict == "consistent"
