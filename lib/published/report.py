"""What no function can compute of a paper's report: ``params/papers/<paper>/report.yaml``, validated on reading."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from lib.core.errors import StudyError
from lib.plan.part import describe
from lib.published.claims import FOLDER, Strict, Text
from lib.published.schema import read_yaml

Texts = Annotated[list[Text], Field(min_length=1)]


class Report(Strict):
    """Prose of one paper's report, in our own words; numbers of ours are computed and stand elsewhere.

    ``about``: what the paper proposes. ``scope``: what of it is tested here. ``easy``, ``hard``: what reproducing it
    was. ``threats``: what could make our own conclusions wrong.
    """

    paper: Text
    about: Text
    scope: Text
    easy: Texts
    hard: Texts
    threats: Texts


def load_report(paper: str, folder: Path = FOLDER) -> Report | None:
    """Report of ``paper``, None where its folder has none; StudyError if the file is not as :class:`Report` says."""
    file = folder / paper / "report.yaml"
    if not file.is_file():
        return None
    try:
        report = Report.model_validate(read_yaml(file))
    except ValidationError as error:
        raise StudyError(f"{paper}/{file.name}: {describe(error)}.") from None
    if report.paper != paper:
        raise StudyError(f"{paper}/{file.name}: 'paper' is {report.paper!r}; it must be {paper!r}.")
    return report
