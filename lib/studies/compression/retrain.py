"""Short trainings after compression: fine-tuning of a thinned network, distillation into a smaller one."""

import tempfile
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from lib.plan.spec import Mixing, Model, Optimizer, RunSpec, Schedule
from lib.studies.compression.settings import Making, Student, Training
from lib.training.fit import fit
from lib.training.module import Classifier
from lib.training.prepare import Folders, Prepared, prepare


def short(base: RunSpec, training: Training, student: Student | None = None) -> RunSpec:
    """The base run's specification for a short training; its data, images, augmentation and loss stay.

    No offline copies, MixUp or CutMix; AdamW with the base's weight decay, cosine schedule.
    """
    changes = {
        "epochs": training.epochs,
        "optimizer": Optimizer(name="adamw", lr=training.lr, weight_decay=base.optimizer.weight_decay),
        "schedule": Schedule(name="cosine"),
        "offline": None,
        "mixing": Mixing(),
        "early_stopping_patience": None,
        "track_test": False,
        "external": (),
    }
    if student:
        changes["model"] = Model(backbone=student.backbone, weights=student.weights)
    return base.model_copy(update=changes)


class Distilled(Classifier):
    """Learns a teacher's softened answers beside the targets; Hinton, Vinyals and Dean, arXiv:1503.02531.

    Loss: soft_share * T^2 * KL(teacher / T || student / T) + (1 - soft_share) * the run's own loss, both on the same
    augmented image.
    """

    def __init__(self, teacher: nn.Module, temperature: float, soft_share: float, *arguments):
        super().__init__(*arguments)
        # In a tuple: the teacher is no part of what is trained and saved.
        self._teacher = (teacher.eval().requires_grad_(False),)
        self.temperature, self.soft_share = temperature, soft_share

    def training_step(self, batch, _):
        images, targets, _ = batch
        logits = self(images)
        with torch.no_grad():
            answers = self._teacher[0].to(self.device)(images)
        hard = self.loss(logits, targets)
        loss = self.soft_share * soft_loss(logits, answers, self.temperature) + (1 - self.soft_share) * hard
        self._count("train", loss, logits, targets)
        return loss


def soft_loss(logits: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """T^2 times the mean KL divergence from the teacher's to the student's probabilities at temperature T.

    ``logits``, ``teacher``: [B, K], or [B, 1] for binary cross-entropy, where the other class's logit is 0.
    """
    logits, teacher = (_both(x.float()) / temperature for x in (logits, teacher))
    divergence = F.kl_div(logits.log_softmax(1), teacher.log_softmax(1), reduction="batchmean", log_target=True)
    return temperature**2 * divergence


def _both(logits: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits


def fine_tuned(net: nn.Module, base: RunSpec, making: Making, folders: Folders) -> nn.Module:
    """``net`` after a short training on the base run's data, at the epoch of least validation loss."""
    spec = short(base, making.fine_tuning)
    return _fit(replace(prepare(spec, folders), net=net), spec, "fine-tuning after structured pruning")


def student(base: RunSpec, making: Making, folders: Folders, teacher: nn.Module | None) -> nn.Module:
    """The student, taught by ``teacher``, or by the targets alone where there is none."""
    spec = short(base, making.distillation, making.student)
    ready = prepare(spec, folders)

    def taught(*arguments) -> Classifier:
        return Distilled(teacher, making.temperature, making.soft_share, *arguments)

    title = f"{making.student.backbone}, {'distilled' if teacher else 'without teacher'}"
    return _fit(ready, spec, title, taught if teacher else Classifier)


def _fit(ready: Prepared, spec: RunSpec, title: str, classifier=Classifier) -> nn.Module:
    sets = {name: ready.sets[name] for name in ("train", "val")}
    with tempfile.TemporaryDirectory() as folder:
        fit(replace(ready, sets=sets), spec, Path(folder), title=title, classifier=classifier)
    return ready.net.cpu().eval()
