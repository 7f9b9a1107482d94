"""The training step: one Lightning module for every paper."""

import time
from collections.abc import Callable
from functools import partial

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lib.models.iconvnext import features_and_logits
from lib.plan.spec import Loss, RunSpec
from lib.training.loaders import EpochSampler
from lib.training.losses import feature_smoothing
from lib.training.mixing import build_mixer


def n_outputs(loss: Loss, n_classes: int) -> int:
    """Logits of the network: one for binary cross-entropy, else one per class."""
    return 1 if loss.name == "bce" else n_classes


class Classifier(L.LightningModule):
    """Trains ``net`` on (uint8 images or float features, targets, positions) as a ``RunSpec`` says.

    ``history`` holds one row per epoch: train_loss (with feature smoothing, which the other losses lack),
    train_accuracy, val_loss, val_accuracy, and test_loss, test_accuracy where the test set is tracked (never used to
    select), lr, seconds, images_per_second.
    """

    def __init__(
        self,
        net: nn.Module,
        spec: RunSpec,
        class_counts: np.ndarray,
        train_sampler: EpochSampler,
        steps_per_epoch: int,
        report: Callable[[dict], None] | None = None,
    ):
        super().__init__()
        self.net, self.spec, self.steps_per_epoch = net, spec, steps_per_epoch
        self.train_sampler, self.report = train_sampler, report
        self.mixer = build_mixer(spec.mixing, len(class_counts), spec.seed)
        self.history: list[dict] = []
        self._plateau = self._plateau_state = None
        self._resumed = False
        balanced = torch.tensor(class_counts.sum() / (len(class_counts) * class_counts), dtype=torch.float32)
        weights = balanced if spec.loss.class_weights == "balanced" else torch.ones(len(class_counts))
        self.register_buffer("class_weights", weights, persistent=False)
        self._sums: dict[str, torch.Tensor] = {}

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.net(inputs)

    def loss(self, logits: torch.Tensor, targets: torch.Tensor, weighted: bool = True) -> torch.Tensor:
        """Mean loss over the batch in float32; label smoothing as torch does it (uniform over the classes).

        ``weighted``: with the class weights, if the specification has any. Validation goes without, as in Keras, where
        kadric2025's weighted head was trained: a weighted loss would also select another epoch.

        ``targets``: int64 [B], or probabilities float [B, K] of mixed images, to which smoothing comes on top:
        y (1 - eps) + eps / K, abdulqader2026's equation 4.
        """
        logits, smoothing = logits.float(), self.spec.loss.label_smoothing
        class_weights = self.class_weights if weighted else torch.ones_like(self.class_weights)
        if self.spec.loss.name == "cross_entropy":
            return F.cross_entropy(logits, targets, class_weights, label_smoothing=smoothing)
        soft = targets.float() * (1 - smoothing) + smoothing / 2
        weights = class_weights[targets]
        losses = F.binary_cross_entropy_with_logits(logits[:, 0], soft, weights, reduction="sum")
        return losses / weights.sum()

    def _count(self, stage: str, loss: torch.Tensor, logits: torch.Tensor, targets: torch.Tensor) -> None:
        logits, n = logits.detach(), len(targets)
        predicted = (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(1)
        # In one mixed batch per prediction counts by its class's share of the image.
        hits = predicted == targets if targets.ndim == 1 else targets.gather(1, predicted[:, None])
        # Summed on the device: asking for the values at every step would make a GPU wait.
        new = torch.stack([loss.detach() * n, hits.sum().to(loss), torch.full_like(loss, n)]).double()
        self._sums[stage] = self._sums[stage] + new if stage in self._sums else new

    def _mean(self, stage: str) -> tuple[float, float, float]:
        total = self._sums.pop(stage)
        if self.trainer.world_size > 1:
            total = self.trainer.strategy.reduce(total, reduce_op="sum")
        loss, hits, n = total.tolist()
        return loss / n, hits / n, n

    def on_train_epoch_start(self) -> None:
        # Dropout and stochastic depth depend on (seed, epoch) alone, so a resumed run repeats them.
        torch.manual_seed(int(np.random.SeedSequence([self.spec.seed, self.current_epoch, 1]).generate_state(1)[0]))
        if self._resumed and not self.trainer.train_dataloader.num_workers:
            # A loader without workers draws a seed here in every epoch but a run's first; a resumed one drew it before.
            torch.empty((), dtype=torch.int64).random_()
        self._resumed = False
        self.train_sampler.set_epoch(self.current_epoch)
        self._started, self._evaluating = time.perf_counter(), 0.0
        self._sums.clear()

    def training_step(self, batch, step: int):
        images, targets, _ = batch
        if self.mixer:
            images, targets = self.mixer(images, targets, self.current_epoch, step)
        if weight := self.spec.loss.feature_smoothing:
            features, logits = features_and_logits(self.net, images)
            loss = self.loss(logits, targets) + weight * feature_smoothing(features, targets)
        else:
            logits = self(images)
            loss = self.loss(logits, targets)
        self._count("train", loss, logits, targets)
        return loss

    def on_validation_start(self) -> None:
        self._evaluation_started = time.perf_counter()

    def validation_step(self, batch, _, dataloader_idx: int = 0):
        images, targets, _ = batch
        logits = self(images)
        self._count(("val", "test")[dataloader_idx], self.loss(logits, targets, weighted=False), logits, targets)

    def on_validation_epoch_end(self) -> None:
        self._evaluated = {}
        for stage in ("val", "test"):
            if stage in self._sums:
                loss, accuracy, _ = self._mean(stage)
                self._evaluated |= {f"{stage}_loss": loss, f"{stage}_accuracy": accuracy}
        for name in ("val_loss", "val_accuracy"):  # float32, as the selecting callbacks keep it
            self.log(name, torch.tensor(self._evaluated[name], dtype=torch.float32))
        self._evaluating = time.perf_counter() - self._evaluation_started

    def on_train_epoch_end(self) -> None:
        loss, accuracy, n = self._mean("train")
        seconds = time.perf_counter() - self._started
        row = {"epoch": self.current_epoch + 1, "train_loss": loss, "train_accuracy": accuracy, **self._evaluated}
        row |= {
            "lr": self.optimizers().param_groups[0]["lr"],
            "seconds": round(seconds, 2),
            "images_per_second": round(n / (seconds - self._evaluating), 2),
        }
        self.history.append(row)
        if self._plateau:
            self._plateau.step(row["val_loss"])
        if self.report and self.trainer.is_global_zero:
            self.report(row)

    def on_save_checkpoint(self, checkpoint: dict) -> None:
        checkpoint["history"] = self.history
        if self._plateau:
            checkpoint["plateau"] = self._plateau.state_dict()

    def on_load_checkpoint(self, checkpoint: dict) -> None:
        self.history, self._resumed = checkpoint["history"], True
        # Lightning asks a resumed run's sampler for its first order before any epoch starts.
        self.train_sampler.set_epoch(len(self.history))
        self._plateau_state = checkpoint.get("plateau")  # Lightning asks for the schedule after this

    def configure_optimizers(self):
        spec = self.spec.optimizer
        parameters = [p for p in self.net.parameters() if p.requires_grad]
        kinds = {
            "adam": torch.optim.Adam,
            "adamw": partial(torch.optim.AdamW, fused=True),
            "nadam": torch.optim.NAdam,
            "sgd": partial(torch.optim.SGD, momentum=spec.momentum),
        }
        optimizer = kinds[spec.name](parameters, spec.lr, weight_decay=spec.weight_decay)
        schedule = self.spec.schedule
        if schedule.name == "constant":
            return optimizer
        if schedule.name == "plateau":
            # Stepped by hand: Lightning saves its checkpoint before it steps a plateau schedule.
            self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, factor=schedule.factor, patience=schedule.patience
            )
            if self._plateau_state:
                self._plateau.load_state_dict(self._plateau_state)
            return optimizer
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": self._by_step(optimizer), "interval": "step"}}

    def _by_step(self, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
        schedule, lr = self.spec.schedule, self.spec.optimizer.lr
        steps = self.steps_per_epoch * self.spec.epochs
        if schedule.name == "cosine":
            return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
        rise = min(schedule.warmup_epochs / self.spec.epochs, 1 - 1 / steps)
        start = schedule.start_lr or lr / 25
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps, pct_start=rise, div_factor=lr / start)
