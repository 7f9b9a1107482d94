"""The offline phase: which images are copied, what is done to them, and that nothing else is touched."""

import warnings

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import StudyError
from lib.data.cache import ImageCache
from lib.plan.spec import Offline
from lib.published.values import load_published
from lib.training import offline as module
from lib.training.offline import copies, copy_seed, offline_images, table_3


def small_set(n=12, size=24):
    """Classes 0 (7 images), 1 (4) and 2 (1), each image of its own pixels."""
    rng = np.random.default_rng(0)
    ids = [f"ISIC_{i:07d}" for i in range(n)]
    cache = ImageCache(rng.integers(0, 256, (n, size, size, 3), np.uint8), {x: i for i, x in enumerate(ids)}, "abc")
    train = pd.DataFrame({"image_id": ids, "target": [0] * 7 + [1] * 4 + [2]})
    return cache, train


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DERM_CACHE", str(tmp_path))


def test_classes_are_filled_up_to_the_target_and_images_take_turns():
    targets = np.array([0] * 7 + [1] * 4 + [2])
    chosen = copies(targets, Offline(target=6))
    assert np.bincount(targets[chosen], minlength=3).tolist() == [0, 2, 5]
    many = copies(targets, Offline(target=23))
    times = np.bincount(many, minlength=12)
    assert (times[:7].sum(), times[7:11].sum(), times[11]) == (16, 19, 22)
    for members in (times[:7], times[7:11]):
        assert members.max() - members.min() <= 1
    assert not np.array_equal(many, copies(targets, Offline(target=23, seed=1)))


def test_no_two_copies_share_a_seed():
    seeds = {copy_seed(Offline(target=1), n) for n in range(20_000)}
    assert len(seeds) == 20_000
    assert seeds.isdisjoint({copy_seed(Offline(target=1, seed=1), n) for n in range(20_000)})


def test_copies_are_kept_and_the_same_whenever_made(tmp_path, monkeypatch):
    cache, train = small_set()
    first = offline_images(cache, train, Offline(target=9))
    assert first.targets.tolist() == [0] * 2 + [1] * 5 + [2] * 8
    assert (train.set_index("image_id")["target"][list(first.sources)] == first.targets).all()
    assert first.images.shape == (15, 24, 24, 3) and first.images.dtype == np.uint8
    assert len({image.tobytes() for image in first.images}) == 15
    assert not any((image == cache.images).all(axis=(1, 2, 3)).any() for image in first.images[-8:])

    monkeypatch.setenv("DERM_CACHE", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(module, "CHUNK", 4)  # another division of the work
    assert offline_images(cache, train, Offline(target=9)).sha256 == first.sha256
    monkeypatch.setattr(module, "_make", lambda *a: pytest.fail("made again"))
    assert offline_images(cache, train, Offline(target=9)).sha256 == first.sha256


def test_what_decides_the_copies_is_in_their_name(tmp_path):
    cache, train = small_set()
    offline_images(cache, train, Offline(target=9))
    offline_images(cache, train, Offline(target=9, seed=1))
    offline_images(ImageCache(cache.images, cache.rows, "other pixels"), train, Offline(target=9))
    offline_images(cache, train.drop(index=[8]).reset_index(drop=True), Offline(target=9))
    assert len(list((tmp_path / "offline").glob("*.npy"))) == 4


def test_a_target_below_every_class_is_refused():
    cache, train = small_set()
    with pytest.raises(StudyError, match="raise it"):
        offline_images(cache, train[train["target"] < 2], Offline(target=4))


def test_probabilities_and_strengths_are_those_of_table_3():
    published = load_published("abdulqader2026")
    values = published[published["table"] == "3"].set_index("id")["value"]
    for name, transform in table_3().items():
        assert transform.p == values[f"table3.{name}.parameters.probability"]
    assert set(table_3()) | {"mixup", "cutmix"} == {i.split(".")[1] for i in values.index}

    def stated(ident):
        return values[f"table3.{ident}"]

    t = table_3()
    affine, colour, hue, holes = (
        t[k] for k in ("shift_scale_rotate", "brightness_contrast", "hue_saturation_value", "coarse_dropout")
    )
    assert affine.rotate == (-stated("shift_scale_rotate.parameters.rotate"), 45) and affine.keep_ratio
    assert affine.translate_percent["x"][1] == stated("shift_scale_rotate.parameters.shift")
    assert affine.scale["x"] == pytest.approx((0.8, 1 + stated("shift_scale_rotate.parameters.scale")))
    assert colour.brightness_limit[1] == stated("brightness_contrast.parameters.brightness")
    assert colour.contrast_limit[1] == stated("brightness_contrast.parameters.contrast")
    limits = [hue.hue_shift_limit[1], hue.sat_shift_limit[1], hue.val_shift_limit[1]]
    assert limits == [stated(f"hue_saturation_value.parameters.{k}") for k in ("hue", "saturation", "value_shift")]
    assert holes.num_holes_range == (
        stated("coarse_dropout.parameters.min"),
        stated("coarse_dropout.parameters.max"),
    )
    assert t["gaussian_blur"].blur_limit == t["motion_blur"].blur_limit == (3, 3)


def test_noise_variance_is_in_grey_levels():
    """The library's default, or its old argument's name, would give a deviation of 51 to 112 grey levels."""
    import albumentations as A

    noise = A.Compose([table_3(1.0)["gauss_noise"]])
    grey = np.full((200, 200, 3), 128, np.uint8)
    variances = []
    for seed in range(40):
        noise.set_random_seed(seed)
        variances.append((noise(image=grey)["image"].astype(float) - 128).var())
    # The library cuts the noise of variance 10..50 to whole levels towards zero, which leaves 7.8..44.7.
    assert 7.6 < min(variances) < 12 and 38 < max(variances) < 45
    assert noise.transforms[0].std_range == pytest.approx((10**0.5 / 255, 50**0.5 / 255))


def test_nothing_is_ignored_with_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table_3()


@pytest.mark.parametrize("name", table_3())
def test_every_transform_changes_the_image_and_keeps_its_shape(name):
    import albumentations as A

    image = small_set(size=75)[0].images[0]
    changed = A.Compose([table_3(1.0)[name]], seed=1)(image=image)["image"]
    assert changed.shape == image.shape and changed.dtype == np.uint8
    assert (changed != image).any()


def test_dropped_holes_are_square_and_few():
    import albumentations as A

    white = np.full((450, 450, 3), 255, np.uint8)
    dropped = A.Compose([table_3(1.0)["coarse_dropout"]], seed=0)(image=white)["image"]
    assert 3 * 64 <= (dropped[..., 0] == 0).sum() <= 8 * 64  # holes of 8 x 8 may overlap
