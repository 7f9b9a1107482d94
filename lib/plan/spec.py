"""A run as data: everything that decides a training, validated and content-hashed."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, ValidationError, model_validator

from lib.core.errors import StudyError
from lib.data.splits import find_split
from lib.data.tasks import find_task
from lib.plan.part import Count, Fraction, Part, Positive, describe

FROZEN_HEADS = ("effv1", "effv2", "effv3")
RECIPE = 2
"""Version of what a specification means: raised when changed code would train the same values differently.

2: torch's own one-cycle schedule; TF32 off; frozen features keyed by normalization.
"""


class SplitSpec(Part):
    """Which images train, select and test; ``fractions`` are train, val, test (None: the split's own)."""

    name: str
    fractions: Annotated[tuple[Fraction, Fraction, Fraction] | None, Field(strict=False)] = None
    seed: Annotated[int, Field(ge=0)] = 0


class Preprocessing(Part):
    """``squash`` resizes to a square, ``center_crop`` cuts the largest centred square first.

    ``detail_px``: pixels per side to which images are shrunk (area averaging) before they are enlarged (bilinear) to
    the input size, so that the detail of an image and the size of the network's input can be told apart. Records and
    hashes know it by its first name, ``through``.
    Normalization: ``model`` takes mean and std of the backbone's own configuration, ``train`` those of the
    training images, ``half`` is 0.5/0.5.
    """

    resize: Literal["squash", "center_crop"] = "squash"
    normalization: Literal["model", "train", "half"] = "model"
    detail_px: Annotated[
        Annotated[int, Field(ge=16)] | None,
        Field(validation_alias=AliasChoices("detail_px", "through"), serialization_alias="through"),
    ] = None


class Augmentation(Part):
    """Random changes of training images; None or 0 switches one off.

    ``horizontal_flip``/``vertical_flip`` are probabilities; ``rotate`` degrees to either side; ``crop_scale`` the
    area range of a random crop that is resized back (zoom); ``brightness``/``contrast``/``saturation``/``hue``
    the jitter's strengths as in torchvision (fraction of 1; hue of the colour circle). ``random_crop``: pixels of the
    square that images are first brought to; training cuts ``image_size`` out of it at random, all else at its centre.
    """

    horizontal_flip: Fraction = 0.0
    vertical_flip: Fraction = 0.0
    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0
    crop_scale: Annotated[tuple[Fraction, Fraction] | None, Field(strict=False)] = None
    brightness: Fraction = 0.0
    contrast: Fraction = 0.0
    saturation: Fraction = 0.0
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    random_crop: Count | None = None


class Mixing(Part):
    """Shares of training batches under MixUp (Zhang et al. 2018) and CutMix (Yun et al. 2019); the rest stay as they
    are. ``alpha`` is the Beta distribution's parameter of both."""

    mixup: Fraction = 0.0
    cutmix: Fraction = 0.0
    alpha: Positive = 1.0


class Offline(Part):
    """Changed copies of training images, made once: every class with fewer than ``target`` images is filled up to it.

    ``seed`` is the copies' own: runs that differ in their training seed share them.
    """

    target: Count
    seed: Annotated[int, Field(ge=0)] = 0


class Model(Part):
    """Backbone by its timm name; ``imagenet`` weights need the full tag (``convnext_tiny.fb_in1k``).

    ``local`` loads ``<name>.safetensors`` from the weights folder. ``train``: ``all`` parameters, or the ``head``
    alone on cached features of the frozen backbone. ``head`` is one of ``lib.models.heads`` there; ``feature_grid``
    gives it the last feature map averaged to that many positions per side instead of pooled features. ``pooling``,
    ``attention`` and ``head`` ``mlp256`` are the parts of ``lib.models.iconvnext``, each usable alone.
    ``classifier_init`` ``torch`` gives a plain network the initial classifier that these parts have: timm draws that of
    its EfficientNets and MobileNets from +-1/sqrt(classes), which starts them at a loss of several nats.
    """

    backbone: str
    weights: Literal["imagenet", "local", "none"]
    train: Literal["all", "head"] = "all"
    drop_path: Fraction = 0.0
    pooling: Literal["model", "dual"] = "model"
    attention: Literal["none", "sevector"] = "none"
    head: Literal["linear", "mlp256", "effv1", "effv2", "effv3"] = "linear"
    feature_grid: Count | None = None
    classifier_init: Literal["model", "torch"] = "model"


class Loss(Part):
    """``bce``: one logit for two classes; ``cross_entropy``: one logit per class. Balanced weights are n/(k*n_c).

    ``feature_smoothing`` is the weight of xia2025's loss of that name, added in training (``lib.training.losses``).
    """

    name: Literal["bce", "cross_entropy"]
    label_smoothing: Fraction = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    feature_smoothing: Annotated[float, Field(ge=0)] = 0.0


class Optimizer(Part):
    name: Literal["adam", "adamw", "nadam", "sgd"]
    lr: Positive
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Schedule(Part):
    """Learning rate per step: constant, cosine to zero, torch's one-cycle (the rise takes ``warmup_epochs`` and starts
    at ``start_lr``; momentum falls while the rate rises), or per epoch on a plateau."""

    name: Literal["constant", "cosine", "onecycle", "plateau"] = "constant"
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    start_lr: Positive | None = None
    patience: Count = 3
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1


class RunSpec(Part):
    """One training. The hash covers ``recipe`` and every field that differs from its default, so that a field added
    later with a default that keeps the old behaviour leaves the hashes of old records alone.

    ``monitor``: what the validation images select the epoch by, and stop early by; of equal epochs the first is kept.
    """

    recipe: Count = RECIPE
    dataset: str
    task: str = "dx"
    split: SplitSpec
    image_size: Annotated[int, Field(ge=16, le=1024)]
    preprocessing: Preprocessing = Preprocessing()
    augmentation: Augmentation = Augmentation()
    offline: Offline | None = None
    mixing: Mixing = Mixing()
    model: Model
    loss: Loss
    sampler: Literal["shuffle", "balanced"] = "shuffle"
    optimizer: Optimizer
    schedule: Schedule = Schedule()
    epochs: Count
    batch_size: Count
    precision: Literal["auto", "32", "bf16", "16"] = "auto"
    early_stopping_patience: Count | None = None
    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    track_test: bool = False
    external: Annotated[tuple[str, ...], Field(strict=False)] = ()
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _consistent(self) -> "RunSpec":
        model, zoom = self.model, self.augmentation.crop_scale
        find_task(self.task)
        if find_split(self.split.name).dataset != self.dataset:
            raise ValueError(f"split {self.split.name!r} does not belong to data set {self.dataset!r}")
        if model.weights == "imagenet" and "." not in model.backbone:
            raise ValueError(f"imagenet weights need timm's full tag, not the bare name {model.backbone!r}")
        if model.train == "head":
            self._check_frozen()
        elif model.head in FROZEN_HEADS or model.feature_grid:
            raise ValueError("model.head effv* and model.feature_grid belong to a frozen backbone: add train: head")
        if self.preprocessing.detail_px and self.preprocessing.detail_px >= self.image_size:
            raise ValueError(f"preprocessing.detail_px is smaller than image_size {self.image_size}, or left out")
        if len({self.dataset, *self.external}) <= len(self.external):
            raise ValueError(f"external sets are others than {self.dataset!r}, each named once")
        if self.schedule.name != "onecycle" and (self.schedule.warmup_epochs or self.schedule.start_lr):
            raise ValueError("schedule.warmup_epochs and start_lr belong to the schedule onecycle: leave them out")
        if (self.augmentation.random_crop or self.image_size) < self.image_size:
            raise ValueError(f"augmentation.random_crop must be at least image_size ({self.image_size})")
        if self.mixing.mixup + self.mixing.cutmix > 1:
            raise ValueError("mixing.mixup and mixing.cutmix are shares of the batches: together at most 1")
        # A mixed image has no class whose centre it could be near.
        plain = self.loss == Loss(name="cross_entropy", label_smoothing=self.loss.label_smoothing)
        if self.mixing != Mixing() and (model.train == "head" or not plain):
            needs = "a trained backbone and cross_entropy without class weights or feature smoothing"
            raise ValueError(f"mixing needs {needs}")
        if zoom and not 0 < zoom[0] <= zoom[1]:
            raise ValueError(f"augmentation.crop_scale {zoom} is no range of areas: write [0.8, 1.0]")
        return self

    def _check_frozen(self) -> None:
        model = self.model
        if self.augmentation != Augmentation():
            raise ValueError("a frozen backbone's cached features cannot be augmented: leave augmentation out")
        if model.weights == "none" and self.dataset != "synthetic":
            raise ValueError("a frozen backbone without pretrained weights learns nothing: give weights")
        if model.head == "effv1" and not model.feature_grid:
            raise ValueError("head effv1 has convolutions: give model.feature_grid, such as 7 (224 px, stride 32)")
        if model.head == "linear" and model.feature_grid:
            raise ValueError("head linear reads pooled features: leave model.feature_grid out")
        parts = (model.pooling, model.attention, model.classifier_init, self.loss.feature_smoothing)
        if parts != ("model", "none", "model", 0) or model.head == "mlp256":
            raise ValueError(
                "model.pooling, attention, classifier_init, head mlp256 and loss.feature_smoothing need a backbone "
                "that is trained too: leave them out or set train: all"
            )

    @classmethod
    def parse(cls, values: dict) -> "RunSpec":
        """Validate a plain dictionary; a ``StudyError`` names each wrong field."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise StudyError("run specification: " + describe(error)) from None

    def canonical(self) -> str:
        """JSON with sorted keys of the recipe and what differs from the defaults: what the hash covers."""
        values = self.model_dump(mode="json", exclude_defaults=True, by_alias=True) | {"recipe": self.recipe}
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @property
    def run_id(self) -> str:
        """Readable, unique folder name of the record."""
        backbone = self.model.backbone.split(".")[0]
        return f"{self.split.name}-{backbone}-{self.model.weights}-{self.image_size}px-s{self.seed}-{self.hash[:10]}"
