"""First cell of every notebook on Colab and Kaggle: install what is missing, never torch or numpy.

Standard library only, since nothing else may be there yet.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
KEPT = ("torch", "torchvision", "numpy")
# What only the command line and the tests need.
NOT_IN_NOTEBOOKS = (
    "jupyterlab",
    "papermill",
    "nbconvert",
    "jinja2",
    "nbformat",
    "ipykernel",
    "snakemake",
    "pytest",
    "ruff",
    "grimp",
    "mypy",
    "types-pyyaml",
)


def requirements(file: Path = REPO / "requirements.txt") -> dict[str, str]:
    """Distribution name -> pinned requirement, from ``requirements.txt``."""
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return {re.split(r"[=<>!~\[; ]", line)[0].lower(): line for line in lines if line}


def missing(needed: dict[str, str]) -> list[str]:
    """Requirements whose distribution is not installed at all; another version of it is left alone."""
    absent = []
    for name, requirement in needed.items():
        if name in KEPT or name in NOT_IN_NOTEBOOKS:
            continue
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(requirement)
    return absent


def prepare() -> None:
    """Install missing packages on Colab or Kaggle; elsewhere say what is missing.

    torch, torchvision and numpy stay what they are: the hosts' builds fit their drivers, and replacing numpy under a
    running kernel breaks it.

    Raises:
        SystemExit: packages are missing on a machine that is not Colab or Kaggle.
    """
    absent = missing(requirements())
    if not absent:
        return
    if not ("COLAB_RELEASE_TAG" in os.environ or "KAGGLE_KERNEL_RUN_TYPE" in os.environ):
        sys.exit(f"missing packages: {', '.join(absent)}. Run `make reproduce`, or pip install -r requirements.txt.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        for name in KEPT:
            constraints.write(f"{name}=={importlib.metadata.version(name)}\n")
        constraints.flush()
        command = [sys.executable, "-m", "pip", "install", "-q", "-c", constraints.name, *absent]
        subprocess.run(command, check=True)
