"""The study's figure style."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from lib.core.errors import StudyError
from lib.data.catalogue import CLASS_NAMES, SOURCES
from lib.figures import style


def test_every_class_of_every_data_set_has_a_name_and_a_colour():
    for source in SOURCES.values():
        assert len(style.class_colours(source.counts)) == len(source.counts)
        assert set(source.counts) <= set(CLASS_NAMES)


@pytest.mark.parametrize("classes", [source.counts for source in SOURCES.values()], ids=list(SOURCES))
def test_colours_of_a_data_set_differ(classes):
    colours = np.array([to_rgb(colour) for colour in style.class_colours(classes)])
    apart = np.abs(colours[:, None] - colours[None]).sum(-1) + np.eye(len(colours))
    assert apart.min() > 0.25


def test_unknown_class_is_named():
    with pytest.raises(StudyError, match="did you mean 'mel'"):
        style.class_colours(["mell"])


def test_styled_leaves_the_global_style_and_closes_the_figure_even_on_error():
    before = dict(plt.rcParams)

    @style.styled
    def fails():
        plt.figure()
        raise ValueError

    with pytest.raises(ValueError):
        fails()
    assert plt.get_fignums() == [] and dict(plt.rcParams) == before


def test_save_figure_writes_a_small_png_and_returns_the_figure(tmp_path):
    @style.styled
    def draw():
        figure, ax = plt.subplots(figsize=(style.WIDTH, 2))
        ax.plot([0, 1])
        return figure

    figure = draw()
    assert style.save_figure(figure, tmp_path, "line") is figure
    with Image.open(tmp_path / "figures" / "line.png") as picture:
        assert picture.size == (768, 192)
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        assert (pixels == 255).all(axis=1).mean() > 0.8
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["line.png"]


@pytest.mark.parametrize("colours", [2, 100, 300])
def test_white_stays_white_however_few_colours_a_figure_has(colours):
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[:32].reshape(-1, 3)[: colours - 1] = np.random.default_rng(0).integers(0, 250, (colours - 1, 3))
    picture = style._with_palette(Image.fromarray(pixels)).convert("RGB")
    assert (np.asarray(picture)[32:] == 255).all()


def test_a_figure_carries_its_caption():
    @style.styled
    def draw():
        """One line,
        wrapped.

        What the arguments are.
        """
        return plt.figure()

    assert draw().get_label() == "One line, wrapped."
