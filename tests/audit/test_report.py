"""How the findings are told: tables, lists and figures of the notebook."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from lib.audit import audit_findings, figures, report
from lib.audit.finding import COLUMNS, VERDICTS
from lib.papers import audits


@pytest.fixture
def made_up():
    def row(item, check, verdict, severity):
        cause = {"consistent": "", "inconsistent": "the n" if check == "grim" else item}.get(verdict, item)
        return dict(
            zip(COLUMNS, ("p", item, check, "1", "2", verdict, severity, cause, f"why {item} a|b"), strict=True)
        )

    return pd.DataFrame(
        [
            row("t.a_1", "grim", "inconsistent", "moderate"),
            row("t.b", "grim", "inconsistent", "moderate"),
            row("t.c", "grim", "inconsistent", "moderate"),
            row("t.d", "grim", "consistent", "none"),
            row("abstract", "claim in words", "inconsistent", "severe"),
            row("small", "share", "typo", "minor"),
        ]
    )


def test_opened_is_worst_first_and_leaves_out_what_passed(made_up):
    assert report.opened(made_up, "p")["item"].tolist() == ["abstract", "t.a_1", "t.b", "t.c", "small"]
    assert report.opened(made_up, "p", "moderate")["item"].tolist() == ["abstract", "t.a_1", "t.b", "t.c"]
    assert report.severe(made_up)["item"].tolist() == ["abstract"]


def test_passed_counts_what_was_made(made_up):
    assert report.passed(made_up, "p").to_dict("records") == [{"check": "grim", "made": 4, "passed": 1}]


def test_list_has_a_line_for_each_cause(made_up):
    lines = report.as_list(report.opened(made_up, "p")).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("- **moderate**, inconsistent: the n. t · a 1 (grim). why t.a\\_1 a\\|b 2 more of this")


def test_causes_are_counted_beside_checks(made_up):
    table = report.causes(made_up).set_index("cause")
    assert table["findings"].to_dict() == {"abstract": 1, "the n": 3, "small": 1}
    assert table["severity"].tolist() == ["severe", "moderate", "minor"]


def test_markdown_table_escapes_marks(made_up):
    lines = report.as_table(report.severe(made_up).assign(severity="severe")).splitlines()
    assert len(lines) == 3 and lines[2] == "| p | abstract (claim in words) | why abstract a\\|b |"


def test_the_answer_counts_causes_and_names_the_severe_ones(made_up):
    noticed = pd.DataFrame([{"planted": 4, "rate": 0.5, "low": 0.2, "high": 0.8}])
    passed, severe, few, sees = report.answers(made_up, noticed)
    assert passed.startswith("**1 of 6 checks pass.** 5 find") and "from 3 root causes; 0 ask" in passed
    assert severe.startswith("**1 severe cause**: ") and severe.endswith("*p*: abstract.")
    assert "of 0 pairs" in few and "of 4 misprints" in sees and "50.0% [20.0%, 80.0%]" in sees


def test_counts_of_the_real_audit():
    counts = report.verdict_counts(audit_findings(audits(["kadric2025"])))
    assert counts["checks"].item() == counts[list(VERDICTS)].sum(axis=1).item()
    assert counts["published_values"].item() > 0
    assert isinstance(figures.verdicts(counts), Figure)
