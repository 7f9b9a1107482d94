"""Parameters, provenance, and the proof that a notebook ran to its end."""

import json
import types

import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.commands.notebook import clean, execute, lift_answer, render
from lib.core.errors import StudyError
from lib.report.parameters import check_parameters, user_values
from lib.report.study import PROVENANCE, begin, data_sets
from tests.fakes import notebooks

GOOD = {"profile": "smoke", "datasets": ["synthetic"]}


@pytest.fixture
def notebook(tmp_path):
    return notebooks.notebook(tmp_path)


def test_parameters_of_every_profile_are_valid():
    from lib.core.paths import REPO
    from lib.records.jobs import profile_parameters

    for file in (REPO / "params").glob("*.yaml"):
        assert check_parameters(profile_parameters(file.stem)).profile == file.stem


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profil": "smoke"}, "unknown notebook parameter 'profil': did you mean 'profile'?"),
        ({"bootstrap_repeats": "1e3"}, "bootstrap_repeats: .*integer.*'1e3'"),
        ({"train_missing": "yes"}, "train_missing: .*boolean"),
        ({"datasets": "synthetic"}, "datasets: .*list"),
        ({"profile": "cpuu"}, "unknown profile 'cpuu': did you mean 'cpu'?"),
        ({"bootstrap_repeats": 1}, "bootstrap_repeats: .*20"),
    ],
)
def test_bad_parameters_are_named(change, message):
    with pytest.raises(StudyError, match=message.replace("?", r"\?")):
        check_parameters({**GOOD, **change})


def test_only_plain_values_of_the_namespace_are_parameters():
    namespace = {**GOOD, "_root": 1, "In": [], "json": json, "begin": check_parameters, "Path": types.SimpleNamespace}
    assert user_values(namespace) == GOOD


def test_tables_and_figures_are_written_and_listed(notebook, tmp_path):
    notebook.table(pd.DataFrame({"dx": ["mel"], "accuracy": [1 / 3]}), "one")
    notebook.figure(Figure(), "two", "It holds.")
    assert not notebook.done_file.exists()
    notebook.finish()
    note = json.loads(notebook.done_file.read_text())
    assert note["tables"] == ["tables/00_test/one.csv"] and note["figures"] == ["figures/00_test/two.svg"]
    assert pd.read_csv(tmp_path / note["tables"][0])["accuracy"][0] == pytest.approx(1 / 3, abs=1e-6)
    assert (tmp_path / note["figures"][0]).stat().st_size > 100


def test_shares_are_shown_in_points_and_kept_as_fractions(notebook, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("lib.report.study.display", lambda output, **_: shown.append(output.data))
    frame = pd.DataFrame({"gain": [0.125], "gain_low": [0.1], "gain_high": [0.15], "q": [0.5]})
    notebook.table(frame, "one", decimals=1, points=["gain"])
    assert "<td>12.5 [10.0, 15.0]</td><td>0.5</td>" in shown[-1]
    assert pd.read_csv(tmp_path / "tables/00_test/one.csv").loc[0, "gain"] == 0.125


def test_a_table_without_columns_is_said_and_not_written(notebook, tmp_path):
    notebook.table(pd.DataFrame(), "none")
    assert notebook.tables == [] and not (tmp_path / "tables" / "00_test" / "none.csv").exists()


def test_the_answer_moves_to_the_top(notebook, monkeypatch):
    shown = []
    monkeypatch.setattr("lib.report.study.display", lambda thing, metadata=None: shown.append((thing.data, metadata)))
    notebook.figures.append("figures/00_test/dots.png")
    notebook.in_short("one", "two", "three", figure="dots", finding="Dots rise")
    ((text, metadata),) = shown
    place = new_markdown_cell("old", metadata={"tags": ["in-short"]})
    said = new_output("display_data", {"text/markdown": text}, metadata=metadata)
    content = new_notebook(cells=[place, new_code_cell(outputs=[said, new_output("stream", text="stays")])])
    lift_answer(content)
    assert place.source.endswith("- three\n\n**Dots rise**\n\n![Dots rise](../figures/00_test/dots.png)")
    assert [o.output_type for o in content.cells[1].outputs] == ["stream"]


@pytest.mark.parametrize("given", [{"figure": "bars"}, {}])
def test_an_answer_is_three_to_six_sentences_and_a_figure_of_this_notebook(notebook, given):
    with pytest.raises(StudyError, match="figure 'bars'" if given else "1 sentences"):
        notebook.in_short(*(["a"] * (3 if given else 1)), **given)


def _notebook(path, *sources):
    parameters = new_code_cell("done, train_missing = '', True", metadata={"tags": ["parameters"]})
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [parameters, *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec, "language_info": {"name": "python"}}), path)
    return path


def _execute(tmp_path, *sources, train=True):
    done = tmp_path / "done.json"
    source = _notebook(tmp_path / "source.ipynb", *sources)
    execute(source, tmp_path / "out.ipynb", {"done": str(done), "train_missing": train}, done)
    return tmp_path / "out.ipynb"


def test_where_numbers_come_from_is_stored_for_programs_too(monkeypatch):
    shown = []
    monkeypatch.setattr("lib.report.study.display", lambda *things, metadata=None: shown.append((things, metadata)))
    begin("99_test", GOOD)
    (((text,), metadata),) = [s for s in shown if s[1]]
    assert metadata[PROVENANCE]["profile"] == ["smoke"] and metadata[PROVENANCE]["data"] == ["synthetic"]
    assert "| data | synthetic |" in text.data and text.data.startswith("**Synthetic images")


FINISH = "open(done, 'w').write('{}')"


def test_a_finished_notebook_is_rendered_without_this_machines_paths(tmp_path):
    output = _execute(tmp_path, "print(6 * 7)", FINISH)
    clean(output)
    content = nbformat.read(output, as_version=4)
    assert content.cells[2].outputs[0].text == "42\n"
    assert "papermill" not in content.metadata and all("papermill" not in c.metadata for c in content.cells)
    render(output, tmp_path / "out.html")
    assert "42" in (tmp_path / "out.html").read_text()


def test_stored_records_are_shown_with_one_thread_wherever_they_are_rendered(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    for train, threads in ((True, "2"), (False, "1")):
        output = _execute(tmp_path, "import os; print(os.environ['OMP_NUM_THREADS'])", FINISH, train=train)
        assert nbformat.read(output, as_version=4).cells[2].outputs[0].text == f"{threads}\n"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os; os._exit(1)", "kernel died"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "kernel died"),
        ("import sys; sys.exit(0)", "ended before its last cell|SystemExit"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_notebook_that_does_not_reach_its_end_is_an_error(tmp_path, cell, message):
    with pytest.raises(StudyError, match=message):
        _execute(tmp_path, cell, FINISH)


@pytest.mark.parametrize(("name", "kept", "left_out"), [("07_kadric2025", "dermamnist", "ham10000"),
                                                       ("08_xia2025", "alzheimer", "isic2018-test")])  # fmt: skip
def test_header_names_the_data_sets_that_a_paper_uses(name, kept, left_out):
    given = ["ham10000", "malignant-vs-benign", "isic2018-test"]
    found = data_sets(name, check_parameters({**GOOD, "profile": "cpu", "datasets": given}))
    assert kept in found and left_out not in found
    both = data_sets("10_leakage", check_parameters({**GOOD, "profile": "cpu"}), ["kadric2025", "xia2025"])
    assert both == ["dermamnist", "alzheimer"]
    assert data_sets("00_data_exploration", check_parameters({**GOOD, "datasets": given})) == given
