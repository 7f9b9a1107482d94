"""Grids of planned runs."""

import itertools

import pytest
import yaml

from lib.core.errors import StudyError
from lib.plan import grid
from lib.published.values import published_papers
from lib.report.parameters import PROFILES
from tests.fakes.records import BASE

GROUP = {
    "profiles": ["smoke", "cpu"],
    "set": {"image_size": 32, "optimizer": {"lr": 0.01}},
    "grid": {
        "model": [
            {"model": {"backbone": "convnext_atto", "weights": "none"}, "paper_model": "convnext_tiny"},
            {"model": {"backbone": "convnext_femto.d1_in1k"}},
        ],
        "split.seed": [4, 5],
        "seed": [0, 1, 2],
    },
}


def file(folder):
    path = folder / "papers" / "paper2020" / "runs.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write(folder, **groups):
    content = {"base": BASE, "batches": groups, "ensembles": {"pair": ["a", "b"]}}
    file(folder).write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


def test_expansion_in_the_files_order(tmp_path):
    runs = grid.planned_runs("paper2020", "smoke", write(tmp_path, first=GROUP))
    assert len(runs) == 2 * 2 * 3
    assert [(r.spec.split.seed, r.spec.seed) for r in runs[:6]] == [(4, 0), (4, 1), (4, 2), (5, 0), (5, 1), (5, 2)]
    assert [r.paper_model for r in runs[::6]] == ["convnext_tiny", "convnext_femto"]
    spec = runs[0].spec
    assert (spec.image_size, spec.optimizer.lr, spec.optimizer.name) == (32, 0.01, "adamw")  # set over base, by key
    assert spec.model.weights == "none" and runs[6].spec.model.weights == "imagenet"  # axis over set, by key
    assert spec.split.name == "ham10000-image"
    assert {(r.paper, r.batch) for r in runs} == {("paper2020", "first")}


def test_profiles_choose_groups_and_repeated_runs_count_once(tmp_path):
    folder = write(tmp_path, first=GROUP, again={**GROUP, "profiles": ["cpu"]}, plain={"profiles": ["cpu"]})
    assert len(grid.planned_runs("paper2020", "smoke", folder)) == 12
    assert [r.batch for r in grid.planned_runs("paper2020", "cpu", folder)] == ["first"] * 12 + ["plain"]
    assert grid.planned_runs("paper2020", "gpu", folder) == []


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"profiles": ["cpu"], "set": {"epochs": "ten"}}, "batch 'bad': .*epochs"),
        ({"profiles": ["cpu"], "set": {"model": None}}, "batch 'bad': .*model"),
        ({"profiles": ["cpu"], "grid": {"optimizer.learning_rate": [1.0]}}, "batch 'bad': .*learning_rate"),
        ({"profiles": ["cpu"], "grids": {"seed": [1]}}, "batch 'bad': .*did you mean 'grid'"),
        ({"profile": ["cpu"]}, "batch 'bad': .*did you mean 'profiles'"),
        ({"set": {"seed": 1}}, "batch 'bad': .*profiles.* missing"),
    ],
)
def test_errors_name_file_and_batch(tmp_path, group, message):
    with pytest.raises(StudyError, match=r"paper2020/runs\.yaml, " + message):
        grid.planned_runs("paper2020", "cpu", write(tmp_path, bad=group))


def test_unknown_paper_gets_the_nearest_spelling(tmp_path):
    with pytest.raises(StudyError, match="did you mean 'paper2020'"):
        grid.planned_runs("paper2021", "cpu", write(tmp_path))


@pytest.mark.parametrize(("content", "message"), [("base: [", "is no YAML"), ("batches: {}", "lacks 'base'")])
def test_a_file_that_is_no_grid_is_named(tmp_path, content, message):
    file(tmp_path).write_text(content)
    with pytest.raises(StudyError, match=rf"paper2020/runs\.yaml {message}"):
        grid.planned_runs("paper2020", "cpu", tmp_path)


def test_reference_and_ensembles_are_the_files(tmp_path):
    folder = write(tmp_path)
    assert grid.reference("paper2020", folder) == BASE
    assert grid.beside("paper2020", "ensembles", folder) == {"pair": ["a", "b"]}
    assert grid.beside("paper2020", "also_stated", folder) == {}
    assert grid.beside("xia2025", "also_stated")["epochs"] == [10, 20, 40]


def test_a_row_of_the_paper_may_have_settings_of_its_own(tmp_path):
    rows = {"large": {"image_size": 300, "optimizer": {"lr": 0.5}}}
    file(tmp_path).write_text(yaml.safe_dump({"base": BASE, "models": rows, "batches": {}}))
    large = grid.reference("paper2020", tmp_path, model="large")
    assert large == BASE | {"image_size": 300, "optimizer": BASE["optimizer"] | {"lr": 0.5}}
    assert grid.reference("paper2020", tmp_path, model="small") == grid.reference("paper2020", tmp_path) == BASE


def test_real_grids_expand_in_known_profiles():
    for paper, profile in itertools.product(grid.grids(), PROFILES):
        runs = grid.planned_runs(paper, profile)
        assert runs or profile == "campaign", (paper, profile)  # a paper may have none under way
        assert len({r.spec.run_id for r in runs}) == len(runs)
        if profile == "smoke":
            assert {(r.spec.dataset, r.spec.model.weights) for r in runs} == {("synthetic", "none")}, paper
    for file in grid.FOLDER.glob("*/*/runs.yaml"):
        batches = yaml.safe_load(file.read_text())["batches"].values()
        assert {p for batch in batches for p in batch["profiles"]} <= set(PROFILES), file


def test_papers_are_the_grids_with_published_values():
    assert grid.papers() and set(grid.papers()) <= set(published_papers())
