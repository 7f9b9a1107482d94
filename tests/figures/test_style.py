"""The study's figure style."""

import ast

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from lib.core.errors import StudyError
from lib.core.paths import REPO
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


def test_a_caption_is_plain_text():
    """The first paragraph of a drawing's docstring is its caption."""
    drawn = [
        (file.name, node.name, (ast.get_docstring(node) or "").split("\n\n")[0])
        for file in (REPO / "lib").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and any(getattr(d, "id", "") == "styled" for d in node.decorator_list)
    ]
    assert len(drawn) > 40 and [d for d in drawn if not d[2] or "`" in d[2]] == []


@style.styled
def drawing(photograph=False):
    """One line,
    wrapped.

    What the arguments are.
    """
    figure, ax = plt.subplots(figsize=(style.WIDTH, 2))
    ax.imshow(np.zeros((9, 9, 3), np.uint8)) if photograph else ax.plot([0, 1 / 3])
    ax.set_title("← one line & another")
    return figure


def test_a_drawing_is_small_says_its_words_and_is_the_same_again(tmp_path):
    file = style.save_figure(drawing(), tmp_path, "v1.1/line")
    text = file.read_text()
    assert file == tmp_path / "figures" / "v1.1" / "line.svg" and len(text) < 10_000
    assert text.startswith("<svg") and "<title>One line, wrapped.</title>" in text
    assert ">← one line &amp; another</text>" in text
    assert style.save_figure(drawing(), tmp_path, "again").read_text() == text


def test_a_photograph_is_a_jpeg_of_twice_the_pixels(tmp_path):
    with Image.open(style.save_figure(drawing(photograph=True), tmp_path, "black")) as picture:
        assert picture.format == "JPEG" and picture.size == (int(style.WIDTH * 2 * style.DPI), 4 * style.DPI)
        assert np.asarray(picture).min() < 10 and np.asarray(picture).max() > 245
