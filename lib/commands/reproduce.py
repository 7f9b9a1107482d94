"""``python -m lib reproduce``: missing runs, then notebooks, as the Snakefile says; one line for each."""

import argparse
import contextlib
import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lib.core.errors import StudyError
from lib.core.paths import REPO

STATE = REPO / ".snakemake"
RUN = re.compile(r"^\[\d+/\d+\] ")
SHOWN = re.compile(r"^(\d\d_\w+: |error: )")


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("reproduce", help="train the missing runs, then execute and check the notebooks")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--only", default="", help="number or name of a notebook, several with commas")
    parser.add_argument("--cores", default="all")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int | None:
    from lib.commands.summary import summary
    from lib.records.jobs import missing_jobs, notebooks, results_folder

    chosen = notebooks(args.only)
    grids = dict.fromkeys(grid for papers in chosen.values() for grid in papers)
    missing = sum(len(job.run_ids) for grid in grids for job in missing_jobs(grid, args.profile, 1))
    print(f"runs to train: {missing}, notebooks: {len(chosen)}", flush=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPO / "Snakefile"), "--directory", str(REPO),
               "--cores", args.cores, "--nolock", "--quiet", "rules", "progress", "--rerun-incomplete",
               "--rerun-triggers", "mtime", "--config", f"profile={args.profile}", f"only={args.only}"]  # fmt: skip
    log = STATE / "reproduce.log"
    with sole_worker(STATE / "reproduce.lock") as lock:
        # Heirs of the lock hold it too: it is free once nobody works any more, however they ended.
        process = subprocess.Popen(
            command, pass_fds=[lock], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        try:
            explained = show(process.stdout, log, missing)
        except KeyboardInterrupt:
            process.wait()
            print("\nstopped: the same command goes on from here.")
            return 130
        if process.wait():
            if not explained:
                print(*log.read_text(encoding="utf-8").splitlines()[-15:], sep="\n", file=sys.stderr)
            raise StudyError(f"not finished; mended, the same command goes on from here (all messages: {log}).")
    summary(args)
    page = results_folder(args.profile) / "html" / f"{next(iter(chosen))}.html"
    print(f"open {os.path.relpath(page)}")


@contextlib.contextmanager
def sole_worker(file: Path) -> Iterator[int]:
    """Hold the lock ``file``, which the system frees when its holder dies; gives the descriptor to pass on.

    Raises:
        StudyError: another process holds it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise StudyError(f"{held.read()} works in this checkout already: wait for it, or end it.") from None
        held.truncate(0)
        held.write(f"process {os.getpid()} (since {time.strftime('%H:%M')})")
        held.flush()
        yield held.fileno()


def show(lines: Iterator[str], log: Path, runs: int) -> bool:
    """Print a line per run, notebook and error, keep everything in ``log``; whether an error was among them.

    Epochs pass by in one line of a terminal; Snakemake's report and the kernels' warnings stay in the log.
    """
    done, explained, moving = 0, False, sys.stdout.isatty()
    with open(log, "w", encoding="utf-8") as kept:
        for line in lines:
            kept.write(line)
            kept.flush()
            if RUN.match(line):
                done += 1
                line = RUN.sub(f"[{done}/{runs}] ", line)
            elif SHOWN.match(line):
                explained |= line.startswith("error: ")
            elif moving and " · epoch " in line:
                print(f"{line.strip()[:100]}\x1b[K", end="\r", flush=True)
                continue
            else:
                continue
            print(line.rstrip() + "\x1b[K" * moving, flush=True)
    return explained
