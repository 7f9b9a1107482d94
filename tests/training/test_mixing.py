"""MixUp and CutMix: soft targets, box areas, shares of batches, and the loss they meet."""

import numpy as np
import pytest
import torch

from lib.plan.spec import Mixing
from lib.training.mixing import build_mixer
from lib.training.module import Classifier
from tests.fakes.specs import small

# Image i is filled with 10 i, and is of class i: what a pixel holds tells which image it comes from.
TARGETS = torch.tensor([0, 1, 2, 3])
IMAGES = (10 * torch.arange(4, dtype=torch.uint8))[:, None, None, None].expand(4, 3, 20, 20).contiguous()


def batches(mixing: Mixing, n: int, seed: int = 0):
    mixer = build_mixer(mixing, 4, seed)
    return [mixer(IMAGES, TARGETS, epoch=step // 100, step=step % 100) for step in range(n)]


def test_nothing_to_mix():
    assert build_mixer(Mixing(), 4, 0) is None


def test_mixup_blends_images_and_targets_by_one_share():
    for images, targets in batches(Mixing(mixup=1.0), 50):
        share = targets[0, 0].item()
        assert 0 <= share <= 1 and images.dtype == torch.float32
        expected = share * torch.eye(4) + (1 - share) * torch.eye(4).roll(1, 0)  # the partner is the image before
        torch.testing.assert_close(targets, expected)
        torch.testing.assert_close(images[1, 0, 0, 0].item(), 10 * share, atol=1e-4, rtol=0)
        assert (images[1] == images[1, 0, 0, 0]).all()


def test_cutmix_targets_are_the_areas_of_the_pasted_box():
    shares = []
    for images, targets in batches(Mixing(cutmix=1.0), 50):
        kept = (images[2] == 20).float().mean().item()
        pasted = images[2, 0] == 10
        assert kept + pasted.float().mean().item() == pytest.approx(1)
        assert targets[2].tolist() == pytest.approx([0, 1 - kept, kept, 0], abs=1e-6)
        if pasted.any():  # one rectangle
            ys, xs = torch.where(pasted)
            assert pasted.sum() == (ys.max() - ys.min() + 1) * (xs.max() - xs.min() + 1)
        shares.append(kept)
    assert len(set(shares)) > 20


def test_alpha_one_draws_the_share_uniformly():
    shares = [targets[0, 0].item() for _, targets in batches(Mixing(mixup=1.0), 600)]
    assert np.histogram(shares, bins=4, range=(0, 1))[0] == pytest.approx([150] * 4, abs=40)


def test_batches_are_mixed_with_the_papers_probabilities():
    n = {"mixup": 0, "cutmix": 0, "neither": 0}
    for images, targets in batches(Mixing(mixup=0.3, cutmix=0.2), 2000):
        if targets.ndim == 1:
            n["neither"] += 1
            assert torch.equal(targets, TARGETS) and torch.equal(images, IMAGES.float())
        else:
            blended = ~((images == 0) | (images == 10) | (images == 20) | (images == 30)).all()
            n["mixup" if blended else "cutmix"] += 1
    # Four standard deviations of binomial counts.
    assert n["mixup"] == pytest.approx(600, abs=82)
    assert n["cutmix"] == pytest.approx(400, abs=72)
    assert n["neither"] == pytest.approx(1000, abs=90)


def test_a_draw_depends_on_seed_epoch_and_step_alone():
    mixing = Mixing(mixup=0.6, cutmix=0.4)
    mixer = build_mixer(mixing, 4, 5)
    torch.manual_seed(3)
    state = torch.get_rng_state()
    one = mixer(IMAGES, TARGETS, 2, 7)
    assert torch.equal(torch.get_rng_state(), state), "the training's own random numbers moved"
    torch.rand(9)
    mixer(IMAGES, TARGETS, 0, 0)
    again = build_mixer(mixing, 4, 5)(IMAGES, TARGETS, 2, 7)
    assert torch.equal(one[0], again[0]) and torch.equal(one[1], again[1])
    others = [build_mixer(mixing, 4, s)(IMAGES, TARGETS, e, t) for s, e, t in ((6, 2, 7), (5, 3, 7), (5, 2, 8))]
    assert not any(torch.equal(one[1], o[1]) for o in others)


@pytest.fixture
def module():
    spec = small(loss={"name": "cross_entropy", "label_smoothing": 0.1}, mixing={"mixup": 0.3, "cutmix": 0.2})
    return Classifier(torch.nn.Identity(), spec, np.ones(4), None, 1)


def test_the_loss_of_mixed_targets_is_equation_4(module):
    logits = torch.tensor([[2.0, -1.0, 0.5, 0.0], [0.1, 0.2, 0.3, 0.4]])
    y = torch.tensor([[0.7, 0.3, 0.0, 0.0], [0.0, 0.0, 0.25, 0.75]])
    smoothed = y * (1 - 0.1) + 0.1 / 4
    by_hand = -(smoothed * (logits.exp() / logits.exp().sum(1, keepdim=True)).log()).sum(1).mean()
    torch.testing.assert_close(module.loss(logits, y), by_hand)
    hard = module.loss(logits, torch.tensor([0, 3]))
    torch.testing.assert_close(module.loss(logits, torch.eye(4)[[0, 3]]), hard)


def test_a_prediction_counts_by_its_share_of_the_mixed_image(module):
    logits = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 2.0], [0, 2.0, 0, 0]])
    mixed = torch.tensor([[0.7, 0.3, 0, 0], [0.6, 0, 0.4, 0], [0, 0.2, 0.8, 0]])
    module._count("train", torch.tensor(1.0), logits, mixed)
    assert module._sums["train"].tolist() == pytest.approx([3.0, 0.7 + 0.0 + 0.2, 3.0])
