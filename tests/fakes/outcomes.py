"""Tests of the audit's checks as tables: what each check says of made-up numbers."""

import pytest


def verdicts(*cases):
    """A test for each of ``cases``: (check, its arguments, verdict, words that the outcome says …)."""

    @pytest.mark.parametrize("case", cases, ids=lambda case: f"{case[0].__name__}-{case[2]}")
    def test(case):
        check, arguments, verdict, *words = case
        outcome = check(*arguments)
        assert outcome.verdict == verdict, outcome
        assert [said for said in words if said not in f"{outcome.implied} {outcome.explanation}"] == [], outcome

    return test
