"""Run records: specification, history, logits, metrics and circumstances of one training.

``<results>/runs/<run_id>/`` holds ``record.json``, ``history.csv`` and ``logits.npz``, an array of float16 ([N, 1] for
one logit, else [N, K]) per ``<checkpoint>/<subset>``. What the arrays' rows are (image_id, group, target, seen) is the
same for all runs on a split, and stands once in ``<results>/images/<digest>.csv.gz``. A record appears whole or not at
all. The subset ``<external set>:<dx>`` holds images of a diagnosis that the task has no class for, with target -1.
"""

import gzip
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib.core.errors import StudyError
from lib.core.files import write_atomic, write_folder, write_json
from lib.evaluation.metrics import probabilities
from lib.plan.spec import RunSpec

Draw = tuple[int, int]  # split seed, training seed
IMAGE_COLUMNS = ["subset", "image_id", "group", "target", "seen"]
LARGEST = float(np.finfo(np.float16).max)


def as_stored(logits: np.ndarray) -> np.ndarray:
    """Logits as a record keeps them: float16, cut at its largest number."""
    return np.clip(np.asarray(logits, np.float64), -LARGEST, LARGEST).astype(np.float16)


@dataclass(frozen=True, eq=False)
class Record:
    """A stored run. Logits and the images they belong to are read when asked for."""

    folder: Path
    spec: RunSpec
    info: dict
    held: tuple[pd.DataFrame, dict[str, np.ndarray]] | None = None  # images and logits in place of the folder's

    @cached_property
    def history(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "history.csv")

    @cached_property
    def images(self) -> pd.DataFrame:
        """``subset, image_id, group, target, seen`` (1: a training image shares the group) of all rows."""
        if self.held:
            return self.held[0]
        return _read_images(self.folder.parent.parent / "images" / f"{self.info['images']}.csv.gz")

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        if self.held:
            return self.held[1]
        with np.load(self.folder / "logits.npz") as stored:
            return {name: stored[name] for name in stored.files}

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.info["classes"])

    @property
    def draw(self) -> Draw:
        return self.spec.split.seed, self.spec.seed

    @property
    def device(self) -> str:
        """What trained it: ``CPU, 1 thread (AMD EPYC)``, which older records call ``1 threads``."""
        return self.info["environment"]["device"].replace(" 1 threads ", " 1 thread ")

    @property
    def precision(self) -> str:
        """What it was trained in: ``32``, ``bf16`` or ``16``, which ``auto`` takes from the device."""
        return self.info["environment"]["precision"]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"p_{c}" for c in self.classes)

    @property
    def subsets(self) -> tuple[str, ...]:
        """What is predicted at the selected epoch: ``val``, ``test``, external sets."""
        return tuple(name.split("/", 1)[1] for name in self._arrays if name.startswith("best/"))

    def logits(self, subset: str, checkpoint: str = "best") -> np.ndarray:
        """Float64 [N, 1] or [N, K] of ``subset`` by image_id, as the network gave them to the precision of float16."""
        key = f"{checkpoint}/{subset}"
        if key not in self._arrays:
            raise StudyError(f"record {self.folder.name} holds no {checkpoint} predictions of {subset!r}.")
        return self._arrays[key].astype(np.float64)

    def with_images(self, images: pd.DataFrame, logits: dict[str, np.ndarray]) -> "Record":
        """A copy that also holds ``images`` (by subset and image_id) and the selected epoch's ``logits`` by subset."""
        longer = pd.concat([self.images, images[IMAGE_COLUMNS]], ignore_index=True)
        return replace(self, held=(longer, self._arrays | {f"best/{name}": z for name, z in logits.items()}))

    def rows(self, subset: str) -> pd.DataFrame:
        """Rows of ``images`` in ``subset``, by image_id."""
        return self.images[self.images["subset"] == subset].reset_index(drop=True)

    def subset(self, subset: str) -> pd.DataFrame:
        """Images and probabilities (``p_<class>``) of one subset at the selected epoch, by image_id."""
        probs = pd.DataFrame(probabilities(self.logits(subset)), columns=list(self.columns))
        return pd.concat([self.rows(subset), probs], axis=1)

    def arrays(self, subset: str, checkpoint: str = "best") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(targets int64 [N], probabilities float64 [N, K], groups [N]) of ``subset``."""
        rows = self.rows(subset)
        probs = probabilities(self.logits(subset, checkpoint))
        return rows["target"].to_numpy(np.int64), probs, rows["group"].to_numpy()


def stacked(
    records: Sequence[Record], subset: str, checkpoint: str = "best"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(targets [N], probabilities [M, N, K], groups [N]) of M records on the same images."""
    arrays = [r.arrays(subset, checkpoint) for r in records]
    return arrays[0][0], np.stack([probs for _, probs, _ in arrays]), arrays[0][2]


@lru_cache(maxsize=256)
def _read_images(file: Path) -> pd.DataFrame:
    """Read once for all records on a split; nobody changes the result."""
    try:
        return pd.read_csv(file, dtype={"image_id": str, "group": str})
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise StudyError(f"the images of a record cannot be read ({error}): restore {file} or run again.") from None


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


def check_origin(record: Record, weights_sha256: str | None) -> None:
    """``StudyError`` if ``record`` was trained from other weights than those at hand (None: none at hand)."""
    stored = record.info.get("weights", {}).get("sha256")
    if weights_sha256 and stored and stored != weights_sha256:
        raise StudyError(
            f"record {record.folder.name} was made from other weights ({stored[:8]}) than those at hand "
            f"({weights_sha256[:8]}): delete the record to run again, or bring the weights that it names."
        )


def all_records(results: Path) -> list[Record]:
    """Every record under ``results``, by name."""
    found = (Path(results) / "runs").glob("[!.]*/record.json")  # a dot marks those that are being written
    return [load_record(p.parent) for p in sorted(found)]


def write_record(
    results: Path,
    spec: RunSpec,
    info: dict,
    history: list[dict],
    images: pd.DataFrame,
    logits: dict[tuple[str, str], np.ndarray],
) -> Record:
    """Write a record; its folder appears whole or not at all.

    Args:
        images: ``IMAGE_COLUMNS``, rows in any order.
        logits: (checkpoint, subset) -> [N, 1] or [N, K], in the order of the subset's rows in ``images``.
    """
    order = images.sort_values(["subset", "image_id"], kind="stable").index
    content = _compressed(images.loc[order, IMAGE_COLUMNS])
    digest = hashlib.sha256(content).hexdigest()[:16]
    file = Path(results) / "images" / f"{digest}.csv.gz"
    if not file.is_file():
        write_atomic(file, lambda p: p.write_bytes(content))
    arrays = {}
    for (checkpoint, subset), values in logits.items():
        ids = images["image_id"][images["subset"] == subset].to_numpy()
        arrays[f"{checkpoint}/{subset}"] = as_stored(values)[np.argsort(ids, kind="stable")]

    def write(folder: Path) -> None:
        pd.DataFrame(history).to_csv(folder / "history.csv", index=False, float_format="%.6g")
        np.savez_compressed(folder / "logits.npz", allow_pickle=False, **arrays)
        whole = {"spec": spec.model_dump(mode="json", by_alias=True), "images": digest, **info}
        write_json(folder / "record.json", whole)

    return load_record(write_folder(record_folder(results, spec), write))


def _compressed(images: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as f:  # mtime=0: the same images give the same bytes
        f.write(images.to_csv(index=False).encode())
    return out.getvalue()
