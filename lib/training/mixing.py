"""MixUp and CutMix on whole batches, by torchvision."""

import numpy as np
import torch
from torchvision.transforms import v2

from lib.plan.spec import Mixing


class Mixer:
    """Callable from (images [B, 3, S, S], targets int64 [B], epoch, step) to the batch that is trained on.

    One draw per batch: MixUp, CutMix or neither, with the specification's shares. Images come back as float32; the
    targets of a mixed batch as float32 [B, K] class shares, any other's as they were. Each image's partner is the one
    before it in the shuffled batch. The draw depends on (run seed, epoch, step) alone, so that a resumed run repeats
    it, and leaves torch's own stream of random numbers where it was.
    """

    def __init__(self, mixing: Mixing, n_classes: int, seed: int):
        kinds = [v2.MixUp(alpha=mixing.alpha, num_classes=n_classes)]
        kinds += [v2.CutMix(alpha=mixing.alpha, num_classes=n_classes), v2.Identity()]
        neither = max(0.0, 1 - mixing.mixup - mixing.cutmix)
        self.choice = v2.RandomChoice(kinds, p=[mixing.mixup, mixing.cutmix, neither])
        self.seed = seed

    def __call__(
        self, images: torch.Tensor, targets: torch.Tensor, epoch: int, step: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.random.fork_rng(devices=[]):
            state = np.random.SeedSequence([self.seed, epoch, step, 2]).generate_state(1)
            torch.random.default_generator.manual_seed(int(state[0]))
            # Before normalization: it is affine, so the order does not matter.
            return self.choice(images.float(), targets)


def build_mixer(mixing: Mixing, n_classes: int, seed: int) -> Mixer | None:
    """None where no batch is to be mixed."""
    return Mixer(mixing, n_classes, seed) if mixing.mixup or mixing.cutmix else None
