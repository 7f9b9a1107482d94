"""First cell of every notebook on Colab and Kaggle: install what is missing or too old, never torch or numpy.

Standard library only, since nothing else may be there yet.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
import time
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
    "pytest-xdist",
    "ruff",
    "grimp",
    "mypy",
    "types-pyyaml",
)


def requirements(file: Path = REPO / "requirements.txt") -> dict[str, str]:
    """Distribution name -> pinned requirement, from ``requirements.txt`` or ``requirements-floors.txt``."""
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return {re.split(r"[=<>!~\[; ]", line)[0].lower(): line for line in lines if line}


def floors() -> dict[str, str]:
    """Distribution name -> the oldest version that the study runs on."""
    return {name: line.split("==")[1] for name, line in requirements(REPO / "requirements-floors.txt").items()}


def installed(name: str) -> str | None:
    """Version of the distribution at hand; None if there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def too_old(names) -> list[str]:
    """Those of ``names`` that are not installed, or in a version below their floor."""
    lowest = floors()
    return [name for name in names if _numbers(installed(name) or "0") < _numbers(lowest.get(name, "0.1"))]


def wanted(needed: dict[str, str]) -> list[str]:
    """What pip is to install, as ranges from the floor to the pinned version; a package in between is left alone."""
    lowest = floors()
    names = [name for name in needed if name not in (*KEPT, *NOT_IN_NOTEBOOKS)]
    return [needed[name].replace("==", f">={lowest[name]},<=") for name in too_old(names)]


def prepare() -> None:
    """Install packages that are missing or too old on Colab or Kaggle; elsewhere say which they are.

    torch, torchvision and numpy stay what they are: the hosts' builds fit their drivers, and replacing numpy under a
    running kernel breaks it.

    Raises:
        SystemExit: packages are missing on a machine that is not Colab or Kaggle; one of torch, torchvision and numpy
            is too old; or the kernel had loaded a package that was upgraded.
    """
    ranges = wanted(requirements())
    if ranges and not ("COLAB_RELEASE_TAG" in os.environ or "KAGGLE_KERNEL_RUN_TYPE" in os.environ):
        sys.exit(f"missing packages: {', '.join(ranges)}. Run `make reproduce`, or pip install -r requirements.txt.")
    if old := too_old(KEPT):
        given = ", ".join(f"{name} {installed(name) or '(missing)'}" for name in old)
        lowest = " ".join(f"{name}=={floors()[name]}" for name in old)
        sys.exit(f"too old here: {given}. Choose a newer image of the host, or pip install {lowest} and restart.")
    if not ranges:
        return
    loaded = _loaded([name for name in (r.split(">=")[0].lower() for r in ranges) if installed(name)])
    print(f"Installing {', '.join(ranges)} ...", flush=True)
    started = time.perf_counter()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.writelines(f"{name}=={installed(name)}\n" for name in KEPT)
        constraints.flush()
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-c", constraints.name, *ranges], check=True)
    print(f"installed in {time.perf_counter() - started:.0f} s.")
    if loaded:
        sys.exit(f"upgraded after the kernel had loaded them: {', '.join(loaded)}. Restart the kernel.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _loaded(distributions: list[str]) -> list[str]:
    """Those of ``distributions`` of which this kernel has imported something."""
    packages = importlib.metadata.packages_distributions()
    names = {d.lower() for module in sys.modules if module in packages for d in packages[module]}
    return sorted(names.intersection(distributions))
