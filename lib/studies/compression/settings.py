"""What notebook 04 makes of its base run, from ``params/settings/compression.yaml``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.plan.part import Count, Fraction, Part, Positive
from lib.studies import read_settings

PROFILES = ("gpu", "p100", "cpu", "smoke")


class Training(Part):
    """A short training: AdamW under a cosine that falls to zero, without MixUp, CutMix and offline copies."""

    epochs: Count
    lr: Positive


class Student(Part):
    """A smaller network that learns from the base run's; ``backbone`` and ``weights`` as in a run's ``model``."""

    backbone: str
    weights: Literal["imagenet", "local", "none"]


class Making(Part):
    """Everything that decides the variants.

    sparsity: share of weights set to zero, the paper's 0.3; thinned: share of hidden units that structured pruning
    takes; temperature, soft_share: of distillation (Hinton et al. 2015); calibration: training images for int8;
    compiled: whether torch.compile is tried.
    """

    sparsity: Fraction
    thinned: Fraction
    fine_tuning: Training
    student: Student
    distillation: Training
    temperature: Positive
    soft_share: Fraction
    calibration: Count
    compiled: bool


class Timing(Part):
    """``batches``: images a call -> timed calls a round."""

    rounds: Count
    batches: dict[Annotated[int, Field(ge=1)], Count]


class Settings(Part):
    making: Making
    timing: Timing


def load_settings(profile: str, file: Path | None = None) -> Settings:
    """Settings of a profile; StudyError as :func:`lib.studies.read_settings`."""
    return read_settings(Settings, "compression", profile, file)
