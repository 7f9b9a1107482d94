"""The training step: losses by hand, and the learning rate of every schedule, step by step."""

import math

import numpy as np
import pytest
import torch

from lib.training.module import Classifier
from tests.fakes.specs import small

COUNTS = np.array([6, 3, 1])
LOGITS, TARGETS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), torch.tensor([0, 1, 2])


def classifier(**changes):
    """Of a linear network, five steps in each of four epochs."""
    spec = small(loss={"name": "cross_entropy", "class_weights": "balanced"}, epochs=4, **changes)
    return Classifier(torch.nn.Linear(1, 1), spec, COUNTS, None, 5)


@pytest.fixture
def module():
    return classifier()


def test_class_weights_are_in_the_training_loss_alone(module):
    each = [math.log(1 + 2 * math.exp(-2)), math.log(1 + 2 * math.exp(-1)), math.log(3)]
    weights = [10 / (3 * n) for n in COUNTS]  # n / (k n_c)
    weighted = sum(w * value for w, value in zip(weights, each, strict=True)) / sum(weights)
    assert float(module.loss(LOGITS, TARGETS)) == pytest.approx(weighted)
    module.net = torch.nn.Identity()
    module.validation_step((LOGITS, TARGETS, None), 0)
    assert module._sums["val"].tolist() == pytest.approx([sum(each), 2.0, 3.0])


def rates(schedule):
    """The learning rate at each of the 20 steps."""
    made = classifier(schedule=schedule).configure_optimizers()
    optimizer, scheduler = made["optimizer"], made["lr_scheduler"]["scheduler"]
    assert made["lr_scheduler"]["interval"] == "step"
    found = []
    for _ in range(20):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(found)


def test_cosine_falls_to_zero_over_all_steps():
    steps = np.arange(20)
    assert rates({"name": "cosine"}) == pytest.approx(1e-3 * (1 + np.cos(np.pi * steps / 20)) / 2)


@pytest.mark.parametrize(("start", "first"), [(None, 4e-5), (1e-4, 1e-4)])
def test_one_cycle_rises_for_its_warm_up_and_falls(start, first):
    found = rates({"name": "onecycle", "warmup_epochs": 1.0, **({"start_lr": start} if start else {})})
    assert found[0] == pytest.approx(first) and found.argmax() == 4 and found[4] == pytest.approx(1e-3)
    assert (np.diff(found[:5]) > 0).all() and (np.diff(found[4:]) < 0).all() and found[-1] < first / 1000


def test_a_constant_rate_has_no_schedule():
    assert isinstance(classifier().configure_optimizers(), torch.optim.AdamW)


def test_a_plateau_lowers_the_rate_after_epochs_without_progress():
    module = classifier(schedule={"name": "plateau", "patience": 1, "factor": 0.5})
    optimizer = module.configure_optimizers()
    found = []
    for loss in (1.0, 0.9, 0.9, 0.9, 0.8, 0.8):
        module._plateau.step(loss)
        found.append(optimizer.param_groups[0]["lr"])
    assert found == [1e-3, 1e-3, 1e-3, 5e-4, 5e-4, 5e-4]
