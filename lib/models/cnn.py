"""A plain convolutional network, registered with timm so that it is built like any backbone."""

import torch
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import nn

WIDTHS = (32, 64, 128, 256)


class PlainCNN(nn.Module):
    """Two 3x3 convolutions with batch normalization and ReLU a block, max-pooling after each block, global average.

    saykat2025 names a "Convolutional Neural Network (baseline)" and nothing of its architecture: this one, of the
    plainest kind, is this study's choice. Input float32 [B, 3, S, S], S at least 16; output [B, num_classes], or the
    pooled features [B, 256] where ``num_classes`` is 0. ``drop_rate``: dropout before the classifier.
    """

    def __init__(self, num_classes: int = 1000, in_chans: int = 3, drop_rate: float = 0.5):
        super().__init__()
        self.num_classes, self.num_features = num_classes, WIDTHS[-1]
        before = (in_chans, *WIDTHS[:-1])
        self.blocks = nn.Sequential(*(_block(a, b) for a, b in zip(before, WIDTHS, strict=True)))
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.drop = nn.Dropout(drop_rate)
        self.fc = nn.Linear(WIDTHS[-1], num_classes) if num_classes else nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.pool(self.blocks(images))
        return self.fc(self.drop(features)) if self.num_classes else features


def _block(before: int, after: int) -> nn.Sequential:
    layers = []
    for channels in (before, after):
        layers += [nn.Conv2d(channels, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


default_cfgs = generate_default_cfgs(
    {"plain_cnn": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "classifier": "fc", "fixed_input_size": False}}
)


@register_model
def plain_cnn(pretrained: bool = False, **arguments) -> PlainCNN:
    """``PlainCNN`` under timm's factory; there are no pretrained weights."""
    return build_model_with_cfg(PlainCNN, "plain_cnn", pretrained, **arguments)
