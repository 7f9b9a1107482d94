"""What a run record says about where it was made."""

import importlib.metadata
import platform
import subprocess

from lib.core.paths import REPO

PACKAGES = ("torch", "torchvision", "timm", "lightning", "albumentations", "opencv-python-headless", "numpy", "pandas",
            "scikit-learn", "safetensors")  # fmt: skip


def git_commit() -> str | None:
    """Commit of the study's code, with ``-dirty`` if files differ; None outside a git checkout."""
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPO, capture_output=True, text=True, check=True)
        dirty = subprocess.run(
            ["git", "status", "--porcelain", "--", "lib", "params"],
            cwd=REPO,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + ("-dirty" if dirty.stdout.strip() else "")


def versions() -> dict[str, str | None]:
    """Versions of the packages that decide a result."""

    def version(name: str) -> str | None:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return None

    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
