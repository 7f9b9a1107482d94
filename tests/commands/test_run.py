"""The commands that train: where records go, and what is refused before anything starts."""

import json

import pytest

from lib.commands import main
from lib.core.paths import REPO
from lib.training import run


def command(*arguments, profile="smoke"):
    return ["run", "dhanalakshmi2025", "--profile", profile, *map(str, arguments)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (command(profile="smok"), "unknown profile 'smok': did you mean 'smoke'"),
        (command("--devices", 0), "--devices is 0"),
        (command("--group", "nothing"), "plans no such run"),
        (command("--ids", "nothing"), "unknown run id 'nothing'"),
        (["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", "nothing"], "unknown run id 'nothing'"),
        (["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", "x", "--steps", "0"], "--steps is 0"),
    ],
)
def test_wrong_arguments_get_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert message in error and len(error.splitlines()) == 1


@pytest.mark.parametrize(("profile", "folder"), [("smoke", "results/smoke"), ("gpu", "results")])
def test_synthetic_records_stay_away_from_real_ones(profile, folder, monkeypatch):
    asked = []
    record = type("Record", (), {"info": {"metrics": {"best": {}}}})
    monkeypatch.setattr(run, "ensure", lambda spec, places: asked.append(places) or record)
    assert main(command(profile=profile)) == 0
    assert {places.results for places in asked} == {REPO / folder}


def test_throughput_of_a_planned_run(capsys):
    assert main(command("--list")) == 0
    run_id = capsys.readouterr().out.split()[2]
    arguments = ["--run", run_id, "--steps", "1", "--repeats", "1"]
    assert main(["throughput", "dhanalakshmi2025", "--profile", "smoke", *arguments]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["run"] == run_id and printed["share"] > 0
    assert len(printed["images_per_second_pipeline"]) == len(printed["images_per_second_random"]) == 1
