"""The commands that train: where records go, and what is refused before anything starts."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lib.commands import main, throughput
from lib.core.paths import REPO
from lib.plan.grid import planned_runs
from lib.training import run
from lib.training.loaders import ImageDataset
from lib.training.module import Classifier


def command(*arguments, profile="smoke"):
    return ["run", "dhanalakshmi2025", "--profile", profile, *map(str, arguments)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (command(profile="smok"), "unknown profile 'smok': did you mean 'smoke'"),
        (command("--devices", 0), "--devices is 0"),
        (command("--batch", "nothing"), "plans no such run"),
        (command("--ids", "nothing"), "unknown run id 'nothing'"),
        (command("--part", "4/4"), "--part 4/4 is no share"),
        (["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", "nothing"], "unknown run id 'nothing'"),
        (["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", "x", "--epochs", "0"], "--epochs is 0"),
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
    monkeypatch.setattr(run, "get_or_train", lambda spec, folders: asked.append(folders) or record)
    assert main(command(profile=profile)) == 0
    assert {folders.results for folders in asked} == {REPO / folder}


@pytest.fixture
def run_id(capsys):
    assert main(command("--list")) == 0
    return capsys.readouterr().out.split()[2]


def test_throughput_is_the_pipelines_share_of_a_resident_batch(run_id, capsys, monkeypatch):
    """By a clock that a loaded image moves by one second and a trained image by three."""
    seconds = [0]

    def load(self, key):
        seconds[0] += 1
        return get_item(self, key)

    def train(self, batch, step):
        seconds[0] += 3 * len(batch[1])
        return training_step(self, batch, step)

    get_item, training_step = ImageDataset.__getitem__, Classifier.training_step
    monkeypatch.setattr(ImageDataset, "__getitem__", load)
    monkeypatch.setattr(Classifier, "training_step", train)
    monkeypatch.setattr(throughput, "time", SimpleNamespace(perf_counter=lambda: seconds[0]))
    assert main(["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", run_id, "--epochs", "1"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["run"] == run_id and printed["share"] == 0.75
    assert (printed["images_per_second_pipeline"], printed["images_per_second_resident"]) == ([0.2], [0.3])


def test_the_loader_alone_says_how_many_cores_a_card_needs(run_id, capsys):
    arguments = ["throughput", "dhanalakshmi2025", "--profile", "smoke", "--run", run_id, "--epochs", "1", "--loader"]
    assert main(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["images_per_second_of_one_core"] > 0
    cores = throughput.cores_needed(planned_runs("dhanalakshmi2025", "smoke")[0].spec, 1.0)
    assert 1 <= cores["P100"] < cores["T4"] < cores["H100"]


def test_shares_are_all_runs_once(capsys):
    listed = []
    for part in ("0/3", "1/3", "2/3"):
        assert main(["run", "all", "--profile", "smoke", "--list", "--part", part]) == 0
        listed += capsys.readouterr().out.splitlines()
    assert main(["run", "all", "--profile", "smoke", "--list"]) == 0
    assert sorted(listed) == sorted(capsys.readouterr().out.splitlines())


def test_a_reader_that_has_seen_enough_ends_a_listing():
    listing = "python -m lib run all --profile gpu --list".replace("python", sys.executable)
    done = subprocess.run(["bash", "-c", f"{listing} | head -1; echo ${{PIPESTATUS[0]}}"], cwd=REPO,
                          capture_output=True, text=True)  # fmt: skip
    assert done.stderr == "" and done.stdout.splitlines()[1] in ("0", "141")


def test_a_folder_that_may_not_be_read_is_said(tmp_path, monkeypatch, capsys):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lib.data.index.os.listdir", refuse)
    assert main(["data", "fetch", "ham10000", "--data-root", str(tmp_path)]) == 2
    assert f"cannot read {tmp_path} (Permission denied)" in capsys.readouterr().err


@pytest.mark.slow
def test_a_check_names_what_runs_take_or_the_run_that_could_not_start(capsys, monkeypatch):
    assert main(command("--check")) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1].endswith("GB.") and f"{len(said) - 1} kinds can start" in said[-1]
    monkeypatch.setattr("lib.training.check.build_augmenter", lambda *_: 1 / 0)
    assert main(command("--check")) == 2
    assert "could not start: division by zero" in capsys.readouterr().err
