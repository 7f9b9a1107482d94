"""Where the real data lie, one core per test process, a small synthetic set for trainings."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
os.environ.setdefault("OMP_NUM_THREADS", "1")
SLOWEST = (
    "commands/test_reproduce.py",
    "training/test_run.py",
    "report/test_redraw.py",
    "report/test_documents.py",
    "studies/test_explain_measure.py",
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets (``DERM_DATA`` or ``data/``); the test is skipped without it."""
    root = Path(os.environ.get("DERM_DATA") or REPO / "data")
    if not (root / "ham10000").is_dir():
        pytest.skip("real data absent: set DERM_DATA to the folder that holds ham10000/")
    return root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever reads the real data is slow; the slowest files go first, so that no process waits for one at the end."""
    rank = {REPO / "tests" / name: -n for n, name in enumerate(reversed(SLOWEST), 1)}
    items.sort(key=lambda item: rank.get(item.path, 0))
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def small_machine():
    """One core, so that no training starts worker processes, and 240 synthetic lesions in place of 600."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)
        patch.setitem(_loaders(), "synthetic", "tests.fakes.small_synthetic:load")
        yield


def _loaders() -> dict[str, str]:
    from lib.data.catalogue import LOADERS

    return LOADERS
