"""``python -m lib redraw``: every table and figure anew from the committed records, and compared with them."""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lib.core.errors import StudyError
from lib.core.paths import REPO

EMPTY = ("DERM_DATA", "DERM_WEIGHTS", "DERM_PAPERS", "DERM_CACHE")


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("redraw", help="redraw tables and figures from the records alone, and compare")
    parser.add_argument("--only", default="", help="number or name, several with commas")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    parser.add_argument("--keep", type=Path, help="leave what was drawn in this new folder")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Redraw the stored notebooks without data, weights or GPU; 1 if anything differs from what is committed."""
    from lib.records.jobs import notebooks
    from lib.report.site.blocks import stale
    from lib.report.stored import stored_notebooks

    if args.keep and args.keep.exists():
        raise StudyError(f"{args.keep} exists: name a new folder.")
    chosen = notebooks(args.only)
    stored = [s for s in stored_notebooks() if s.name in chosen]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.keep or Path(temporary) / "redrawn").resolve()
        differences = redraw(stored, folder, args.jobs)
    if not args.only:
        differences += [f"{name}: run `python -m lib findings --write`" for name in stale()]
    print(f"{time.perf_counter() - started:.0f} s")
    print(*(f"differs: {line}\n" for line in differences), sep="", end="")
    if differences:
        print("After finding out why it changed: `make store` keeps what the records give now.")
    return 1 if differences else 0


def redraw(stored: list, folder: Path, jobs: int) -> list[str]:
    """Differences between the ``stored`` notebooks and their redrawing under ``folder``."""
    differences, tasks = [], {}
    (folder / "empty").mkdir(parents=True)
    with ProcessPoolExecutor(jobs, initializer=_without_data, initargs=(folder / "empty",)) as pool:
        for one in reversed(stored):  # the last notebooks gather all papers and take longest
            if one.sentences and not one.needs_data:
                tasks[one.name] = pool.submit(_redraw_one, one, folder / one.parameters["profile"])
        for one in stored:
            if one.needs_data:
                print(f"{one.name}: left out, it shows images and needs the data")
            elif one.name not in tasks:
                differences.append(f"{one.name} is stored without outputs")
            else:
                found, seconds = tasks[one.name].result()
                differences += found
                said = f"{len(found)} differences" if found else "the same"
                print(f"{one.name}: {said}, {seconds:.0f} s", flush=True)
    return differences


def _redraw_one(stored, scratch: Path) -> tuple[list[str], float]:
    from lib.commands.notebook import execute
    from lib.report.redraw import compare_outputs, compare_sentences, scratch_results
    from lib.report.stored import read_stored

    started = time.perf_counter()
    committed = REPO / stored.parameters["results_dir"]
    results = scratch_results(scratch / stored.name, committed)
    output = results / f"{stored.name}.ipynb"
    parameters = {**stored.parameters, "results_dir": str(results), "train_missing": False}
    try:
        execute(stored.file, output, parameters, results / "done" / f"{stored.name}.json")
    except StudyError as error:
        return [str(error)], time.perf_counter() - started
    found = compare_outputs(stored.name, committed, results)
    found += [f"{stored.name}: {d}" for d in compare_sentences(stored.sentences, read_stored(output).sentences)]
    return found, time.perf_counter() - started


def _without_data(empty: Path) -> None:
    """What a worker and its kernels see: no data, no weights, no cache of earlier runs, no GPU."""
    os.environ |= dict.fromkeys(EMPTY, str(empty)) | {"CUDA_VISIBLE_DEVICES": ""}
