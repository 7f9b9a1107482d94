"""What stored notebooks say about themselves."""

import base64
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.records.jobs import FOLDER
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
    drawing, photograph = {"image/svg+xml": "<svg/>"}, {"image/jpeg": base64.b64encode(b"jpeg").decode()}
    cells = [
        new_markdown_cell(HEAD),
        new_code_cell('profile = "smoke"\nn = 1', metadata={"tags": ["parameters"]}),
        new_code_cell('# Parameters\nprofile = "cpu"', metadata={"tags": ["injected-parameters"]}),
        new_code_cell("begin()", outputs=[_shown({"profile": ["cpu"], "data": ["a"]})]),
        new_code_cell("runs()", outputs=[_shown({"runs": ["2"], "data": ["a", "b"]}), _shown({"runs": ["2"]})]),
        new_markdown_cell("## First\n\n### Inner\n\ntext"),
        new_code_cell("f()", outputs=[new_output("display_data", {"text/markdown": "One."}),
                                      new_output("display_data", drawing,
                                                 metadata={"image/svg+xml": {"alt": "A dot.", "title": "It is."}}),
                                      new_output("display_data", photograph)]),
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
    shown = [(p.title, p.caption, p.section, p.suffix, p.content) for p in stored.pictures]
    assert shown == [("It is.", "A dot.", "Inner", "svg", b"<svg/>"), ("", "", "Inner", "jpg", b"jpeg")]


def test_what_is_stored_stays_small():
    stored = [file.stat().st_size for file in FOLDER.glob("*.ipynb")]
    kept = ("runs", "images", "measurements", "tables", "figures", "cards")  # of results; git ignores the rest
    results = {folder: _size(REPO / "results" / folder) for folder in kept}
    assert max(stored) < 2e6 and sum(results.values()) < 60e6
    assert sum(stored) + results["tables"] < 25e6  # what the site shows


def test_every_notebook_answers_its_question_at_the_top():
    for notebook in stored_notebooks():
        lines = [line for line in notebook.in_short.splitlines() if line.startswith("- ")]
        assert notebook.question and 3 <= len(lines) <= 6, notebook.name


def test_inline_tables_have_fifteen_rows_and_seven_columns_at_most():
    for file in FOLDER.glob("*.ipynb"):
        outputs = [o for c in nbformat.read(file, as_version=4).cells for o in c.get("outputs", ())]
        for html in (
            re.sub(r"<details.*?</details>", "", o.get("data", {}).get("text/html", ""), flags=re.S) for o in outputs
        ):
            for table in re.findall(r"<table.*?</table>", html, flags=re.S):
                head, _, body = table.partition("</thead>")
                assert body.count("<tr") <= 15 and len(re.findall(r"<th[ >]", head)) <= 7, (file.name, table[:200])


def _size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_what_is_no_notebook_is_named(tmp_path):
    (tmp_path / "01_x.ipynb").write_text("{")
    with pytest.raises(StudyError, match="01_x.ipynb cannot be read"):
        stored_notebooks(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match="holds no notebook"):
        stored_notebooks(tmp_path / "empty")
