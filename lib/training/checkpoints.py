"""The network that a run has trained, from its selected checkpoint, for what predictions alone cannot tell."""

from dataclasses import dataclass

import torch
from torch import nn

from lib.core.errors import StudyError
from lib.models.features import frozen_backbone
from lib.plan.spec import RunSpec
from lib.training.prepare import Folders, Prepared, prepare


@dataclass(frozen=True)
class Trained:
    """``net``: uint8 images [B, 3, S, S] (0..255) to logits, in eval mode on the CPU; ``ready``: its data."""

    net: nn.Module
    ready: Prepared


def has_checkpoint(spec: RunSpec, folders: Folders) -> bool:
    """Whether the selected weights of the run are on this machine (they are never committed)."""
    return (folders.checkpoints(spec) / "best.ckpt").is_file()


def load_trained(spec: RunSpec, folders: Folders) -> Trained:
    """The network at its selected epoch; a head on cached features comes back with its frozen backbone before it.

    Raises:
        StudyError: the checkpoint is not there (a record alone, as committed, has none) or does not fit.
    """
    file = folders.checkpoints(spec) / "best.ckpt"
    if not file.is_file():
        raise StudyError(
            f"the trained weights {file} are not on this machine: delete the record {spec.run_id} and run it again."
        )
    ready = prepare(spec, folders)
    state = torch.load(file, map_location="cpu", weights_only=True)["state_dict"]
    try:
        ready.net.load_state_dict({k.removeprefix("net."): v for k, v in state.items() if k.startswith("net.")})
    except RuntimeError as error:
        raise StudyError(f"{file} does not fit the run's network ({error}): delete the record and run again.") from None
    net = ready.net
    if spec.model.train == "head":
        backbone, _, _ = frozen_backbone(spec.model, spec.image_size, folders.weights_dir)
        net = nn.Sequential(*backbone, ready.net)
    return Trained(net.eval(), ready)
