"""Shared fixtures: where the real data lie, and one clear line when they are absent."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets (``DERM_DATA`` or ``data/``); the test is skipped without it."""
    root = Path(os.environ.get("DERM_DATA") or REPO / "data")
    if not (root / "ham10000").is_dir():
        pytest.skip("real data absent: set DERM_DATA to the folder that holds ham10000/")
    return root
