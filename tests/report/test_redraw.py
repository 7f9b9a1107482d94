"""Redrawing from records alone: what differs is named, and what needs data fails."""

import json

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.commands import main
from lib.commands.redraw import redraw
from lib.report.redraw import compare_drawings, compare_outputs, compare_sentences, compare_tables
from lib.report.stored import read_stored

BEFORE = "model,n,accuracy,note\na,660,0.811111,\nb,660,0.8,fine\n"


def _differences(tmp_path, after):
    for name, text in (("before.csv", BEFORE), ("after.csv", after)):
        (tmp_path / name).write_text(text)
    return compare_tables(tmp_path / "before.csv", tmp_path / "after.csv")


@pytest.mark.parametrize("after", [BEFORE, BEFORE.replace("0.811111", "0.8111111"), BEFORE.replace("0.8,", "0.80,")])
def test_the_same_numbers_in_other_digits_are_the_same(tmp_path, after):
    assert _differences(tmp_path, after) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("0.811111", "0.811121"), "row 2, accuracy: '0.811111' is now '0.811121'"),
        (("0.8,", ","), "row 3, accuracy: '0.8' is now ''"),
        (("fine", "Fine"), "row 3, note: 'fine' is now 'Fine'"),
        (("b,660", "b,661"), "row 3, n: '660' is now '661'"),
        (("note", "remark"), "columns model, n, accuracy, note are now model, n, accuracy, remark"),
        (("b,660,0.8,fine\n", ""), "2 rows are now 1"),
    ],
)
def test_every_kind_of_difference_is_named(tmp_path, change, message):
    assert _differences(tmp_path, BEFORE.replace(*change)) == [message]


def test_many_differences_are_counted(tmp_path):
    found = _differences(tmp_path, "model,n,accuracy,note\nc,1,2,d\ne,3,4,f\n")
    assert len(found) == 4 and found[-1] == "5 more cells differ"


def test_missing_and_new_files_are_named(tmp_path):
    for folder, files in (("old", ("tables/n/a.csv", "figures/n/b.jpg")), ("new", ("tables/n/c.csv",))):
        for file in files:
            (tmp_path / folder / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / file).write_text("x\n1\n")
    assert compare_outputs("n", tmp_path / "old", tmp_path / "new") == [
        "tables/n/a.csv: committed, but not drawn again",
        "tables/n/c.csv: drawn, but not committed",
        "figures/n/b.jpg: committed, but not drawn again",
    ]


DRAWING = '<svg><path d="M 0 1 L 10 1"/><text x="3">mel</text><text x="9">0.8</text></svg>'


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("0 1 L", "0 3 L"), []),
        (("10 1", "90 1"), ["a shape has moved by 80 points"]),
        ((" L 10 1", ""), ["shapes are gone or new"]),
        (("0.8", "0.9"), ["no longer says '0.8'", "now says '0.9'"]),
    ],
)
def test_drawings_are_compared_by_words_and_places(tmp_path, change, found):
    for name, text in (("old.svg", DRAWING), ("new.svg", DRAWING.replace(*change))):
        (tmp_path / name).write_text(text)
    assert compare_drawings(tmp_path / "old.svg", tmp_path / "new.svg") == found


def test_sentences_are_compared_as_they_stand():
    assert compare_sentences(["a", "b"], ["b", "a"]) == []
    assert compare_sentences(["7 runs", "b"], ["8 runs", "b"]) == [
        "the notebook no longer says '7 runs'",
        "the notebook now says '8 runs'",
    ]


def _stored(tmp_path, name, *sources, **study):
    """A stored notebook that says "0.5" and shows a table with it."""
    parameters = {"profile": "cpu", "datasets": ["ham10000"], "data_root": "", "weights_dir": "",
                  "results_dir": str(tmp_path / "results"), "train_missing": True, "bootstrap_repeats": 20}  # fmt: skip
    lines = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    said = [new_output("display_data", {"text/markdown": "0.5"})]
    cells = [
        new_markdown_cell(f"# {name[:2]} · Example\n\n**Question.** Does it stand?"),
        new_code_cell(lines, metadata={"tags": ["parameters"]}),
        new_code_cell(f'from lib.report.study import begin\nstudy = begin("{name}", globals())'),
        *(new_code_cell(source, outputs=said if number == 0 else []) for number, source in enumerate(sources)),
        new_code_cell("study.finish()"),
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = tmp_path / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec, "study": {"papers": [], **study}}), file)
    return read_stored(file)


SHOW = """import json, pandas as pd
from IPython.display import Markdown
value = json.loads((study.results / "runs" / "one" / "record.json").read_text())["accuracy"]
study.table(pd.DataFrame({"accuracy": [value]}), "scores")
display(Markdown(str(value)))"""


@pytest.mark.slow
def test_a_redrawn_notebook_is_compared_and_one_that_needs_data_fails(tmp_path, capfd):
    record = tmp_path / "results" / "runs" / "one" / "record.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"accuracy": 0.5}))
    for name, value in (("90_same", 0.5), ("91_stale", 0.6)):
        folder = tmp_path / "results" / "tables" / name
        folder.mkdir(parents=True)
        pd.DataFrame({"accuracy": [value]}).to_csv(folder / "scores.csv", index=False)
    stored = [
        _stored(tmp_path, "90_same", SHOW),
        _stored(tmp_path, "91_stale", SHOW),
        _stored(tmp_path, "92_hidden", 'study.index("ham10000")'),
        _stored(tmp_path, "93_images", 'study.index("ham10000")', data=True),
    ]
    differences = redraw(stored, tmp_path / "redrawn", jobs=2)
    assert differences[0] == "tables/91_stale/scores.csv: row 2, accuracy: '0.6' is now '0.5'"
    assert "92_hidden.ipynb" in differences[1] and "HAM10000 not found" in differences[1]
    assert len(differences) == 2
    said = capfd.readouterr().out
    assert "90_same: the same" in said and "93_images: left out" in said
    assert not (tmp_path / "results" / "done").exists(), "the committed results were written to"


def test_redrawing_does_not_replace_a_folder(tmp_path, capsys):
    assert main(["redraw", "--keep", str(tmp_path)]) == 2
    assert "name a new folder" in capsys.readouterr().err
