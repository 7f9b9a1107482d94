"""``python -m lib run``: execute planned runs whose records are missing."""

import argparse
from pathlib import Path

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import data_root, weights_dir


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("run", help="execute the planned runs whose records are missing")
    parser.add_argument("paper", help="name of a file in params/papers/")
    parser.add_argument("--profile", required=True, help="smoke, cpu, gpu or p100")
    parser.add_argument("--group", help="only this group of the grid")
    parser.add_argument("--ids", nargs="*", help="only these run ids, as --list prints them")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--results", type=Path, help="folder of records (default: results_dir of the profile)")
    parser.add_argument("--devices", type=int, default=1, help="GPUs that share each run's batches")
    parser.add_argument("--list", action="store_true", help="print the runs and whether they are done")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from lib.plan.grid import planned_runs
    from lib.records.jobs import results_folder
    from lib.records.runs import has_record

    results = args.results or results_folder(args.profile)
    if args.devices < 1:
        raise StudyError(f"--devices is {args.devices}: give 1 or more.")
    planned = [p for p in planned_runs(args.paper, args.profile) if args.group in (None, p.group)]
    known = {p.spec.run_id: p for p in planned}
    if args.ids is not None:
        for run_id in args.ids:
            if run_id not in known:
                raise unknown_name("run id", run_id, known)
        planned = [known[run_id] for run_id in args.ids]
    if not planned:
        raise StudyError(
            f"profile {args.profile!r} plans no such run of {args.paper}: see params/runs/{args.paper}.yaml."
        )
    if args.list:
        for p in planned:
            print("done   " if has_record(results, p.spec) else "missing", p.group, p.spec.run_id)
        return 0
    from lib.training.run import Places, ensure

    places = Places(data_root(args.data_root), weights_dir(args.weights_dir), results, args.devices)
    for position, p in enumerate(planned, 1):
        record = ensure(p.spec, places)
        test = record.info["metrics"]["best"].get("test")
        result = f"test accuracy {test['accuracy']:.4f}" if test else "no test images"
        print(f"[{position}/{len(planned)}] {p.spec.run_id}: {result}", flush=True)
    return 0
