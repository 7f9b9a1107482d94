"""``python -m lib run``: execute planned runs whose records are missing."""

import argparse
from pathlib import Path

from lib.errors import StudyError
from lib.paths import REPO, data_root, weights_dir


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("run", help="execute the planned runs whose records are missing")
    parser.add_argument("paper", help="name of a file in params/runs/")
    parser.add_argument("--profile", required=True, help="smoke, cpu, gpu or p100")
    parser.add_argument("--group", help="only this group of the grid")
    parser.add_argument("--part", default="1/1", help="only part i of n, as i/n, for parallel jobs")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--results", type=Path, default=REPO / "results")
    parser.add_argument("--list", action="store_true", help="print the runs and whether they are done")
    parser.set_defaults(run=run)


def parse_part(text: str) -> tuple[int, int]:
    """``"2/4"`` -> (2, 4)."""
    number, _, total = text.partition("/")
    if not (number.isdigit() and total.isdigit() and 1 <= int(number) <= int(total)):
        raise StudyError(f"--part {text!r} is not of the form i/n with 1 <= i <= n, such as 1/2.")
    return int(number), int(total)


def run(args: argparse.Namespace) -> int:
    from lib.grid import planned_runs
    from lib.records import has_record

    number, total = parse_part(args.part)
    planned = [p for p in planned_runs(args.paper, args.profile) if args.group in (None, p.group)]
    planned = planned[number - 1 :: total]
    if args.list:
        for p in planned:
            print("done   " if has_record(args.results, p.spec) else "missing", p.group, p.spec.run_id)
        return 0
    from lib.runs import Places, ensure

    places = Places(data_root(args.data_root), weights_dir(args.weights_dir), args.results)
    for position, p in enumerate(planned, 1):
        record = ensure(p.spec, places)
        accuracy = record.info["metrics"]["best"].get("test", {}).get("accuracy")
        print(f"[{position}/{len(planned)}] {p.spec.run_id}: test accuracy {accuracy:.4f}", flush=True)
    return 0
