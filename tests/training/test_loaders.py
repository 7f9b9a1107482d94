"""Datasets, sampler and loaders: the same draws whichever worker makes them."""

import numpy as np
import pandas as pd
import pytest
import torch

from lib.core.errors import StudyError
from lib.data.cache import ImageCache
from lib.plan.spec import Augmentation
from lib.training.augment import build_augmenter
from lib.training.loaders import EpochSampler, FeatureDataset, ImageDataset, make_loader

N = 12
TARGETS = np.array([0, 1] * 6)


@pytest.fixture(scope="module")
def cache():
    """The same picture N times, so that results differ by their draw alone."""
    picture = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    return ImageCache(np.repeat(picture[None], N, axis=0), {f"i{n}": n for n in range(N)}, "x")


@pytest.fixture
def dataset(cache):
    frame = pd.DataFrame({"image_id": [f"i{n}" for n in range(N)], "target": TARGETS})
    augmentation = Augmentation(horizontal_flip=0.5, rotate=30.0, brightness=0.2)
    return ImageDataset(cache, frame, build_augmenter(augmentation, 24), seed=5)


def epoch_images(dataset, epoch, workers=0, mode="in_order", batch_size=4):
    """Position -> image of one pass through the loader."""
    loader = make_loader(dataset, batch_size, mode, seed=5, workers=workers)
    loader.sampler.set_epoch(epoch)
    found = {}
    for images, targets, positions in loader:
        assert images.dtype == torch.uint8 and images.shape[1:] == (3, 24, 24)
        assert targets.tolist() == TARGETS[positions.numpy()].tolist()
        found |= {int(p): image.numpy().tobytes() for p, image in zip(positions, images, strict=True)}
    return found


def test_draws_differ_across_epochs_positions_and_seeds(dataset, cache):
    by_epoch = [epoch_images(dataset, epoch) for epoch in (0, 1)]
    assert len({*by_epoch[0].values(), *by_epoch[1].values()}) == 2 * N
    assert epoch_images(dataset, 0, mode="shuffle", batch_size=5) == by_epoch[0]
    dataset.seed = 6
    assert not set(epoch_images(dataset, 0).values()) & set(by_epoch[0].values())


def test_worker_processes_change_nothing_and_repeat_nothing(dataset):
    loader = make_loader(dataset, 2, "shuffle", seed=5, workers=2)
    for epoch in (0, 1):  # the same workers serve both epochs
        loader.sampler.set_epoch(epoch)
        batches = [(images, positions) for images, _, positions in loader]
        found = {
            int(p): i.numpy().tobytes() for images, positions in batches for p, i in zip(positions, images, strict=True)
        }
        assert found == epoch_images(dataset, epoch)
        # Batches alternate between the workers, which would repeat each other's draws if they seeded themselves.
        first, second = batches[0][0], batches[1][0]
        assert not any(torch.equal(a, b) for a, b in zip(first, second, strict=True))
        assert len(set(found.values())) == N


def test_without_augmentation_the_stored_pixels_come_out(cache):
    frame = pd.DataFrame({"image_id": ["i3", "i1"], "target": [1, 0]})
    pictures = cache.images.copy()
    pictures[3] = 7
    dataset = ImageDataset(ImageCache(pictures, cache.rows, "x"), frame)
    image, target, position = dataset[(0, 0)]
    assert (image == 7).all() and (target, position) == (1, 0)
    assert (dataset[(9, 1)][0].numpy() == pictures[1].transpose(2, 0, 1)).all()


def test_image_outside_the_cache_is_named(cache):
    with pytest.raises(StudyError, match="'i99' is not in the decoded cache"):
        ImageDataset(cache, pd.DataFrame({"image_id": ["i99"], "target": [0]}))


def order(sampler, epoch):
    sampler.set_epoch(epoch)
    keys = list(sampler)
    assert {e for e, _ in keys} == {epoch} and len(keys) == len(sampler)
    return [p for _, p in keys]


def test_shuffle_permutes_anew_in_each_epoch():
    sampler = EpochSampler(np.zeros(100, int), "shuffle", seed=1)
    first = order(sampler, 0)
    assert sorted(first) == list(range(100)) and first != sorted(first)
    assert order(sampler, 1) != first and order(sampler, 0) == first  # also after a resume
    assert order(EpochSampler(np.zeros(100, int), "shuffle", seed=2), 0) != first


def test_balanced_draws_each_class_equally_often():
    targets = np.repeat([0, 1, 2], [2700, 270, 30])
    drawn = targets[order(EpochSampler(targets, "balanced"), 0)]
    assert np.bincount(drawn) / len(drawn) == pytest.approx([1 / 3] * 3, abs=0.04)


def test_in_order_is_in_order():
    assert order(EpochSampler(TARGETS, "in_order"), 4) == list(range(N))


@pytest.mark.parametrize(("mode", "sizes"), [("shuffle", [11]), ("in_order", [11, 1])])
def test_last_training_batch_of_one_image_is_dropped(dataset, mode, sizes):
    assert [len(batch[2]) for batch in make_loader(dataset, 11, mode)] == sizes


def test_features_come_as_batches():
    features = np.arange(10, dtype=np.float16).reshape(5, 2)
    dataset = FeatureDataset(features, np.array([0, 1, 0, 1, 1]))
    x, y, positions = next(iter(make_loader(dataset, 3, "shuffle", seed=3)))
    assert x.dtype == torch.float32 and x.shape == (3, 2) and positions.tolist() != [0, 1, 2]
    assert x[:, 0].tolist() == [2.0 * p for p in positions.tolist()]
    assert y.tolist() == [[0, 1, 0, 1, 1][p] for p in positions.tolist()]
