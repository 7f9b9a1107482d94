"""Severity rule and ledger."""

import pytest

from lib.audit.finding import BEARINGS, COLUMNS, SEVERITIES, SEVERITY, VERDICTS, Ledger, Outcome, judged, to_frame
from lib.core.errors import StudyError


def test_rule_is_complete_and_grows_with_bearing_and_verdict():
    assert set(SEVERITY) == set(VERDICTS)
    rank = SEVERITIES.index
    for row in SEVERITY.values():
        steps = [rank(row[b]) for b in BEARINGS]
        assert steps == sorted(steps)
    for bearing in BEARINGS:
        assert SEVERITY["consistent"][bearing] == "none"
        assert rank(SEVERITY["typo"][bearing]) <= rank(SEVERITY["inconsistent"][bearing])
    assert SEVERITY["inconsistent"]["headline"] == "severe"


def test_ledger_joins_item_and_outcome():
    ledger = Ledger("made-up")
    ledger.add("a", "check", 0.5, Outcome("inconsistent", "0.6", "why"), "headline")
    ledger.add("b", "check", "x", judged(True, "x", "fine"))
    frame = to_frame(ledger.findings)
    assert list(frame.columns) == COLUMNS
    assert frame["severity"].tolist() == ["severe", "none"]
    assert frame["published"].tolist() == ["0.5", "x"]


def test_findings_of_one_cause_share_it():
    ledger = Ledger("made-up", {"the n": ("grim: t.*",)})
    for item, verdict in (("t.a", "inconsistent"), ("t.b", "ambiguous"), ("t.c", "consistent"), ("u", "typo")):
        ledger.add(item, "grim", "", Outcome(verdict, "", ""))
    assert [f.cause for f in ledger.findings] == ["the n", "the n", "", "u"]


def test_power_is_a_kind_of_its_own():
    ledger = Ledger("made-up")
    ledger.add("a", "distinguishable at n", "", Outcome("underpowered", "", ""), "headline")
    assert (ledger.findings[0].severity, ledger.findings[0].is_open, ledger.findings[0].cause) == ("none", False, "")


def test_judged():
    assert judged(False, "", "", "typo").verdict == "typo" and judged(True, "", "", "typo").verdict == "consistent"


def test_misspelt_verdict_and_bearing():
    with pytest.raises(StudyError, match="inconsistent"):
        Outcome("inconsistant", "", "")
    with pytest.raises(StudyError, match="headline"):
        Ledger("p").add("a", "c", "", judged(True, "", ""), "head")
