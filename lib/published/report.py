"""What no function can compute of a paper's report: ``params/papers/<paper>/report.yaml``, validated on reading."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from lib.published.claims import FOLDER
from lib.published.schema import Own, Text, read_own

Texts = Annotated[list[Text], Field(min_length=1)]


class Report(Own):
    """Prose of one paper's report, in our own words; numbers of ours are computed and stand elsewhere.

    ``about``: what the paper proposes. ``scope``: what of it is tested here. ``easy``, ``hard``: what reproducing it
    was. ``threats``: what could make our own conclusions wrong.
    """

    about: Text
    scope: Text
    easy: Texts
    hard: Texts
    threats: Texts


def load_report(paper: str, folder: Path = FOLDER) -> Report | None:
    """Report of ``paper``, None where its folder has none; StudyError if the file is not as :class:`Report` says."""
    return read_own(folder / paper / "report.yaml", paper, Report)
