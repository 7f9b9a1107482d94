"""``python -m lib run``: execute planned runs whose records are missing."""

import argparse
from pathlib import Path

from lib.core.errors import StudyError, lookup
from lib.core.paths import data_root, weights_dir


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("run", help="execute the planned runs whose records are missing")
    parser.add_argument("paper", help="name of a folder in params/papers/ or params/studies/, or all")
    parser.add_argument("--profile", required=True, help="smoke, cpu, gpu or p100")
    parser.add_argument("--batch", help="only this batch of the grid")
    parser.add_argument("--ids", nargs="*", help="only these run ids, as --list prints them")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--results", type=Path, help="folder of records (default: results_dir of the profile)")
    parser.add_argument("--devices", type=int, default=1, help="GPUs that share each run's batches")
    parser.add_argument("--part", metavar="I/N", help="only the I-th of N shares of the runs, from 0/N on")
    parser.add_argument("--list", action="store_true", help="print the runs and whether they are done")
    parser.add_argument("--check", action="store_true", help="train nothing: could every run start, and what it takes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from lib.plan.grid import grids, planned_runs
    from lib.records.jobs import results_folder
    from lib.records.runs import has_record

    results = args.results or results_folder(args.profile)
    if args.devices < 1:
        raise StudyError(f"--devices is {args.devices}: give 1 or more.")
    chosen = grids() if args.paper == "all" else [args.paper]
    planned = [p for grid in chosen for p in planned_runs(grid, args.profile) if args.batch in (None, p.batch)]
    known = {p.spec.run_id: p for p in planned}
    if args.ids is not None:
        planned = [lookup("run id", run_id, known) for run_id in args.ids]
    if not planned:
        raise StudyError(f"profile {args.profile!r} plans no such run of {args.paper}: see its runs.yaml.")
    if args.part:
        planned = share(planned, args.part)
    if args.check:
        return check_all([p.spec for p in planned], weights_dir(args.weights_dir))
    if args.list:
        for p in planned:
            print("done   " if has_record(results, p.spec) else "missing", p.batch, p.spec.run_id)
        return 0
    from lib.training.prepare import Folders
    from lib.training.run import get_or_train

    folders = Folders(data_root(args.data_root), weights_dir(args.weights_dir), results, args.devices)
    for position, p in enumerate(planned, 1):
        record = get_or_train(p.spec, folders)
        test = record.info["metrics"]["best"].get("test")
        result = f"test accuracy {test['accuracy']:.4f}" if test else "no test images"
        print(f"[{position}/{len(planned)}] {p.spec.run_id}: {result}", flush=True)
    return 0


def share(planned: list, part: str) -> list:
    """Every N-th of ``planned``, from the I-th on; ``part`` is I/N."""
    number, _, of = part.partition("/")
    if not (number.isdigit() and of.isdigit() and int(number) < int(of)):
        raise StudyError(f"--part {part} is no share: write 0/4, 1/4, 2/4 or 3/4 for four of them.")
    return planned[int(number) :: int(of)]


def check_all(specs: list, weights_dir: Path) -> int:
    """Check one run of each kind (equal but for data, seed and rates), print what the kinds and all runs take."""
    from lib.report.site.costs import SHARES, arithmetic, card_speed
    from lib.training.check import check

    kinds = {}
    for spec in specs:
        own = (spec.split.name, spec.task, spec.batch_size, spec.image_size, spec.model, spec.loss, spec.mixing)
        kinds.setdefault((*own, spec.augmentation, spec.optimizer.name, spec.schedule.name), spec)
    most = 0.0
    for number, spec in enumerate(kinds.values(), 1):
        demand = check(spec, weights_dir, mixed=spec.precision != "32")
        most = max(most, demand.gigabytes)
        size = f"{demand.parameters / 1e6:.1f} million trained parameters, {demand.gigabytes:.1f} GB"
        print(f"[{number}/{len(kinds)}] {spec.run_id}: {size}", flush=True)
    print(f"{len(specs)} runs of {len(kinds)} kinds can start; the largest takes about {most:.0f} GB.")
    real = [spec for spec in specs if not spec.dataset.startswith("synthetic")]
    if real:
        work = arithmetic(real, {})
        hours = ", ".join(f"{card} {work / card_speed(card) / 3600:.1f}" for card in SHARES)
        print(f"hours of all runs, at most, done or not: {hours} (arithmetic over the cards' published speeds).")
    return 0
