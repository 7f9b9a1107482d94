"""The repository's public address: ``repository-code`` of CITATION.cff, from which everything else is written."""

import re
import subprocess
from pathlib import Path

from lib.core.errors import StudyError
from lib.core.paths import REPO

GITHUB = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(\.git)?/?$")
CODE = re.compile(r"^repository-code: https://github\.com/(\S+)$", flags=re.M)
PLACES = ("CITATION.cff", "README.md", "notebooks/*.ipynb")


def stored_address(repo: Path = REPO) -> str:
    """``owner/name`` on GitHub, as CITATION.cff has it."""
    found = CODE.search((repo / "CITATION.cff").read_text(encoding="utf-8"))
    if not found:
        raise StudyError("CITATION.cff lacks the line repository-code: https://github.com/OWNER/NAME.")
    return found[1]


def remote_address(repo: Path = REPO) -> str | None:
    """``owner/name`` of the git remote ``origin``; None without one on GitHub."""
    asked = ["git", "remote", "get-url", "origin"]
    try:
        url = subprocess.run(asked, cwd=repo, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    found = GITHUB.search(url)
    return found[1] if found else None


def write_address(new: str, repo: Path = REPO) -> list[Path]:
    """Put ``new`` in place of the stored address in badges, first cells and citation; the files that changed."""
    old = stored_address(repo)
    # The folder that a first cell clones into bears the repository's name.
    swaps = {old: new, f'"{old.split("/")[1]}"': f'"{new.split("/")[1]}"'}
    swaps |= {before.replace('"', '\\"'): after.replace('"', '\\"') for before, after in swaps.items()}
    changed = []
    for file in (f for place in PLACES for f in sorted(repo.glob(place))):
        text = file.read_text(encoding="utf-8")
        replaced = text
        for before, after in swaps.items():
            replaced = replaced.replace(before, after)
        if replaced != text:
            file.write_text(replaced, encoding="utf-8")
            changed.append(file)
    return changed
