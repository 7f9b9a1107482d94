"""Fit one network: Lightning with early stopping, checkpoints and an exact resume."""

import logging
import pickle
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch import nn
from torch.utils.data import Dataset

from lib.core.errors import StudyError
from lib.plan.spec import RunSpec
from lib.training.device import PRECISIONS
from lib.training.loaders import default_workers, make_loader
from lib.training.module import Classifier
from lib.training.predict import predict
from lib.training.progress import EpochLine, bar


@dataclass(frozen=True)
class Fitted:
    """``history``: one row per epoch; ``best``: logits by subset at the epoch that ``spec.monitor`` chose; ``final``:
    of val and test after the last epoch. Logits are float32 [N, 1] or [N, K] in the dataset's order."""

    history: list[dict]
    best_epoch: int
    best: dict[str, np.ndarray]
    final: dict[str, np.ndarray]


class _StopStays(EarlyStopping):
    """Early stopping that a resume does not undo."""

    def on_train_start(self, trainer, module) -> None:
        if self.stopped_epoch:
            trainer.should_stop = True


class _FolderMoves(L.Callback):
    """Lets a run go on in a folder that was moved: Lightning would forget there which epoch was the best."""

    def on_load_checkpoint(self, trainer, module, checkpoint: dict) -> None:
        here = trainer.checkpoint_callback.dirpath
        for state in checkpoint["callbacks"].values():
            if "best_k_models" in state:
                before = state["dirpath"]
                for key in ("dirpath", "best_model_path", "kth_best_model_path", "last_model_path"):
                    state[key] = state[key].replace(before, here, 1)
                state["best_k_models"] = {p.replace(before, here, 1): v for p, v in state["best_k_models"].items()}


def resume_point(folder: Path) -> Path | None:
    """``last.ckpt`` if the run can continue from it; one that a crash damaged is set aside, with a line.

    Raises:
        OSError: the disk does not answer; nothing is touched then.
    """
    files = [folder / "last.ckpt", folder / "best.ckpt"]
    if not files[0].exists():
        return None
    for file in files:
        if file.exists() and not _is_whole(file):
            aside = file.rename(file.with_suffix(".damaged"))
            print(f"{file} is damaged (kept as {aside.name}): the run starts anew.", flush=True)
            return None
    return files[0]


def _is_whole(file: Path) -> bool:
    try:
        torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (zipfile.BadZipFile, pickle.UnpicklingError, EOFError):
        return False
    except RuntimeError as error:  # how torch reports a zip that ends early
        if "PytorchStreamReader" not in str(error):
            raise
        return False
    return True


def fit(
    net: nn.Module,
    spec: RunSpec,
    sets: dict[str, Dataset],
    n_classes: int,
    folder: Path,
    precision: str,
    *,
    title: str = "",
    workers: int | None = None,
    devices: int = 1,
    classifier: Callable[..., Classifier] = Classifier,
) -> Fitted:
    """Train ``net`` on ``sets["train"]``, select on ``sets["val"]``, predict every set but ``train``.

    Checkpoints go to ``folder``; a run that was killed continues there after its last complete epoch, with the
    same result as an uninterrupted one (on a CPU). ``best.ckpt`` stays, ``last.ckpt`` goes when all is done.

    Args:
        precision: ``32``, ``bf16`` or ``16``.
        workers: processes that load training images; None: the cores at hand.
        devices: GPUs (or CPU processes) that share each batch, by Lightning's DDP in spawned processes.
        classifier: makes the Lightning module, of ``Classifier``'s arguments.
    """
    _quiet()
    workers = default_workers() if workers is None else workers
    threads = torch.get_num_threads()
    if spec.model.train == "head":
        workers = 0
        torch.set_num_threads(1)  # a linear layer is too small to share
    if spec.batch_size % devices:
        raise StudyError(f"batch size {spec.batch_size} cannot be shared by {devices} devices: choose a divisor.")
    batch_size = spec.batch_size // devices
    train = make_loader(sets["train"], batch_size, spec.sampler, spec.seed, workers)
    watched = ["val", "test"] if spec.track_test else ["val"]
    counts = np.bincount(sets["train"].targets, minlength=n_classes)
    steps = -(-len(train) // devices)
    module = classifier(net, spec, counts, train.sampler, steps, EpochLine(title, spec.epochs))
    mode = "min" if spec.monitor == "val_loss" else "max"
    best = ModelCheckpoint(
        dirpath=folder,
        filename="best",
        monitor=spec.monitor,
        mode=mode,
        save_weights_only=True,
        enable_version_counter=False,
    )
    last = ModelCheckpoint(dirpath=folder, filename="last", save_on_train_epoch_end=True, enable_version_counter=False)
    stop = (
        [_StopStays(spec.monitor, mode=mode, patience=spec.early_stopping_patience, strict=True)]
        if spec.early_stopping_patience
        else []
    )
    trainer = L.Trainer(
        accelerator="auto",
        devices=devices,
        # Spawned, since a process that is started anew would wait for the lock of the run it belongs to.
        strategy="auto" if devices == 1 else "ddp_spawn",
        precision=PRECISIONS[precision],
        max_epochs=spec.epochs,
        deterministic=True,
        benchmark=False,
        logger=False,
        callbacks=[*bar(), *stop, _FolderMoves(), best, last],
        num_sanity_val_steps=0,
        enable_model_summary=False,
        enable_progress_bar=bool(bar()),
        use_distributed_sampler=False,  # EpochSampler shares training images; every device validates on all
    )
    evaluation = [make_loader(sets[name], 2 * batch_size) for name in watched]
    resume = resume_point(folder)
    try:
        trainer.fit(module, train, evaluation, ckpt_path=str(resume) if resume else None, weights_only=True)
    finally:
        torch.set_num_threads(threads)
    # From the file, since training may have happened in other processes.
    ended = torch.load(folder / "last.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(ended["state_dict"])
    module.history = ended["history"]
    if not np.isfinite([row["val_loss"] for row in module.history]).all():
        raise StudyError(
            f"training diverged in epoch {len(module.history)} (validation loss is not finite): lower optimizer.lr."
        )
    final = {name: predict(module, sets[name], precision) for name in ("val", "test") if name in sets}
    state = torch.load(folder / "best.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(state["state_dict"])
    same = state["epoch"] == ended["epoch"]
    selected = {
        name: final[name] if same and name in final else predict(module, data, precision)
        for name, data in sets.items()
        if name != "train"
    }
    return Fitted(module.history, int(state["epoch"]) + 1, selected, final)


def discard_resume_point(folder: Path) -> None:
    """Remove ``last.ckpt`` once the record is written; the selected weights stay."""
    (folder / "last.ckpt").unlink(missing_ok=True)


def _quiet() -> None:
    """Lightning's hints about workers, log intervals and hardware would fill the notebooks."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    logging.getLogger("lightning.fabric").setLevel(logging.ERROR)
    for message in (
        ".*does not have many workers.*",
        ".*log_every_n_steps.*",
        ".*Checkpoint directory.*",
        ".*isinstance.treespec, LeafSpec.*",
        ".*ModelCheckpoint.*",
        ".*in eval mode.*",
        ".*`srun` command is available.*",
    ):
        warnings.filterwarnings("ignore", message)
