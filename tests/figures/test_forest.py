"""Rows of values and their lines."""

from lib.figures.forest import Block, Series, forest
from lib.figures.style import styled


def test_the_constant_answer_is_a_dashed_line_with_its_own_key():
    rows = {"labels": ["a"], "series": [Series("ours", [80.0])]}
    figure = styled(forest)([Block("with", **rows, constant=67.0), Block("without", **rows)], zero=None)
    dashed = [[line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"] for ax in figure.axes]
    assert dashed == [[67.0], []]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["ours", "constant answer"]
