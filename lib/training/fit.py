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

from lib.core.errors import StudyError
from lib.plan.spec import RunSpec
from lib.training.device import PRECISIONS
from lib.training.loaders import default_workers, make_loader, predict
from lib.training.module import Classifier
from lib.training.prepare import Prepared
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
    ready: Prepared,
    spec: RunSpec,
    folder: Path,
    *,
    title: str = "",
    devices: int = 1,
    classifier: Callable[..., Classifier] = Classifier,
) -> Fitted:
    """Train ``ready.net`` on its set ``train``, select on ``val``, predict every set but ``train``.

    Checkpoints go to ``folder``; a run that was killed continues there after its last complete epoch, with the
    same result as an uninterrupted one (on a CPU). ``best.ckpt`` stays, ``last.ckpt`` goes when all is done.

    Args:
        devices: GPUs (or CPU processes) that share each batch, by Lightning's DDP in spawned processes.
        classifier: makes the Lightning module, of ``Classifier``'s arguments.

    Raises:
        StudyError: the training diverged, or the batch cannot be shared.
    """
    _quiet()
    if spec.batch_size % devices:
        raise StudyError(f"batch size {spec.batch_size} cannot be shared by {devices} devices: choose a divisor.")
    batch_size, sets, precision = spec.batch_size // devices, ready.sets, ready.precision
    workers = 0 if spec.model.train == "head" else default_workers()
    train = make_loader(sets["train"], batch_size, spec.sampler, spec.seed, workers)
    counts = np.bincount(sets["train"].targets, minlength=len(ready.classes))
    steps = -(-len(train) // devices)
    module = classifier(ready.net, spec, counts, train.sampler, steps, EpochLine(title, spec.epochs))
    watched = [make_loader(sets[name], 2 * batch_size) for name in (("val", "test") if spec.track_test else ("val",))]
    resume = resume_point(folder)
    threads = torch.get_num_threads()
    if spec.model.train == "head":
        torch.set_num_threads(1)  # a linear layer is too small to share
    try:
        trainer = _trainer(spec, folder, precision, devices)
        trainer.fit(module, train, watched, ckpt_path=str(resume) if resume else None, weights_only=True)
    finally:
        torch.set_num_threads(threads)
    # From the file, since training may have happened in other processes.
    ended = torch.load(folder / "last.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(ended["state_dict"])
    if not np.isfinite([row["val_loss"] for row in ended["history"]]).all():
        raise StudyError(
            f"training diverged in epoch {len(ended['history'])} (validation loss is not finite): lower optimizer.lr."
        )
    final = {name: predict(module, sets[name], precision) for name in ("val", "test") if name in sets}
    chosen = torch.load(folder / "best.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(chosen["state_dict"])
    best = dict(final) if chosen["epoch"] == ended["epoch"] else {}
    for name in sets.keys() - best.keys() - {"train"}:
        best[name] = predict(module, sets[name], precision)
    return Fitted(ended["history"], int(chosen["epoch"]) + 1, best, final)


def _trainer(spec: RunSpec, folder: Path, precision: str, devices: int) -> L.Trainer:
    mode = "min" if spec.monitor == "val_loss" else "max"
    best = ModelCheckpoint(
        folder, "best", monitor=spec.monitor, mode=mode, save_weights_only=True, enable_version_counter=False
    )
    last = ModelCheckpoint(folder, "last", save_on_train_epoch_end=True, enable_version_counter=False)
    callbacks = [*bar(), _FolderMoves(), best, last]
    if spec.early_stopping_patience:
        callbacks.append(_StopStays(spec.monitor, mode=mode, patience=spec.early_stopping_patience))
    return L.Trainer(
        accelerator="auto",
        devices=devices,
        # Spawned, since a process that is started anew would wait for the lock of the run it belongs to.
        strategy="auto" if devices == 1 else "ddp_spawn",
        precision=PRECISIONS[precision],
        max_epochs=spec.epochs,
        deterministic=True,
        benchmark=False,
        logger=False,
        callbacks=callbacks,
        num_sanity_val_steps=0,
        enable_model_summary=False,
        enable_progress_bar=bool(bar()),
        use_distributed_sampler=False,  # EpochSampler shares training images; every device validates on all
    )


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
