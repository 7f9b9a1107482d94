"""What stored notebooks say about themselves."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.core.errors import StudyError
from lib.report.stored import read_stored, stored_notebooks
from lib.report.study import PROVENANCE

HEAD = """# 07 · kadric2025: two factors

[![Open in Colab](https://example.org/a.svg)](https://example.org/b) [![K](https://example.org/c)](https://d)

**Question.** Which of *the two*
matters?

More text."""


def _shown(rows):
    return new_output("display_data", {"text/markdown": "| | |"}, metadata={PROVENANCE: rows})


@pytest.fixture
def stored(tmp_path):
    picture = {"image/png": base64.b64encode(b"png").decode()}
    cells = [
        new_markdown_cell(HEAD),
        new_code_cell('profile = "smoke"\nn = 1', metadata={"tags": ["parameters"]}),
        new_code_cell('# Parameters\nprofile = "cpu"', metadata={"tags": ["injected-parameters"]}),
        new_code_cell("begin()", outputs=[_shown({"profile": ["cpu"], "data": ["a"]})]),
        new_code_cell("runs()", outputs=[_shown({"runs": ["2"], "data": ["a", "b"]}), _shown({"runs": ["2"]})]),
        new_markdown_cell("## First\n\n### Inner\n\ntext"),
        new_code_cell("f()", outputs=[new_output("display_data", {"text/markdown": "One."}),
                                      new_output("display_data", picture, metadata={"image/png": {"alt": "A dot."}}),
                                      new_output("display_data", picture)]),
        new_code_cell("study.finish()", outputs=[new_output("display_data", {"text/markdown": "in 3 s"})]),
    ]  # fmt: skip
    nbformat.write(new_notebook(cells=cells, metadata={"study": {"data": True}}), tmp_path / "07_kadric2025.ipynb")
    return read_stored(tmp_path / "07_kadric2025.ipynb")


def test_title_and_question_come_from_the_first_cell(stored):
    assert stored.title == "07 · kadric2025: two factors"
    assert stored.question == "Which of *the two* matters?"
    assert stored.needs_data


def test_injected_parameters_win(stored):
    assert stored.parameters == {"profile": "cpu", "n": 1}


def test_provenance_is_joined_and_no_sentence(stored):
    assert list(stored.provenance.items()) == [("profile", ["cpu"]), ("data", ["a", "b"]), ("runs", ["2", "2"])]
    assert stored.sentences == ["One."]


def test_pictures_know_caption_and_section(stored):
    assert [(p.caption, p.section, p.png) for p in stored.pictures] == [("A dot.", "Inner", b"png"),
                                                                       ("", "Inner", b"png")]  # fmt: skip


def test_what_is_no_notebook_is_named(tmp_path):
    (tmp_path / "01_x.ipynb").write_text("{")
    with pytest.raises(StudyError, match="01_x.ipynb cannot be read"):
        stored_notebooks(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match="holds no notebook"):
        stored_notebooks(tmp_path / "empty")
