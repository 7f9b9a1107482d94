"""Heads that are trained on the cached features of a frozen backbone."""

import math

from torch import nn

from lib.core.errors import StudyError

FILTERS, HIDDEN = 64, 64


def build_head(name: str, shape: tuple[int, ...], n_outputs: int) -> nn.Module:
    """Head from features float32 [B, *shape] to logits [B, n_outputs]; ``shape`` is (C,) or (C, grid, grid).

    ``linear``: one layer on features standardized by their batch statistics, which differ in scale by orders of
    magnitude between backbones. The others are kadric2025's, with Keras' defaults (BatchNorm eps 1e-3 and momentum
    0.99, Glorot's uniform weights, zero biases), since its callbacks are Keras':

    - ``effv3``: Flatten, BN, Dense 64, BN, softmax (its component map; the ReLU after Dense is a choice)
    - ``effv2``: effv3 with Dropout 0.5 before the output: the text names Dropout, but no place for it, and no Effv2
    - ``effv1``: two blocks Conv 3x3 with 64 filters, BN, ReLU, then effv3; the text has "added Conv2D blocks" only

    Raises:
        StudyError: convolutions on pooled features.
    """
    size = math.prod(shape)
    if name == "linear":
        return nn.Sequential(nn.BatchNorm1d(size, affine=False), nn.Linear(size, n_outputs))
    if name == "effv1":
        if len(shape) != 3:
            raise StudyError("head effv1 has convolutions: give model.feature_grid.")
        blocks = [_convolution(shape[0]), _convolution(FILTERS)]
        head = nn.Sequential(*blocks, *_dense(FILTERS * shape[1] * shape[2], n_outputs))
    else:
        head = nn.Sequential(*_dense(size, n_outputs, dropout=0.5 if name == "effv2" else 0.0))
    return head.apply(_as_keras)


def _convolution(channels: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(channels, FILTERS, 3, padding="same"), nn.BatchNorm2d(FILTERS), nn.ReLU())


def _dense(size: int, n_outputs: int, dropout: float = 0.0) -> list[nn.Module]:
    hidden = [nn.Flatten(), nn.BatchNorm1d(size), nn.Linear(size, HIDDEN), nn.ReLU(), nn.BatchNorm1d(HIDDEN)]
    return [*hidden, *([nn.Dropout(dropout)] if dropout else []), nn.Linear(HIDDEN, n_outputs)]


def _as_keras(module: nn.Module) -> None:
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        module.eps, module.momentum = 1e-3, 0.01  # torch's momentum is the new value's share
    elif isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
