"""Planned runs: grids in ``params/papers/<paper>/runs.yaml`` and ``params/studies/``, expanded to specifications.

A batch has ``profiles``, ``set`` (merged into the file's ``base``) and ``grid``: axes whose values are combined. A
value that is a mapping is merged into the specification; any other replaces the dotted key the axis is named after.
The key ``paper_model`` is no part of the specification: it names the paper's model in whose row the result stands.
"""

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path

import yaml

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import REPO
from lib.plan.spec import RunSpec

FOLDER = REPO / "params"
BATCH_KEYS = ("profiles", "set", "grid")


@dataclass(frozen=True)
class PlannedRun:
    """A specification, the batch of the grid it comes from and the paper's model it stands for."""

    paper: str
    batch: str
    paper_model: str
    spec: RunSpec


def grids() -> list[str]:
    """Names of the files with grids: the papers' and the study's own."""
    return sorted(p.parent.name for p in FOLDER.glob("*/*/runs.yaml"))


def papers() -> list[str]:
    """Papers that have both a grid of runs and published values."""
    return [name for name in grids() if (FOLDER / "papers" / name / "published.yaml").is_file()]


def planned_runs(paper: str, profile: str, folder: Path = FOLDER) -> list[PlannedRun]:
    """Runs of ``paper`` under ``profile``, in the file's order, each specification once.

    Raises:
        StudyError: unknown paper, or an entry that does not make a valid specification (the batch is named).
    """
    content = _read(paper, folder)
    planned, seen = [], set()
    for name, batch in content["batches"].items():
        try:
            _check_batch(batch)
            chosen = profile in batch["profiles"]
            parsed = [_parse(values) for values in _expand(content["base"], batch)] if chosen else []
        except StudyError as error:
            raise StudyError(f"{paper}/runs.yaml, batch {name!r}: {error}") from None
        for paper_model, spec in parsed:
            if spec.hash not in seen:
                seen.add(spec.hash)
                planned.append(PlannedRun(paper, name, paper_model, spec))
    return planned


def reference(paper: str, folder: Path = FOLDER, model: str = "") -> dict:
    """The paper's own settings, as the file's ``base`` gives them (a mapping like a specification's).

    ``model``: with what the file's ``models`` say of this row of the paper (its backbone, its image size) over it.
    """
    content = _read(paper, folder)
    return merge(content["base"], content.get("models", {}).get(model, {}))


def beside(paper: str, part: str, folder: Path = FOLDER) -> dict:
    """What the file says of the paper beside its runs; empty where it says nothing.

    Args:
        part: ``also_stated``: values that the paper gives elsewhere in its text, name (``lr``, ``epochs``) -> all that
            it states; ``chosen``: what of a row this study had to choose, model -> a sentence part; ``ensembles``: the
            paper's, name -> the models (``paper_model``) that make it up; ``rows``: what each published row changes of
            ``base``, start of the published id (``table9.base``) -> settings.
    """
    return _read(paper, folder).get(part, {})


def _read(paper: str, folder: Path) -> dict:
    file = next(folder.glob(f"*/{paper}/runs.yaml"), None)
    if file is None:
        raise unknown_name("paper", paper, [p.parent.name for p in folder.glob("*/*/runs.yaml")])
    try:
        content = _parsed(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StudyError(f"{paper}/runs.yaml is no YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(content, dict) or not {"base", "batches"} <= content.keys():
        raise StudyError(f"{paper}/runs.yaml lacks 'base' or 'batches': see those of the other papers.")
    return content


@functools.lru_cache
def _parsed(text: str) -> object:
    """Parsed once, since a comparison asks for the same file at every row; nobody changes the result."""
    return yaml.safe_load(text)


def _check_batch(batch: dict) -> None:
    for key in batch:
        if key not in BATCH_KEYS:
            raise unknown_name("key", key, BATCH_KEYS)
    if "profiles" not in batch:
        raise StudyError("the key 'profiles' is missing: list the profiles that the batch belongs to.")


def _parse(values: dict) -> tuple[str, RunSpec]:
    """(the model it stands for, by default its own architecture; specification)."""
    spec = RunSpec.parse({key: value for key, value in values.items() if key != "paper_model"})
    return values.get("paper_model") or spec.model.backbone.split(".")[0], spec


def _expand(base: dict, batch: dict) -> list[dict]:
    start = merge(base, batch.get("set", {}))
    axes = batch.get("grid", {})
    cells = []
    for combination in itertools.product(*axes.values()):
        values = start
        for axis, value in zip(axes, combination, strict=True):
            values = merge(values, value if isinstance(value, dict) else _nested(axis, value))
        cells.append(values)
    return cells


def _nested(dotted: str, value: object) -> dict:
    first, _, rest = dotted.partition(".")
    return {first: _nested(rest, value) if rest else value}


def merge(first: dict, second: dict) -> dict:
    """``second`` over ``first``, key by key, down into mappings."""
    merged = dict(first)
    for key, value in second.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged
