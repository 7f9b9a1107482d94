"""Misprints planted in a made-up paper and in a real one."""

import pytest

from lib.audit.finding import Finding
from lib.audit.sensitivity import KINDS, Misprint, cell_grid, new_findings, planted, sensitivity
from lib.audit.values import published
from lib.papers import audits


@pytest.fixture(scope="module")
def paper():
    return published("xia2025")


def test_every_kind_changes_what_is_printed(paper):
    for kind, made in KINDS.items():
        for misprint in list(made(paper, cell_grid(paper)))[:40]:
            changed = planted(paper, misprint)
            assert misprint.kind == kind
            assert all(changed.printed(i) == text != paper.printed(i) for i, text in misprint.changes)


def test_the_misprints_of_one_cell(paper):
    cell = "table1.iconvnext_tiny.accuracy"  # 0.8909
    digits = [m for m in KINDS["digit"](paper, cell_grid(paper)) if m.changes[0][0] == cell]
    assert len(digits) == 5 * 9 and digits[0].changes == ((cell, "1.8909"),)
    exchanged = [m.changes[0][1] for m in KINDS["digits exchanged"](paper, cell_grid(paper)) if m.changes[0][0] == cell]
    assert exchanged == ["8.0909", "0.9809", "0.8099", "0.8990"]
    above = dict(m.changes[0] for m in KINDS["cell above"](paper, cell_grid(paper)))
    assert above["table1.convnext_tiny.accuracy"] == "0.8909" and cell not in above


def test_only_what_the_misprint_adds_is_noticed(paper):
    def found(item, verdict="inconsistent"):
        return Finding("xia2025", item, "check", "", "", verdict, "", "", "")

    misprint = Misprint("digit", (("table1.iconvnext_tiny.accuracy", "0.8999"),))
    known = [found("a"), found("accuracy 0.8909"), found("b", "consistent")]
    assert not new_findings(known, [*known, found("accuracy 0.8999"), found("c", "underpowered")], misprint, paper)
    assert new_findings(known, [found("b")], misprint, paper) == {("b", "check", "inconsistent")}


def test_rates_are_drawn_by_seed_and_summed():
    table = sensitivity(audits(["xia2025"]), 2, seed=3)
    assert table.equals(sensitivity(audits(["xia2025"]), 2, seed=3))
    whole = table.iloc[-1]
    assert (whole["paper"], whole["kind"], whole["planted"]) == ("all", "all", 2 * len(KINDS))
    assert 0 < whole["low"] < whole["rate"] <= whole["high"] <= 1
    assert not table.equals(sensitivity(audits(["xia2025"]), 2, seed=4))
