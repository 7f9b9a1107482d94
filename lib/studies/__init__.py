"""Questions across papers, what they need of the notebook that asks them, and how trained runs are measured."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import yaml
from pydantic import ValidationError

from lib.core.errors import StudyError, lookup
from lib.core.paths import REPO
from lib.plan.grid import PlannedRun
from lib.plan.part import Part, describe
from lib.plan.spec import RunSpec
from lib.records.measurements import Measurement, Outputs, has_measurement
from lib.records.runs import Record

if TYPE_CHECKING:  # torch only where something is trained or measured
    from lib.training.prepare import Folders


class Study(Protocol):
    """What :class:`lib.report.study.Notebook` gives to studies and papers."""

    profile: str
    results: Path
    parameters: Any  # with ``train_missing``: whether what is not stored may be made

    @property
    def folders(self) -> "Folders": ...

    def index(self, name: str) -> pd.DataFrame: ...

    def measure(
        self, kind: str, name: str, key: dict[str, Any], compute: Callable[[], Outputs]
    ) -> Measurement | None: ...

    def show_provenance(self, runs: list[tuple[PlannedRun, Record]], missing: int) -> None: ...


def measured(
    study: Study, kind: str, spec: RunSpec, key: dict[str, Any], compute: Callable[[], Outputs], needs: str = ""
) -> Measurement | None:
    """A measurement of a trained run: the stored one, or a new one where that may be made and the trained weights (and
    the data set ``needs``) are on this machine; else None."""
    if not has_measurement(study.results, kind, spec.run_id, key):
        if not study.parameters.train_missing:
            return None
        from lib.data.catalogue import SOURCES
        from lib.data.index import locate_folder
        from lib.training.checkpoints import has_checkpoint

        if not has_checkpoint(spec, study.folders):
            return None
        if needs and locate_folder(SOURCES[needs], study.folders.data_root) is None:
            return None
    return study.measure(kind, spec.run_id, key, compute)


def read_settings(model: type[Part], name: str, profile: str, file: Path | None = None) -> Any:
    """A profile's part of ``params/settings/<name>.yaml`` as ``model``; each field that is a part of its own over that
    of ``common``, if the file has one.

    Raises:
        StudyError: an unknown profile, or a value that is missing or wrong (it is named).
    """
    file = file or REPO / "params" / "settings" / f"{name}.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    values, common = lookup("profile", profile, content), content.get("common", {})
    try:
        return model.model_validate({**values, **{key: common[key] | values.get(key, {}) for key in common}})
    except ValidationError as error:
        raise StudyError(f"{file.name}, {profile}: {describe(error)}.") from None
