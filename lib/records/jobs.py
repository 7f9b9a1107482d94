"""What the Snakefile and the command line know about notebooks and run jobs."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import REPO
from lib.plan.grid import grids, planned_runs
from lib.records.runs import has_record, record_folder

FOLDER = REPO / "notebooks"


@dataclass(frozen=True)
class Job:
    """Some of a paper's missing runs, trained by one process one after the other."""

    paper: str
    run_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.paper}-{hashlib.sha256(' '.join(self.run_ids).encode()).hexdigest()[:10]}"


def profile_parameters(profile: str) -> dict:
    """Content of ``params/<profile>.yaml``."""
    file = REPO / "params" / f"{profile}.yaml"
    if not file.is_file():
        raise unknown_name("profile", profile, [p.stem for p in (REPO / "params").glob("*.yaml")])
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def notebooks(only: str = "") -> dict[str, tuple[str, ...]]:
    """Notebook name -> grids whose runs it needs (its metadata ``study.papers``; ``all`` means every one).

    ``only``: a number or name, or several with commas (``02`` or ``00,02``).
    """
    found = {}
    for file in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb")):
        needed = json.loads(file.read_text(encoding="utf-8"))["metadata"].get("study", {}).get("papers", [])
        found[file.stem] = tuple(grids()) if needed == "all" else tuple(needed)
    if not only:
        return found
    chosen: dict[str, tuple[str, ...]] = {}
    for wanted in str(only).split(","):
        number = wanted.strip().zfill(2)  # YAML reads 02 as the number 2
        matching = [name for name in found if name == wanted.strip() or name.split("_")[0] == number]
        if not matching:
            raise unknown_name("notebook", wanted, found)
        chosen |= {name: found[name] for name in matching}
    return chosen


def results_folder(profile: str) -> Path:
    """Where the profile's records, tables, figures and pages go."""
    return REPO / profile_parameters(profile)["results_dir"]


def missing_jobs(paper: str, profile: str, runs_per_job: int) -> list[Job]:
    """Runs of ``paper`` without a record, in jobs of at most ``runs_per_job``."""
    if runs_per_job < 1:
        raise StudyError(f"runs_per_job is {runs_per_job}: give 1 or more.")
    results = results_folder(profile)
    absent = [p.spec.run_id for p in planned_runs(paper, profile) if not has_record(results, p.spec)]
    return [Job(paper, tuple(absent[i : i + runs_per_job])) for i in range(0, len(absent), runs_per_job)]


def stored_records(paper: str, profile: str) -> list[Path]:
    """Record files that are there already."""
    results = results_folder(profile)
    specs = [p.spec for p in planned_runs(paper, profile)]
    return [record_folder(results, s) / "record.json" for s in specs if has_record(results, s)]
