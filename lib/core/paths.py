"""Where data, weights, caches and results lie."""

import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
KAGGLE = Path("/kaggle/input")  # where Kaggle mounts data sets, read-only


def data_root(given: str | Path | None = None) -> Path:
    """Folder of the data sets: ``given``, else ``$DERM_DATA``, else Kaggle's, else ``data/`` in the repository."""
    here = KAGGLE if KAGGLE.is_dir() else REPO / "data"
    return Path(given or os.environ.get("DERM_DATA") or here).expanduser()


def weights_dir(given: str | Path | None = None) -> Path:
    """Folder of local pretrained weights: ``given``, else ``$DERM_WEIGHTS``, else ``weights/``."""
    return Path(given or os.environ.get("DERM_WEIGHTS") or REPO / "weights").expanduser()


def cache_dir() -> Path:
    """Writable folder for decoded images, features and the synthetic data: ``$DERM_CACHE``, else ``.cache/``."""
    return Path(os.environ.get("DERM_CACHE") or REPO / ".cache").expanduser()
