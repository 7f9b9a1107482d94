"""Which run of abdulqader2026 is compressed, and under which keys its measurements are stored."""

from collections.abc import Iterable
from pathlib import Path

from lib.core.errors import StudyError
from lib.plan.grid import PlannedRun
from lib.plan.spec import Mixing, RunSpec
from lib.records.measurements import has_measurement
from lib.records.runs import has_record
from lib.records.seeds import split_kind
from lib.studies.compression.settings import Making, Timing

BACKBONE = "convnext_tiny"
VERSION = 1  # of the methods below: a change that moves numbers takes the next


def compression_key(spec: RunSpec, making: Making) -> dict:
    """Decides sizes and predictions of a run's variants."""
    return {"run": spec.run_id, "version": VERSION, "making": making.model_dump(mode="json")}


def latency_key(spec: RunSpec, making: Making, timing: Timing, device: str) -> dict:
    """Decides what is timed, on ``cpu`` or ``cuda``; times of another machine are stored under the same key."""
    return {**compression_key(spec, making), "timing": timing.model_dump(mode="json"), "device": device}


def candidates(planned: Iterable[PlannedRun]) -> list[PlannedRun]:
    """The proposed method's runs (both augmentations, the paper's split, seed 0): one a backbone, the paper's first."""
    found: dict[str, PlannedRun] = {}
    for p in planned:
        both = p.spec.offline is not None and p.spec.mixing != Mixing()
        if both and split_kind(p.spec) == "paper" and p.spec.seed == 0:
            found.setdefault(p.spec.model.backbone.split(".")[0], p)
    return sorted(found.values(), key=lambda p: p.spec.model.backbone.split(".")[0] != BACKBONE)


def choose(planned: Iterable[PlannedRun], results: Path, making: Making, train_missing: bool) -> PlannedRun:
    """The first candidate that is measured already or, where something may be made, has record and checkpoint.

    Without one, the first that has a record, then the first that could be trained.

    Raises:
        StudyError: no run of the proposed method is planned.
    """
    runs = candidates(planned)
    if not runs:
        raise StudyError("no run with both augmentations on the paper's split is planned: see params/papers.")

    def usable(p: PlannedRun) -> bool:
        if has_measurement(results, "compression", p.spec.run_id, compression_key(p.spec, making)):
            return True
        weights = results / "checkpoints" / p.spec.run_id / "best.ckpt"
        return train_missing and has_record(results, p.spec) and weights.is_file()

    recorded = [p for p in runs if has_record(results, p.spec)]
    return next((p for p in recorded if usable(p)), (recorded or runs)[0])
