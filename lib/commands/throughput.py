"""``python -m lib throughput``: does the data pipeline keep up with the training step?"""

import argparse
import json
import time
from pathlib import Path


def add_command(subparsers) -> None:
    parser = subparsers.add_parser(
        "throughput", help="training speed on real batches beside the same model on one random batch"
    )
    parser.add_argument("paper", help="name of a file in params/papers/")
    parser.add_argument("--profile", required=True)
    run_id = "a run id, as `python -m lib run PAPER --profile P --list` prints"
    parser.add_argument("--run", dest="run_id", metavar="ID", required=True, help=run_id)
    parser.add_argument("--steps", type=int, default=20, help="training steps a measurement")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each kind, in turn")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--weights-dir", type=Path)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from lib.core.errors import StudyError, unknown_name
    from lib.core.paths import data_root, weights_dir
    from lib.plan.grid import planned_runs
    from lib.records.jobs import results_folder
    from lib.training.run import Places, prepare

    for name in ("steps", "repeats"):
        if getattr(args, name) < 1:
            raise StudyError(f"--{name} is {getattr(args, name)}: give 1 or more.")
    results = results_folder(args.profile)
    planned = {p.spec.run_id: p.spec for p in planned_runs(args.paper, args.profile)}
    if args.run_id not in planned:
        raise unknown_name("run id", args.run_id, planned)
    spec = planned[args.run_id]
    ready = prepare(spec, Places(data_root(args.data_root), weights_dir(args.weights_dir), results))
    real, random = measure(ready, spec, args.steps, args.repeats)
    print(
        json.dumps(
            {
                "run": args.run_id,
                "images_per_second_pipeline": [round(x, 1) for x in real],
                "images_per_second_random": [round(x, 1) for x in random],
                "share": round(_median(real) / _median(random), 3),
            },
            indent=1,
        )
    )


def measure(ready, spec, steps: int, repeats: int) -> tuple[list[float], list[float]]:
    """Images per second of ``repeats`` measurements: with the run's loader, and in turn with one batch in memory."""
    import itertools

    import torch

    from lib.training.loaders import default_workers, make_loader
    from lib.training.module import Classifier

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = make_loader(ready.sets["train"], spec.batch_size, spec.sampler, spec.seed, default_workers())
    counts = torch.ones(len(ready.classes)).numpy()
    module = Classifier(ready.net, spec, counts, loader.sampler, len(loader)).to(device).train()
    parameters = [p for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, spec.optimizer.lr, fused=True)
    dtype = {"bf16": torch.bfloat16, "16": torch.float16}.get(ready.precision, torch.float32)

    def step(batch) -> None:
        images, targets, _ = batch
        with torch.autocast(device.type, dtype, enabled=ready.precision != "32"):
            logits = module(images.to(device))
        optimizer.zero_grad()
        module.loss(logits, targets.to(device)).backward()
        optimizer.step()

    def endless():
        for epoch in itertools.count():
            loader.sampler.set_epoch(epoch)
            yield from loader

    batches = endless()
    kept = next(b for b in batches if len(b[1]) == spec.batch_size)
    kept = (torch.randint_like(kept[0], 256), *kept[1:])

    def speed(source) -> float:
        for _ in range(3):
            step(next(source))
        started, seen = time.perf_counter(), 0
        for _ in range(steps):
            batch = next(source)
            step(batch)
            seen += len(batch[1])
        if device.type == "cuda":
            torch.cuda.synchronize()
        return seen / (time.perf_counter() - started)

    real, random = [], []
    for _ in range(repeats):
        real.append(speed(batches))
        random.append(speed(itertools.repeat(kept)))
    return real, random


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
