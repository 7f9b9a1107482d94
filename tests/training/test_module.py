"""Losses of the training step, by hand."""

import math

import numpy as np
import pytest
import torch

from lib.plan.spec import RunSpec
from lib.training.module import Classifier

COUNTS = np.array([6, 3, 1])
LOGITS, TARGETS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), torch.tensor([0, 1, 2])


@pytest.fixture
def module():
    values = {
        "dataset": "synthetic", "split": {"name": "synthetic-image"}, "image_size": 32,
        "model": {"backbone": "resnet10t", "weights": "none"},
        "loss": {"name": "cross_entropy", "class_weights": "balanced"},
        "optimizer": {"name": "adamw", "lr": 1.0e-3}, "epochs": 1, "batch_size": 4,
    }  # fmt: skip
    return Classifier(torch.nn.Identity(), RunSpec.parse(values), COUNTS, None, 1)


def test_class_weights_are_in_the_training_loss_alone(module):
    each = [math.log(1 + 2 * math.exp(-2)), math.log(1 + 2 * math.exp(-1)), math.log(3)]
    weights = [10 / (3 * n) for n in COUNTS]  # n / (k n_c)
    weighted = sum(w * value for w, value in zip(weights, each, strict=True)) / sum(weights)
    assert float(module.loss(LOGITS, TARGETS)) == pytest.approx(weighted)
    module.validation_step((LOGITS, TARGETS, None), 0)
    assert module._sums["val"].tolist() == pytest.approx([sum(each), 2.0, 3.0])
