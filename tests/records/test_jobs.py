"""The notebooks' common skeleton, the jobs of the workflow, and the summary that CI trusts."""

import json
import re

import nbformat
import pytest

from lib.commands import main
from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.records.jobs import FOLDER, missing_jobs, notebooks, profile_parameters, results_folder
from lib.report.parameters import Parameters

NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


def cells(file):
    return nbformat.read(file, as_version=4).cells


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_notebooks_have_one_skeleton(file):
    content = cells(file)
    code = [c for c in content if c.cell_type == "code"]
    assert content[0].cell_type == "markdown" and content[0].source.startswith(f"# {file.stem[:2]} · ")
    assert f"notebooks/{file.name}" in content[0].source, "the badges lead to another notebook"
    assert code[0].metadata.tags == ["bootstrap"] and code[1].metadata.tags == ["parameters"]
    assert code[0].source == next(c for c in cells(NOTEBOOKS[0]) if c.cell_type == "code").source
    given = re.findall(r"^(\w+) = ", code[1].source, flags=re.M)
    assert given == list(Parameters.model_fields)
    assert f'study = begin("{file.stem}", globals()' in "".join(c.source for c in code[2:4])
    assert code[-1].source == "study.finish()"


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_notebooks_are_stored_rendered_and_clean(file):
    code = [c for c in cells(file) if c.cell_type == "code"]
    assert any(c.outputs for c in code)
    for cell in code:
        assert len(cell.source.splitlines()) <= 15
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")


def test_notebooks_are_chosen_by_number_or_name():
    assert list(notebooks("02")) == ["02_dhanalakshmi2025"]
    assert list(notebooks("02_dhanalakshmi2025,00")) == ["02_dhanalakshmi2025", "00_data_exploration"]
    with pytest.raises(StudyError, match="unknown notebook '77'"):
        notebooks("77")


def test_every_missing_run_is_in_one_job(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.records.jobs.results_folder", lambda profile: tmp_path)
    single = missing_jobs("dhanalakshmi2025", "smoke", 1)
    grouped = missing_jobs("dhanalakshmi2025", "smoke", 5)
    ids = [i for job in grouped for i in job.run_ids]
    assert sorted(ids) == sorted(job.run_ids[0] for job in single) and len(set(ids)) == len(ids)
    assert all(len(job.run_ids) <= 5 for job in grouped)
    assert len({job.name for job in grouped}) == len(grouped)


def test_real_profiles_keep_their_results_apart_from_the_synthetic_ones():
    assert results_folder("smoke") == REPO / "results" / "smoke"
    assert profile_parameters("smoke")["datasets"] == ["synthetic"]
    for profile in ("cpu", "gpu", "p100"):
        assert results_folder(profile) == REPO / "results"
        assert "synthetic" not in profile_parameters(profile)["datasets"]


def test_summary_fails_on_a_missing_figure(tmp_path, monkeypatch, capsys):
    name = "02_dhanalakshmi2025"
    monkeypatch.setattr("lib.records.jobs.results_folder", lambda profile: tmp_path)
    (tmp_path / "done").mkdir()
    (tmp_path / "notebooks").mkdir()
    note = {"tables": ["tables/a.csv"], "figures": ["figures/b.png"], "seconds": 1.0}
    (tmp_path / "done" / f"{name}.json").write_text(json.dumps(note))
    (tmp_path / "notebooks" / f"{name}.ipynb").write_text((FOLDER / f"{name}.ipynb").read_text())
    for file in ("tables/a.csv", f"html/{name}.html"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("x")
    assert main(["summary", "--only", "02"]) == 2
    assert "figures/b.png" in capsys.readouterr().err
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "b.png").write_text("x")
    assert main(["summary", "--only", "02"]) == 0


@pytest.mark.parametrize("arguments", [["dato"], ["run", "dhanalakshmi2025", "--profile", "cpuu", "--list"]])
def test_the_command_line_explains_itself_in_one_line(arguments, capsys):
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
