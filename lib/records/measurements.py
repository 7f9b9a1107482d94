"""What is measured on a trained network beyond its predictions (latencies, saliency, exports), kept like run records.

A measurement is a folder ``<results>/measurements/<kind>-<name>-<digest>/`` with ``measurement.json`` (the key that
decides it, environment, seconds), one CSV per table and one PNG per picture. It appears whole or not at all, and the
same key is never measured twice.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lib.core.environment import git_commit, versions
from lib.core.errors import StudyError
from lib.core.files import locked, write_folder, write_json

NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
Outputs = dict[str, pd.DataFrame | np.ndarray]


@dataclass(frozen=True)
class Measurement:
    """A stored measurement."""

    folder: Path
    info: dict

    def table(self, name: str) -> pd.DataFrame:
        """The table ``name``; ids stay text."""
        return pd.read_csv(self._file(f"{name}.csv"), dtype={"image_id": str, "group": str})

    def picture(self, name: str) -> np.ndarray:
        """The picture ``name``, uint8 [H, W, 3]."""
        return np.asarray(Image.open(self._file(f"{name}.png")).convert("RGB"))

    def _file(self, name: str) -> Path:
        file = self.folder / name
        if not file.is_file():
            have = ", ".join(sorted(p.name for p in self.folder.iterdir()))
            raise StudyError(f"measurement {self.folder.name} holds no {name} (there: {have}).")
        return file


def measurement_folder(results: Path, kind: str, name: str, key: Mapping[str, object]) -> Path:
    """Folder of a measurement; ``key`` (plain JSON values) is all that decides its outcome."""
    digest = hashlib.sha256(_canonical(kind, key).encode()).hexdigest()[:10]
    return Path(results) / "measurements" / f"{kind}-{name}-{digest}"


def has_measurement(results: Path, kind: str, name: str, key: Mapping[str, object]) -> bool:
    return (measurement_folder(results, kind, name, key) / "measurement.json").is_file()


def read_measurement(results: Path, kind: str, name: str, key: Mapping[str, object]) -> Measurement | None:
    """The stored measurement, None without one.

    Raises:
        StudyError: it cannot be read, or the stored key is not the one asked for.
    """
    folder = measurement_folder(results, kind, name, key)
    if not has_measurement(results, kind, name, key):
        return None
    try:
        info = json.loads((folder / "measurement.json").read_text(encoding="utf-8"))
        stored = _canonical(info["kind"], info["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(f"measurement {folder} cannot be read ({error}): delete the folder and run again.") from None
    if stored != _canonical(kind, key):
        raise StudyError(f"measurement {folder} holds another key than its name says: delete it and run again.")
    return Measurement(folder, info)


def measurements_of(results: Path, kind: str, name: str) -> list[Measurement]:
    """All stored measurements of ``kind`` of one run, or whatever ``name`` stands for, by folder."""
    found = sorted((Path(results) / "measurements").glob(f"{kind}-{name}-{'?' * 10}/measurement.json"))
    return [Measurement(file.parent, json.loads(file.read_text(encoding="utf-8"))) for file in found]


def get_or_measure(
    results: Path, kind: str, name: str, key: Mapping[str, object], compute: Callable[[], Outputs]
) -> Measurement:
    """The measurement: read if it is there, else made by ``compute`` and written.

    Args:
        kind: what is measured (``gradcam``, ``latency``), the first part of the folder's name.
        name: readable second part, such as a run id.
        key: plain JSON values that decide the outcome, among them a ``version`` that changes with the method.
        compute: gives tables (DataFrame) and pictures (uint8 [H, W, 3]) by name.
    """
    folder = measurement_folder(results, kind, name, key)
    with locked(folder):
        if stored := read_measurement(results, kind, name, key):
            return stored
        started = time.perf_counter()
        outputs = compute()
        seconds = round(time.perf_counter() - started, 1)
        environment = {"commit": git_commit(), "versions": versions()}
        info = {"kind": kind, "key": key, "seconds": seconds, "environment": environment}
        write_folder(folder, lambda f: _write(f, info, outputs))
        return Measurement(folder, info)


def _write(folder: Path, info: dict, outputs: Outputs) -> None:
    for name, value in outputs.items():
        if not NAME.fullmatch(name):
            raise StudyError(f"{name!r} is no name of a table or picture: use small letters, digits and _.")
        if isinstance(value, pd.DataFrame):
            value.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
        else:
            Image.fromarray(value).save(folder / f"{name}.png", optimize=True)
    write_json(folder / "measurement.json", info)


def _canonical(kind: str, key: Mapping[str, object]) -> str:
    return json.dumps({"kind": kind, "key": key}, sort_keys=True, separators=(",", ":"), allow_nan=False)
