"""The parts of xia2025's IConvNeXt-Tiny (section 2.1), each usable alone on any convolutional timm backbone."""

import torch
import torch.nn.functional as F
from torch import nn

from lib.core.errors import StudyError
from lib.plan.spec import Model

MIN_UNITS, RATIO = 8, 16
HIDDEN, DROPOUT = 256, 0.3


class DualPooling(nn.Module):
    """Feature map [B, C, H, W] to [B, 2C]: each channel's mean, then each channel's maximum (equations 1 and 2)."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)


class SEVector(nn.Module):
    """Vectors [B, D] times their channel weights sigmoid(W2 ReLU(W1 v)), in (0, 1) (equations 3 and 4).

    W1 has max(8, D / 16) rows; D is 2C after dual pooling. The equations have no biases, so neither has this.
    """

    def __init__(self, width: int):
        super().__init__()
        units = max(MIN_UNITS, width // RATIO)
        self.w1 = nn.Linear(width, units, bias=False)
        self.w2 = nn.Linear(units, width, bias=False)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        return vectors * torch.sigmoid(self.w2(F.relu(self.w1(vectors))))


class Assembled(nn.Module):
    """Backbone, pooling, attention and head as a ``Model`` names them, with the methods of timm's models.

    Pre-logit features, [B, D], are what the last linear layer sees, before dropout: 256 with head ``mlp256``.
    """

    def __init__(self, backbone: nn.Module, width: int, model: Model, n_outputs: int):
        super().__init__()
        self.backbone, self.dual = backbone, DualPooling() if model.pooling == "dual" else None
        self.attention = SEVector(width) if model.attention == "sevector" else nn.Identity()
        if model.head == "mlp256":
            self.hidden = nn.Sequential(nn.Linear(width, HIDDEN), nn.ReLU())
            self.classifier = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(HIDDEN, n_outputs))
        else:
            self.hidden, self.classifier = nn.Identity(), nn.Linear(width, n_outputs)

    def get_classifier(self) -> nn.Module:
        return self.classifier

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        return self.backbone.forward_features(images)

    def forward_head(self, maps: torch.Tensor, pre_logits: bool = False) -> torch.Tensor:
        pooled = self.dual(maps) if self.dual else self.backbone.forward_head(maps, pre_logits=True)
        features = self.hidden(self.attention(pooled))
        return features if pre_logits else self.classifier(features)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.forward_head(self.forward_features(images))


def has_parts(model: Model) -> bool:
    """Whether ``model`` asks for any part of this module, or for a plain classifier as theirs."""
    asked = (model.pooling, model.attention, model.classifier_init)
    return asked != ("model", "none", "model") or model.head == "mlp256"


def assemble(backbone: nn.Module, model: Model, n_outputs: int, image_size: int) -> Assembled:
    """``backbone`` (timm, without classifier) with the parts that ``model`` names, for images of ``image_size`` px.

    With dual pooling the backbone ends at its last feature map ("retaining only the final convolutional feature map
    output", section 2.1): what comes after it, such as ConvNeXt's last LayerNorm, is dropped. With the backbone's own
    pooling it is kept.

    Raises:
        StudyError: dual pooling on a backbone that has no feature map [B, C, H, W].
    """
    backbone.eval()  # so that the probe leaves no trace in BatchNorm
    maps = backbone.forward_features(torch.zeros(1, 3, image_size, image_size))
    if model.pooling == "dual":
        if maps.ndim != 4 or maps.shape[1] != backbone.num_features:
            raise StudyError(
                f"{model.backbone} gives features of shape {tuple(maps.shape)}, no map [B, C, H, W] to pool: choose a "
                "convolutional backbone, or pooling 'model'."
            )
        _drop_unused(backbone, maps)
        width = 2 * maps.shape[1]
    else:
        width = backbone.forward_head(maps, pre_logits=True).shape[1]
    return Assembled(backbone.train(), width, model, n_outputs)


def _drop_unused(backbone: nn.Module, maps: torch.Tensor) -> None:
    """Replace the top-level modules whose parameters ``maps`` does not depend on."""
    parameters = list(backbone.parameters())
    gradients = torch.autograd.grad(maps.sum(), parameters, allow_unused=True)
    used = {id(p) for p, g in zip(parameters, gradients, strict=True) if g is not None}
    for name, child in backbone.named_children():
        own = {id(p) for p in child.parameters()}
        if own and not own & used:
            setattr(backbone, name, nn.Identity())


def features_and_logits(net: nn.Module, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(pre-logit features [B, D], logits [B, K]) of ``net``, a normalization before a model with timm's methods."""
    normalize, model = net
    features = model.forward_head(model.forward_features(normalize(images)), pre_logits=True)
    return features, model.get_classifier()(features)
