"""What notebook 04 shows: the chosen run and its measurements, made where weights are at hand, else read."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError
from lib.plan.grid import PlannedRun, planned_runs
from lib.plan.spec import Mixing, RunSpec
from lib.published.compare import deviations
from lib.records.measurements import has_measurement, read_measurement
from lib.records.names import in_text, network
from lib.records.runs import has_record, read_record
from lib.records.seeds import split_kind
from lib.studies import Study
from lib.studies.compression.settings import Making, Settings, Timing, load_settings

PAPER = "abdulqader2026"
DEVICES = ("cpu", "cuda")
BACKBONE = "convnext_tiny"  # the paper's
VERSION = 1  # of the methods: a change that moves numbers takes the next
STAND_IN = "[stand-in](../results/cards/glossary.md#stand-in)"


@dataclass(frozen=True)
class Timed:
    """``times``: one row per call (see ``latency``); ``conditions``: device, threads, load, px."""

    times: pd.DataFrame
    conditions: pd.Series

    @property
    def where(self) -> str:
        """Device and threads in a few words."""
        threads = "" if "NVIDIA" in self.conditions["device"] else f", {self.conditions['threads']} threads"
        return f"{self.conditions['device']}{threads}, {self.conditions['px']} px"


@dataclass(frozen=True)
class Compressed:
    """A run's variants and how long they took, by device (``cpu``, and ``cuda`` where they were timed on one)."""

    run: PlannedRun
    variants: pd.DataFrame
    predictions: pd.DataFrame
    skipped: pd.DataFrame
    timed: dict[str, Timed]


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


def choose(planned: Iterable[PlannedRun], study: Study, making: Making) -> PlannedRun:
    """The first candidate that is measured already or, where something may be made, has record and checkpoint.

    Without one, the first that has a record, then the first that could be trained.

    Raises:
        StudyError: no run of the proposed method is planned.
    """
    runs = candidates(planned)
    if not runs:
        raise StudyError("no run with both augmentations on the paper's split is planned: see params/papers.")

    def usable(p: PlannedRun) -> bool:
        if has_measurement(study.results, "compression", p.spec.run_id, compression_key(p.spec, making)):
            return True
        if not study.parameters.train_missing:
            return False
        from lib.training.checkpoints import has_checkpoint  # torch only where something is trained or measured

        return has_checkpoint(p.spec, study.folders)

    recorded = [p for p in runs if has_record(study.results, p.spec)]
    return next((p for p in recorded if usable(p)), (recorded or runs)[0])


def compressed(study: Study) -> Compressed:
    """The chosen run's measurements for a notebook (``lib.report.study.begin``), with a table of where they come from.

    What is not stored is made where the parameters allow it: sizes, predictions and times on the CPU, and times on a
    GPU where there is one.

    Raises:
        StudyError: nothing is stored and nothing can be measured here.
    """
    settings, may = load_settings(study.profile), study.parameters.train_missing
    run = choose(planned_runs(PAPER, study.profile), study, settings.making)
    if may:  # torch only where something is trained or measured
        from lib.training.run import get_or_train

        record = get_or_train(run.spec, study.folders)
    else:
        record = read_record(study.results, run.spec)
    study.show_provenance([(run, record)], 0)
    if may:
        _measure(study, run.spec, settings)
    found = read_stored(study.results, run, settings)
    if found is None:
        name = run.spec.run_id
        raise StudyError(f"{name} is not measured: run notebook 04 with train_missing where its weights are.")
    return found


def read_stored(results: Path, run: PlannedRun, settings: Settings) -> Compressed | None:
    """What is stored of a run under these settings; None if its variants were not measured."""
    name, timed = run.spec.run_id, {}
    found = read_measurement(results, "compression", name, compression_key(run.spec, settings.making))
    if not found:
        return None
    for device in DEVICES:
        key = latency_key(run.spec, settings.making, settings.timing, device)
        if stored := read_measurement(results, "latency", name, key):
            timed[device] = Timed(stored.table("times"), stored.table("conditions").iloc[0])
    variants, skipped = (t.assign(label=t["label"].map(in_text)) for t in map(found.table, ("variants", "skipped")))
    return Compressed(run, variants, found.table("predictions"), skipped, timed)


def _measure(study: Study, spec: RunSpec, settings: Settings) -> None:
    import torch

    from lib.studies.compression.measure import measure_compression, measure_latency

    making, timing = settings.making, settings.timing
    compute = partial(measure_compression, spec, study.folders, making)
    study.measure("compression", spec.run_id, compression_key(spec, making), compute)
    for device in DEVICES if torch.cuda.is_available() else DEVICES[:1]:
        compute = partial(measure_latency, spec, study.folders, making, timing, device)
        study.measure("latency", spec.run_id, latency_key(spec, making, timing, device), compute)


def stand_in(found: Compressed) -> str:
    """A sentence on whether the run is the paper's model, and what it is if not."""
    spec, paper_model = found.run.spec, found.run.paper_model
    backbone = spec.model.backbone.split(".")[0]
    made = f"{network(backbone)} at {spec.image_size} px, weights: {spec.model.weights}, {spec.epochs} epochs"
    reduced = in_text(deviations(PAPER, paper_model, spec))
    if not reduced:
        return f"Compressed is the paper's model: {made}."
    same = "the paper's architecture in a reduced run"
    if backbone != paper_model:
        same = f"a {STAND_IN} for {network(paper_model)}"
    return f"Compressed is {same}: {made}. What sets it apart: {reduced}."
