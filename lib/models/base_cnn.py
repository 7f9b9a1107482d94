"""xia2025's "Base CNN", registered with timm so that it is built like any backbone."""

import torch
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import nn

WIDTHS = (16, 32, 64, 128)


class BaseCNN(nn.Module):
    """Four blocks of 3x3 convolution, batch normalization, ReLU and max-pooling; global average; one linear layer.

    The paper names a "baseline CNN (Base CNN)" and gives no architecture: this one, small enough for a CPU at the
    paper's 224 px, was chosen before any of its results was seen. Input float32 [B, 3, S, S], S at least 16; output
    [B, num_classes], or the pooled features [B, 128] where ``num_classes`` is 0. Methods are those of timm's models.
    """

    def __init__(self, num_classes: int = 1000, in_chans: int = 3):
        super().__init__()
        self.num_classes, self.num_features = num_classes, WIDTHS[-1]
        before = (in_chans, *WIDTHS[:-1])
        self.blocks = nn.Sequential(*(_block(a, b) for a, b in zip(before, WIDTHS, strict=True)))
        self.fc = nn.Linear(WIDTHS[-1], num_classes) if num_classes else nn.Identity()

    def get_classifier(self) -> nn.Module:
        return self.fc

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        """Feature map [B, 128, S/16, S/16]."""
        return self.blocks(images)

    def forward_head(self, maps: torch.Tensor, pre_logits: bool = False) -> torch.Tensor:
        features = maps.mean(dim=(2, 3))
        return features if pre_logits else self.fc(features)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.forward_head(self.forward_features(images))


def _block(before: int, after: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2))


default_cfgs = generate_default_cfgs(
    {"base_cnn": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "classifier": "fc", "fixed_input_size": False}}
)


@register_model
def base_cnn(pretrained: bool = False, **arguments) -> BaseCNN:
    """``BaseCNN`` under timm's factory; there are no pretrained weights."""
    return build_model_with_cfg(BaseCNN, "base_cnn", pretrained, **arguments)
