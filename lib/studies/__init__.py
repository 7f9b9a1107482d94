"""Questions across papers, and what they need of the notebook that asks them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from lib.plan.grid import PlannedRun
from lib.records.measurements import Measurement, Outputs
from lib.records.runs import Record

if TYPE_CHECKING:  # torch only where something is trained or measured
    from lib.training.prepare import Folders


class Parameters(Protocol):
    @property
    def train_missing(self) -> bool: ...


class Study(Protocol):
    """What :class:`lib.report.study.Notebook` gives to studies and papers."""

    @property
    def profile(self) -> str: ...

    @property
    def results(self) -> Path: ...

    @property
    def parameters(self) -> Parameters: ...

    @property
    def folders(self) -> "Folders": ...

    def index(self, name: str) -> pd.DataFrame: ...

    def measure(
        self, kind: str, name: str, key: dict[str, Any], compute: Callable[[], Outputs]
    ) -> Measurement | None: ...

    def show_provenance(self, runs: list[tuple[PlannedRun, Record]], missing: int) -> None: ...
