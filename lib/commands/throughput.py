"""``python -m lib throughput``: does the data pipeline keep up with the training step?"""

import argparse
import itertools
import json
import math
import time
from pathlib import Path

import numpy as np

IMAGES = 256  # of the loader alone


def add_command(subparsers) -> None:
    parser = subparsers.add_parser(
        "throughput", help="training speed over whole epochs beside the same model on one batch in the device's memory"
    )
    parser.add_argument("paper", help="name of a file in params/papers/")
    parser.add_argument("--profile", required=True)
    run_id = "a run id, as `python -m lib run PAPER --profile P --list` prints"
    parser.add_argument("--run", dest="run_id", metavar="ID", required=True, help=run_id)
    parser.add_argument("--epochs", type=int, default=3, help="measured epochs of each kind, in turn")
    parser.add_argument("--loader", action="store_true", help="the loader alone on one core, without data or weights")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--weights-dir", type=Path)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from lib.core.errors import StudyError, lookup
    from lib.core.paths import data_root, weights_dir
    from lib.plan.grid import planned_runs
    from lib.records.jobs import results_folder
    from lib.training.loaders import default_workers
    from lib.training.prepare import Folders, prepare

    if args.epochs < 1:
        raise StudyError(f"--epochs is {args.epochs}: give 1 or more.")
    planned = {p.spec.run_id: p.spec for p in planned_runs(args.paper, args.profile)}
    spec = lookup("run id", args.run_id, planned)
    if args.loader:
        speed = loader_speed(spec, args.epochs)
        found = {"images_per_second_of_one_core": round(speed, 1), "cores_needed": cores_needed(spec, speed)}
    else:
        roots = data_root(args.data_root), weights_dir(args.weights_dir)
        speeds = measure(prepare(spec, Folders(*roots, results_folder(args.profile))), spec, args.epochs)
        found = {f"images_per_second_{kind}": own.round(1).tolist() for kind, own in speeds.items()}
        share = round(float(np.median(speeds["pipeline"] / speeds["resident"])), 3)
        found = {"workers": default_workers(), **found, "share": share}
    print(json.dumps({"run": args.run_id, **found}, indent=1))


def loader_speed(spec, epochs: int) -> float:
    """Images per second that one core reads, augments and collates, of random images in the run's sizes (median)."""
    import pandas as pd
    from torch.utils.benchmark import Timer

    from lib.data.cache import ImageCache
    from lib.training.augment import build_augmenter
    from lib.training.loaders import ImageDataset, make_loader

    stored = spec.augmentation.random_crop or spec.image_size
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, stored, stored, 3), dtype=np.uint8)
    frame = pd.DataFrame({"image_id": np.arange(IMAGES).astype(str), "target": np.arange(IMAGES) % 2})
    cache = ImageCache(pixels, {name: row for row, name in enumerate(frame["image_id"])}, "")
    dataset = ImageDataset(cache, frame, build_augmenter(spec.augmentation, spec.image_size))
    loader = make_loader(dataset, min(spec.batch_size, IMAGES), spec.sampler)
    # Of this core alone, whatever else the machine does; the first epoch warms up.
    timer = Timer("for _ in loader: pass", globals={"loader": loader}, timer=time.process_time)
    return IMAGES / np.median([timer.timeit(1).mean for _ in range(epochs + 1)][1:])


def cores_needed(spec, speed: float) -> dict[str, int]:
    """Cores that load for each card at ``speed`` images/s per core; the cards' speeds are from arithmetic."""
    from lib.report.site.costs import SHARES, card_speed, forward

    work = 3 * forward(spec.model.backbone, spec.image_size)  # a step is three forward passes
    return {card: math.ceil(card_speed(card) / work / speed) for card in SHARES}


def measure(ready, spec, epochs: int) -> dict[str, np.ndarray]:
    """Images per second [epochs]: ``pipeline``, whole epochs with the run's loader, and in turn ``resident``, as many
    steps on one batch that stays on the device.

    An epoch's time begins before its first batch is asked for, so that nothing counts that was prefetched unmeasured,
    and ends when the device has done its work. A first epoch of each kind is not counted.
    """
    import torch

    from lib.models.forward import DTYPES
    from lib.training.loaders import default_workers, make_loader
    from lib.training.module import Classifier

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = make_loader(ready.sets["train"], spec.batch_size, spec.sampler, spec.seed, default_workers())
    counts = np.bincount(ready.sets["train"].targets, minlength=len(ready.classes))
    module = Classifier(ready.net, spec, counts, loader.sampler, len(loader)).to(device).train()
    made = module.configure_optimizers()
    optimizer = made["optimizer"] if isinstance(made, dict) else made

    def speed(batches) -> float:
        started, seen = time.perf_counter(), 0
        for number, batch in enumerate(batches):
            batch = [part.to(device, non_blocking=True) for part in batch]
            with torch.autocast(device.type, DTYPES[ready.precision], enabled=ready.precision != "32"):
                loss = module.training_step(batch, number)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen += len(batch[1])
        if device.type == "cuda":
            torch.cuda.synchronize()
        return seen / (time.perf_counter() - started)

    kept = [part.to(device) for part in next(iter(loader))]
    speeds = []
    for epoch in range(epochs + 1):
        loader.sampler.set_epoch(epoch)
        speeds.append((speed(loader), speed(itertools.repeat(kept, len(loader)))))
    return dict(zip(("pipeline", "resident"), np.array(speeds[1:]).T, strict=True))
