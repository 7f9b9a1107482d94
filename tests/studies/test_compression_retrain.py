"""Distillation and fine-tuning: the loss by hand, the specification, and trainings of seconds."""

import copy
import math

import pytest
import torch

from lib.plan.grid import planned_runs
from lib.plan.spec import Mixing
from lib.studies.compression.retrain import Distilled, fine_tuned, short, soft_loss, student
from lib.studies.compression.settings import load_settings
from lib.training.prepare import Folders, prepare

MAKING = load_settings("smoke").making


@pytest.fixture(scope="module")
def base():
    return next(p.spec for p in planned_runs("abdulqader2026", "smoke") if p.spec.mixing != Mixing() and p.spec.offline)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    return Folders(folder, folder, folder / "results")


def test_soft_loss_is_hand_computed():
    # T = 2: teacher softmax(ln 4 / 2, 0) = (2, 1) / 3, student (1, 1) / 2
    loss = soft_loss(torch.zeros(3, 2), torch.tensor([[math.log(4), 0.0]] * 3), 2.0)
    divergence = 2 / 3 * math.log(2 / 3 / 0.5) + 1 / 3 * math.log(1 / 3 / 0.5)
    assert float(loss) == pytest.approx(4 * divergence, rel=1e-5)
    assert float(soft_loss(torch.ones(2, 3), torch.ones(2, 3), 4.0)) == pytest.approx(0, abs=1e-6)


def test_soft_loss_of_one_logit_is_that_of_two():
    one, two = torch.tensor([[0.7], [-2.0]]), torch.tensor([[1.5], [0.3]])
    both = [torch.cat([torch.zeros_like(x), x], dim=1) for x in (one, two)]
    assert float(soft_loss(one, two, 3.0)) == pytest.approx(float(soft_loss(*both, 3.0)))


def test_a_short_training_keeps_data_and_loss_and_drops_mixing(base):
    spec = short(base, MAKING.distillation, MAKING.student)
    assert spec.offline is None and spec.mixing == Mixing()
    assert (spec.epochs, spec.optimizer.lr) == (MAKING.distillation.epochs, MAKING.distillation.lr)
    assert spec.model.backbone == MAKING.student.backbone
    same = ("dataset", "split", "image_size", "preprocessing", "augmentation", "loss", "batch_size", "seed")
    assert all(getattr(spec, name) == getattr(base, name) for name in same)
    assert short(base, MAKING.fine_tuning).model == base.model


@pytest.mark.slow
def test_the_student_learns_the_teachers_answers(base, folders):
    """A teacher that always says class 2 makes a student that does, whatever the targets are."""

    class Teacher(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = torch.nn.Parameter(torch.tensor([0.0, 0, 20, 0, 0, 0, 0]))

        def forward(self, images):
            return self.bias.expand(len(images), -1)

    teacher = Teacher()
    training = MAKING.distillation.model_copy(update={"lr": 0.02})
    making = MAKING.model_copy(update={"soft_share": 1.0, "temperature": 2.0, "distillation": training})
    net = student(base, making, folders, teacher)
    assert not net.training and next(net.parameters()).device.type == "cpu"
    assert not teacher.bias.requires_grad
    images = torch.stack([prepare(base, folders).sets["val"][(0, i)][0] for i in range(32)])
    with torch.inference_mode():
        answers = net.train()(images).softmax(1).mean(dim=0)  # running statistics lag after a few steps
    assert answers[2] > 0.6


def test_the_teacher_is_no_part_of_the_trained_module(base, folders):
    ready = prepare(short(base, MAKING.distillation, MAKING.student), folders)
    teacher = copy.deepcopy(ready.net)
    arguments = (ready.net, base, torch.ones(7).numpy(), None, 1)
    module = Distilled(teacher, 4.0, 0.9, *arguments)
    assert len(list(module.parameters())) == len(list(ready.net.parameters()))


@pytest.mark.slow
def test_fine_tuning_changes_the_network_it_is_given(base, folders):
    net = prepare(base, folders).net
    before = copy.deepcopy(net.state_dict())
    tuned = fine_tuned(net, base, MAKING, folders)
    moved = [k for k, v in tuned.state_dict().items() if not torch.equal(v, before[k])]
    assert len(moved) > 0.9 * len(before) and not tuned.training
