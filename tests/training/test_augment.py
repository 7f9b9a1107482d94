"""Augmentation: decided by the seed alone, and what the specification asks for."""

import os
import subprocess
import sys
import warnings
from colorsys import rgb_to_hsv

import numpy as np
import pytest

from lib.core.paths import REPO
from lib.plan.spec import Augmentation
from lib.training.augment import build_augmenter

ALL = Augmentation(
    horizontal_flip=0.5,
    vertical_flip=0.5,
    rotate=15.0,
    crop_scale=(0.8, 1.0),
    brightness=0.1,
    contrast=0.1,
    saturation=0.1,
    hue=0.05,
)
IMAGE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def test_nothing_to_do():
    assert build_augmenter(Augmentation(), 32) is None


def test_seed_alone_decides():
    augment = build_augmenter(ALL, 32)
    first = [augment(IMAGE, seed) for seed in range(8)]
    np.random.seed(3)
    again = [build_augmenter(ALL, 32)(IMAGE, seed) for seed in reversed(range(8))][::-1]
    for a, b in zip(first, again, strict=True):
        assert (a == b).all() and a.shape == (32, 32, 3) and a.dtype == np.uint8
    assert len({a.tobytes() for a in first}) == 8


@pytest.mark.parametrize(("part", "flipped"), [("horizontal_flip", IMAGE[:, ::-1]), ("vertical_flip", IMAGE[::-1])])
def test_flips_have_their_probability(part, flipped):
    augment = build_augmenter(Augmentation(**{part: 0.3}), 32)
    results = [augment(IMAGE, seed) for seed in range(400)]
    done = [(r == flipped).all() for r in results]
    assert all(d or (r == IMAGE).all() for d, r in zip(done, results, strict=True))
    assert np.mean(done) == pytest.approx(0.3, abs=0.07)


def test_rotation_stays_in_its_limits_and_shows_no_black_corners():
    # A bright half plane: its edge turns with the image.
    image = np.full((65, 65, 3), 40, np.uint8)
    image[:, 33:] = 240
    augment = build_augmenter(Augmentation(rotate=20.0), 65)
    angles = []
    for seed in range(60):
        turned = augment(image, seed)[..., 0]
        assert turned.min() >= 40
        edge = [(row > 140).argmax() for row in (turned[12], turned[52])]
        angles.append(np.degrees(np.arctan((edge[1] - edge[0]) / 40)))
    assert np.abs(angles).max() <= 21.5
    assert min(angles) < -12 and max(angles) > 12


def test_crop_zooms_within_its_area():
    # The horizontal ramp's slope on the crop tells the side that was kept.
    ramp = np.repeat(np.tile(np.arange(0, 128, dtype=np.uint8), (128, 1))[..., None], 3, axis=2)
    augment = build_augmenter(Augmentation(crop_scale=(0.25, 0.5)), 64)
    spans = []
    for seed in range(60):
        crop = augment(ramp, seed)
        assert crop.shape == (64, 64, 3)
        spans.append((float(crop[32, -1, 0]) - float(crop[32, 0, 0]) + 1) / 128)
    assert min(spans) >= 0.5 - 0.03 and max(spans) <= np.sqrt(0.5) + 0.03
    assert max(spans) - min(spans) > 0.1


@pytest.mark.parametrize("part", ["brightness", "contrast", "saturation", "hue"])
def test_each_colour_change_stays_within_its_strength(part):
    augment = build_augmenter(Augmentation(**{part: 0.2}), 8)
    image = np.empty((8, 8, 3), np.uint8)
    image[:4], image[4:] = (200, 120, 40), (100, 60, 20)
    results = np.array([augment(image, seed)[[0, 7], 0].astype(float) for seed in range(60)])
    if part == "brightness":
        factors = results[:, 0].mean(axis=1) / 120
    elif part == "contrast":
        factors = (results[:, 0] - results[:, 1]).mean(axis=1) / 60
    elif part == "saturation":
        factors = np.ptp(results[:, 0], axis=1) / 160
    else:  # hue is an angle: turns of the colour circle, around 1
        hues = np.array([rgb_to_hsv(*r)[0] for r in results[:, 0] / 255])
        factors = 1 + (hues - rgb_to_hsv(200, 120, 40)[0] + 0.5) % 1 - 0.5
    assert 0.78 <= factors.min() < 0.88 and 1.12 < factors.max() <= 1.22


def test_no_warning_of_an_argument_that_is_ignored():
    """albumentations 2 drops arguments that it does not know with no more than a warning, and asks the network for
    news while it is imported, which must not delay or break a run without network."""
    code = (
        "import warnings; warnings.simplefilter('error')\n"
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('went to the network')\n"
        "socket.getaddrinfo = socket.create_connection = refuse\n"
        "from lib.training.augment import build_augmenter\n"
        "warnings.filterwarnings('ignore', category=DeprecationWarning)\n"
        "import albumentations\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NO_ALBUMENTATIONS_UPDATE"}
    environment["PYTHONPATH"] = str(REPO)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=REPO)
    assert done.returncode == 0, done.stderr
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_augmenter(ALL, 32)(IMAGE, 0)
