"""What a check says, and how much it matters.

A check function returns an :class:`Outcome`. A :class:`Ledger` joins it with the paper, the item and the item's
bearing, and gives it a severity by :data:`SEVERITY`:

- **bearing** says what rests on the item. ``headline``: a result or claim of the abstract or the conclusion, the
  comparison that shows what the proposed method adds, or the data, split or training setting that all results are
  attributed to. ``secondary``: a result of a table, or a statement that the results section or the discussion draws
  from one, or a headline claim whose exception the paper states itself. ``detail``: layout, rounding, description,
  background. Of several checks that show one cause, one is the headline and the others are ``secondary``, so that a
  cause is severe once.
- **verdict**. ``consistent``: the published number or statement agrees with what it was checked against.
  ``inconsistent``: both cannot hold. ``typo``: they disagree, and the paper's other numbers show what was meant.
  ``ambiguous``: the published material does not decide it.
- **severity** is read off the table below; a typo is one step milder than an inconsistency, because the intended
  number is known.

A finding is about a number, never about people.
"""

from dataclasses import dataclass, field, fields

import pandas as pd

from lib.core.errors import unknown_name

VERDICTS = ("consistent", "typo", "ambiguous", "inconsistent")
BEARINGS = ("detail", "secondary", "headline")
SEVERITIES = ("none", "minor", "moderate", "severe")
SEVERITY = {
    "consistent": dict.fromkeys(BEARINGS, "none"),
    "typo": {"detail": "minor", "secondary": "minor", "headline": "moderate"},
    "ambiguous": {"detail": "minor", "secondary": "minor", "headline": "moderate"},
    "inconsistent": {"detail": "minor", "secondary": "moderate", "headline": "severe"},
}


@dataclass(frozen=True)
class Outcome:
    """Result of one check: ``verdict``, what the other numbers imply, and why in one or two sentences."""

    verdict: str
    implied: str
    explanation: str

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise unknown_name("verdict", self.verdict, VERDICTS)


def judged(holds: bool, implied: str, explanation: str, otherwise: str = "inconsistent") -> Outcome:
    """``consistent`` if ``holds``, else the verdict ``otherwise``."""
    return Outcome("consistent" if holds else otherwise, implied, explanation)


@dataclass(frozen=True)
class Finding:
    """One row of ``audit_findings.csv``; the fields are its columns, in order."""

    paper: str
    item: str
    check: str
    published: str
    implied: str
    verdict: str
    severity: str
    explanation: str


COLUMNS = [f.name for f in fields(Finding)]


@dataclass
class Ledger:
    """Collects the findings of one paper."""

    paper: str
    findings: list[Finding] = field(default_factory=list)

    def add(self, item: str, check: str, published: object, outcome: Outcome, bearing: str = "secondary") -> None:
        """Record ``outcome`` of ``check`` for ``item``, whose published form is ``published``."""
        if bearing not in BEARINGS:
            raise unknown_name("bearing", bearing, BEARINGS)
        severity = SEVERITY[outcome.verdict][bearing]
        self.findings.append(
            Finding(
                self.paper, item, check, str(published), outcome.implied, outcome.verdict, severity, outcome.explanation
            )
        )


def to_frame(findings: list[Finding]) -> pd.DataFrame:
    """Findings as a DataFrame of strings with the columns :data:`COLUMNS`, one row per check, in order."""
    return pd.DataFrame([vars(f) for f in findings], columns=COLUMNS, dtype=object)
