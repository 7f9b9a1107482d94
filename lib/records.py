"""Run records: what a finished run leaves behind, small enough to commit.

A record is a folder ``<results>/runs/<run_id>/`` with ``record.json`` (spec, metrics, timing, environment),
``history.csv`` (a row an epoch) and ``predictions.csv.gz`` (checkpoint, subset, image_id, group, target, seen: whether
an image of the same lesion was trained on, one probability a class). It appears whole or not at all. The subset
``<external set>:<dx>`` holds images of a diagnosis that the task has no class for, with target -1.
"""

import gzip
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from lib.errors import StudyError
from lib.files import write_folder
from lib.spec import RunSpec

DECIMALS = 6


@dataclass(frozen=True)
class Record:
    """A stored run. ``predictions`` are read when asked for."""

    folder: Path
    spec: RunSpec
    info: dict

    @cached_property
    def history(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "history.csv")

    @cached_property
    def predictions(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "predictions.csv.gz", dtype={"image_id": str, "group": str})

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.info["classes"])

    def subset(self, subset: str, checkpoint: str = "best") -> pd.DataFrame:
        """Predictions of one subset (``val``, ``test`` or an external set) at ``best`` or ``final``, by image_id."""
        p = self.predictions
        rows = p[(p["subset"] == subset) & (p["checkpoint"] == checkpoint)]
        if rows.empty:
            raise StudyError(f"record {self.folder.name} holds no {checkpoint} predictions of {subset!r}.")
        return rows.sort_values("image_id").reset_index(drop=True)

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets int64 [N], probabilities float64 [N, K], groups [N]) of ``subset``."""
        rows = self.subset(subset, checkpoint)
        return rows["target"].to_numpy(np.int64), rows[list(self.columns)].to_numpy(float), rows["group"].to_numpy()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"p_{c}" for c in self.classes)


def record_folder(results: Path, spec: RunSpec) -> Path:
    return Path(results) / "runs" / spec.run_id


def has_record(results: Path, spec: RunSpec) -> bool:
    return (record_folder(results, spec) / "record.json").is_file()


def read_record(results: Path, spec: RunSpec) -> Record:
    """The record of ``spec``, taken as it is, whichever machine made it.

    Raises:
        StudyError: there is none, or the stored spec is not the one its folder name says.
    """
    folder = record_folder(results, spec)
    if not has_record(results, spec):
        raise StudyError(f"no record {folder.name} in {folder.parent}: run it with `python -m lib run`.")
    return load_record(folder)


def load_record(folder: Path) -> Record:
    """Read a record's folder; the stored specification must be the one the folder is named after."""
    try:
        info = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise StudyError(f"record {folder} cannot be read ({error}): delete the folder and run again.") from None
    try:
        spec = RunSpec.parse(info["spec"])
    except (KeyError, TypeError, StudyError) as error:
        raise StudyError(f"record {folder} holds no valid specification ({error}): delete it and run again.") from None
    if spec.run_id != folder.name:
        raise StudyError(f"record {folder} holds the specification of {spec.run_id}: delete it and run again.")
    return Record(folder, spec, info)


def all_records(results: Path) -> list[Record]:
    """Every record under ``results``, by name."""
    found = (Path(results) / "runs").glob("[!.]*/record.json")  # a dot marks those that are being written
    return [load_record(p.parent) for p in sorted(found)]


def write_record(results: Path, spec: RunSpec, info: dict, history: list[dict], predictions: pd.DataFrame) -> Record:
    """Write a record; its folder appears whole or not at all."""

    def write(folder: Path) -> None:
        pd.DataFrame(history).to_csv(folder / "history.csv", index=False, float_format="%.6g")
        (folder / "predictions.csv.gz").write_bytes(_compressed(predictions))
        text = json.dumps({"spec": spec.model_dump(mode="json"), **info}, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "record.json").write_text(text + "\n", encoding="utf-8")

    return load_record(write_folder(record_folder(results, spec), write))


def _compressed(predictions: pd.DataFrame) -> bytes:
    text = predictions.to_csv(index=False, float_format=f"%.{DECIMALS}f")
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as f:  # mtime=0: the same run gives the same bytes
        f.write(text.encode())
    return out.getvalue()
