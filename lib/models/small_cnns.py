"""The study's two plain convolutional networks, registered with timm so that they are built like any backbone.

Two papers name such a baseline and nothing of its architecture: these, of the plainest kind, are this study's choice,
made before any of their results was seen. Methods are those of timm's models. Input float32 [B, 3, S, S], S at least
16; output [B, num_classes], or the pooled features [B, D] where ``num_classes`` is 0.
"""

import torch
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import nn


class SmallCNN(nn.Module):
    """Blocks of 3x3 convolutions, batch normalization and ReLU, then max-pooling; global average; one linear layer."""

    widths: tuple[int, ...]
    convolutions: int  # in a block

    def __init__(self, num_classes: int = 1000, in_chans: int = 3, drop_rate: float = 0.0):
        super().__init__()
        self.num_classes, self.num_features = num_classes, self.widths[-1]
        before = (in_chans, *self.widths[:-1])
        self.blocks = nn.Sequential(*(self._block(a, b) for a, b in zip(before, self.widths, strict=True)))
        self.drop = nn.Dropout(drop_rate)
        self.fc = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()

    def _block(self, before: int, after: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        for channels in (before, *[after] * (self.convolutions - 1)):
            layers += [nn.Conv2d(channels, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        return nn.Sequential(*layers, nn.MaxPool2d(2))

    def get_classifier(self) -> nn.Module:
        return self.fc

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        """Feature map [B, D, S/16, S/16]."""
        return self.blocks(images)

    def forward_head(self, maps: torch.Tensor, pre_logits: bool = False) -> torch.Tensor:
        features = maps.mean(dim=(2, 3))
        return features if pre_logits or not self.num_classes else self.fc(self.drop(features))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.forward_head(self.forward_features(images))


class PlainCNN(SmallCNN):
    """saykat2025's "Convolutional Neural Network (baseline)"."""

    widths, convolutions = (32, 64, 128, 256), 2

    def __init__(self, num_classes: int = 1000, in_chans: int = 3, drop_rate: float = 0.5):
        super().__init__(num_classes, in_chans, drop_rate)


class BaseCNN(SmallCNN):
    """xia2025's "Base CNN", small enough for a CPU at the paper's 224 px."""

    widths, convolutions = (16, 32, 64, 128), 1


_CFG = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "classifier": "fc", "fixed_input_size": False}
default_cfgs = generate_default_cfgs({"plain_cnn": _CFG, "base_cnn": _CFG})


@register_model
def plain_cnn(pretrained: bool = False, **arguments) -> PlainCNN:
    """``PlainCNN`` under timm's factory; there are no pretrained weights."""
    return build_model_with_cfg(PlainCNN, "plain_cnn", pretrained, **arguments)


@register_model
def base_cnn(pretrained: bool = False, **arguments) -> BaseCNN:
    """``BaseCNN`` under timm's factory; there are no pretrained weights."""
    return build_model_with_cfg(BaseCNN, "base_cnn", pretrained, **arguments)
