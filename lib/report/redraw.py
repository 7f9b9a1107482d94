"""Are the committed tables, figures and sentences what the committed records give?"""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from lib.core.errors import StudyError

RELATIVE = 1e-6  # of a number; text is compared to the letter
SHOWN = 3  # differences of a file that are printed
LONGEST = 160  # letters of a text that are printed
TEXT = re.compile(r"<text[^>]*>([^<]*)<")
PLACE = re.compile(r' (?:d|x|y|transform)="([^"]*)"')
NUMBER = re.compile(r"-?\d+\.?\d*")
MOVED = 4.0  # points: as much as another font library shifts a layout


def scratch_results(scratch: Path, results: Path) -> Path:
    """An empty results folder at ``scratch`` that knows the records and measurements of ``results``, nothing else."""
    if not (results / "runs").is_dir():
        raise StudyError(f"{results} holds no records: redraw the study where results/runs is.")
    scratch.mkdir(parents=True, exist_ok=True)
    for name in ("runs", "images", "measurements"):
        if (results / name).is_dir():
            (scratch / name).symlink_to((results / name).resolve(), target_is_directory=True)
    return scratch


def compare_outputs(name: str, committed: Path, redrawn: Path) -> list[str]:
    """What differs between two results folders in the notebook ``name``: tables by value, drawings by what they show.

    Photographs are compared by name: another version of a font library or a codec changes their pixels.
    """
    differences = []
    for kind in ("tables", "figures"):
        before, after = ({p.name for p in (folder / kind / name).glob("*.*")} for folder in (committed, redrawn))
        differences += [f"{kind}/{name}/{file}: committed, but not drawn again" for file in sorted(before - after)]
        differences += [f"{kind}/{name}/{file}: drawn, but not committed" for file in sorted(after - before)]
        for file in sorted(before & after):
            if compare := COMPARE.get(Path(file).suffix):
                found = compare(committed / kind / name / file, redrawn / kind / name / file)
                differences += [f"{kind}/{name}/{file}: {difference}" for difference in found]
    return differences


def compare_tables(committed: Path, redrawn: Path) -> list[str]:
    """What differs between two CSV files: columns, number of rows, or cells; at most a few cells are named."""
    before, after = (pd.read_csv(f, dtype=str, keep_default_na=False) for f in (committed, redrawn))
    if list(before) != list(after):
        return [f"columns {', '.join(before)} are now {', '.join(after)}"]
    if len(before) != len(after):
        return [f"{len(before)} rows are now {len(after)}"]
    found = [
        f"row {row + 2}, {column}: {before[column][row]!r} is now {after[column][row]!r}"
        for column in before
        for row in np.flatnonzero(_differ(before[column], after[column]))
    ]
    return found[:SHOWN] + [f"{len(found) - SHOWN} more cells differ"] * (len(found) > SHOWN)


def compare_drawings(committed: Path, redrawn: Path) -> list[str]:
    """What differs between two SVG files: their words, or where something is drawn, by more than ``MOVED``."""
    before, after = (f.read_text(encoding="utf-8") for f in (committed, redrawn))
    found = _said(TEXT.findall(before), TEXT.findall(after))
    if not found:
        places = [np.array(NUMBER.findall(" ".join(PLACE.findall(svg))), float) for svg in (before, after)]
        if places[0].shape != places[1].shape:
            found = ["shapes are gone or new"]
        elif (moved := np.abs(places[0] - places[1]).max(initial=0)) > MOVED:
            found = [f"a shape has moved by {moved:.0f} points"]
    return found[:SHOWN] + [f"{len(found) - SHOWN} more words differ"] * (len(found) > SHOWN)


COMPARE = {".csv": compare_tables, ".svg": compare_drawings}


def compare_sentences(committed: list[str], redrawn: list[str]) -> list[str]:
    """Computed sentences that only one of two renderings of a notebook has."""
    return [f"the notebook {difference}" for difference in _said(committed, redrawn)]


def _said(committed: list[str], redrawn: list[str]) -> list[str]:
    before, after = Counter(committed), Counter(redrawn)
    return [f"no longer says {_short(t)}" for t in before - after] + [f"now says {_short(t)}" for t in after - before]


def _differ(before: pd.Series, after: pd.Series) -> np.ndarray:
    numbers = [pd.to_numeric(s, errors="coerce").to_numpy(float) for s in (before, after)]
    close = np.isclose(*numbers, rtol=RELATIVE, atol=0)  # NaN, here text, is close to nothing
    return ~(close | (before == after).to_numpy())


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + " …")
