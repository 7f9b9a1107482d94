"""What a check says, and how much it matters.

A check function returns an :class:`Outcome`. A :class:`Ledger` joins it with the paper, the item and the item's
bearing, and gives it a severity by :data:`SEVERITY`:

- **bearing** says what rests on the item. ``headline``: a result or claim of the abstract or the conclusion, the
  comparison that shows what the proposed method adds, or the data, split or training setting that all results are
  attributed to. ``secondary``: a result of a table, or a statement that the results section or the discussion draws
  from one, or a headline claim whose exception the paper states itself. ``detail``: layout, rounding, description,
  background. Of several checks that show one cause, one is the headline and the others are ``secondary``, so that a
  cause is severe once.
- **cause** is what several findings share: the paper's ``audit.yaml`` names it; else each item is its own.
- **verdict**. ``consistent``: the published number or statement agrees with what it was checked against.
  ``inconsistent``: both cannot hold. ``typo``: they disagree, and the paper's other numbers show what was meant.
  ``ambiguous``: the published material does not decide it. ``underpowered``: a statement of power and no finding: so
  few images cannot show it.
- **severity** is read off the table below; a typo is one step milder than an inconsistency, because the intended
  number is known.

A finding is about a number, never about people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase

import pandas as pd

from lib.core.errors import unknown_name

VERDICTS = ("consistent", "underpowered", "typo", "ambiguous", "inconsistent")
OPEN = ("typo", "ambiguous", "inconsistent")
BEARINGS = ("detail", "secondary", "headline")
SEVERITIES = ("none", "minor", "moderate", "severe")
SEVERITY = {
    "consistent": dict.fromkeys(BEARINGS, "none"),
    "underpowered": dict.fromkeys(BEARINGS, "none"),
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
    cause: str
    explanation: str

    @property
    def is_open(self) -> bool:
        """Whether the number or statement does not hold, or is not decided."""
        return self.verdict in OPEN


COLUMNS = [f.name for f in fields(Finding)]


@dataclass
class Ledger:
    """Collects the findings of one paper. ``causes``: cause -> patterns of ``check: item`` that share it."""

    paper: str
    causes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, item: str, check: str, published: object, outcome: Outcome, bearing: str = "secondary") -> None:
        """Record ``outcome`` of ``check`` for ``item``, whose published form is ``published``."""
        if bearing not in BEARINGS:
            raise unknown_name("bearing", bearing, BEARINGS)
        verdict = outcome.verdict
        cause = self.cause_of(item, check) if verdict in OPEN else ""
        said = (str(published), outcome.implied, verdict, SEVERITY[verdict][bearing], cause, outcome.explanation)
        self.findings.append(Finding(self.paper, item, check, *said))

    def claim(self, place: str, quote: str, outcome: Outcome, bearing: str = "secondary") -> None:
        """Record what the numbers say of a sentence; ``place`` tells where it stands, if anything does."""
        self.add(f"{place}: {quote}" if place else quote, "claim in words", quote, outcome, bearing)

    def number_behind(self, quote: str, outcome: Outcome) -> None:
        """Record whether the number that a sentence rests on is published."""
        self.add(quote, "number behind a claim", quote, outcome)

    def cause_of(self, item: str, check: str) -> str:
        """The first cause with a pattern that fits ``check: item``; else the item itself."""
        fits = (c for c, patterns in self.causes.items() if any(fnmatchcase(f"{check}: {item}", p) for p in patterns))
        return next(fits, item)


def to_frame(findings: list[Finding]) -> pd.DataFrame:
    """Findings as a DataFrame of strings with the columns :data:`COLUMNS`, one row per check, in order."""
    return pd.DataFrame([vars(f) for f in findings], columns=COLUMNS, dtype=object)
