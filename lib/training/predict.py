"""Logits of a data set by a trained network, at the precision that trained it."""

import numpy as np
from torch import nn
from torch.utils.data import Dataset

from lib.models.forward import forward
from lib.training.loaders import make_loader


def predict(net: nn.Module, dataset: Dataset, precision: str, batch_size: int = 128) -> np.ndarray:
    """Logits float32 [N, 1] or [N, K] in the dataset's order."""
    return forward(net, (images for images, _, _ in make_loader(dataset, batch_size)), precision)
