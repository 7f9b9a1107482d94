"""The notebooks' first cell, and requirements that agree with each other."""

import importlib.metadata
import re
import subprocess
import sys

import pytest
import yaml

from lib import bootstrap
from lib.bootstrap import KEPT, NOT_IN_NOTEBOOKS, floors, requirements, too_old, wanted
from lib.core.paths import REPO

HOSTS = ("COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE")


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only the named distributions are installed; set none of the hosts' variables."""
    versions = {"torch": "2.9.0+cu126", "torchvision": "0.24.0+cu126", "numpy": "2.0.2"}

    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(bootstrap.importlib.metadata, "version", version)
    for host in HOSTS:
        monkeypatch.delenv(host, raising=False)
    return versions


@pytest.fixture
def commands(monkeypatch):
    """Commands that would have run, each with its constraints."""
    found = []

    def run(command, check):
        assert check
        with open(command[command.index("-c") + 1]) as constraints:
            found.append((command, constraints.read()))

    monkeypatch.setattr(subprocess, "run", run)
    return found


def test_requirements_are_parsed(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("# comment\n\nPyYAML==6.0  # why\ntimm>=1.0\njax[cpu]==0.4\nscipy\nfoo ; python_version < '3.12'\n")
    assert requirements(file) == {
        "pyyaml": "PyYAML==6.0",
        "timm": "timm>=1.0",
        "jax": "jax[cpu]==0.4",
        "scipy": "scipy",
        "foo": "foo ; python_version < '3.12'",
    }


def test_torch_and_numpy_are_never_installed(installed):
    needed = requirements()
    assert set(KEPT) == {"torch", "torchvision", "numpy"} <= set(needed)
    installed.clear()
    ranges = wanted(needed)
    names = [name for name in needed if name not in (*KEPT, *NOT_IN_NOTEBOOKS)]
    assert [r.split(">=")[0].lower() for r in ranges] == names
    assert f"timm>={floors()['timm']},<={needed['timm'].split('==')[1]}" in ranges


@pytest.mark.parametrize(
    ("version", "replaced"),
    [("0.1", True), ("1.0.19", True), ("1.0.21.post1", True), ("1.0.22", False), ("1.0.23.dev0", False), ("2", False)],
)
def test_what_is_older_than_its_floor_is_replaced(installed, version, replaced):
    installed |= dict.fromkeys(requirements(), "9999") | {"timm": version}
    assert bool(wanted(requirements())) is replaced


@pytest.mark.parametrize("torch", ["2.6.0+cu124", None])
def test_a_torch_that_is_too_old_is_said_in_one_sentence(installed, commands, monkeypatch, torch):
    monkeypatch.setenv(HOSTS[0], "1")
    installed["torch"] = torch
    if torch is None:
        del installed["torch"]
    given = re.escape(torch or "(missing)")
    with pytest.raises(SystemExit, match=rf"too old here: torch {given}\. .*pip install torch==2\.7\.1 and restart"):
        bootstrap.prepare()
    assert not commands


def test_a_kernel_that_had_loaded_what_was_upgraded_is_restarted(installed, commands, monkeypatch):
    monkeypatch.setenv(HOSTS[0], "1")
    installed |= dict.fromkeys(requirements(), "9999") | {"pyyaml": "5.1"}  # which this test imports
    with pytest.raises(SystemExit, match="upgraded after the kernel had loaded them: pyyaml. Restart"):
        bootstrap.prepare()
    assert len(commands) == 1


def test_every_requirement_of_the_notebooks_has_a_floor():
    pinned = {name: line.split("==")[1] for name, line in requirements().items()}
    assert {name for name in pinned if name not in NOT_IN_NOTEBOOKS} <= floors().keys() <= pinned.keys()
    assert not too_old(floors())
    for name, lowest in floors().items():
        assert [int(x) for x in lowest.split(".")] <= [int(x) for x in pinned[name].split(".")], name


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_get_what_is_missing_with_their_torch_held(installed, commands, monkeypatch, host):
    monkeypatch.setenv(host, "1")
    bootstrap.prepare()
    ((command, constraints),) = commands
    assert command[:5] == [sys.executable, "-m", "pip", "install", "-q"]
    assert command[7:] == wanted(requirements())
    assert constraints.split() == ["torch==2.9.0+cu126", "torchvision==0.24.0+cu126", "numpy==2.0.2"]


def test_elsewhere_nothing_is_installed(installed, commands):
    with pytest.raises(SystemExit, match=r"missing packages: .*timm>=.*make reproduce"):
        bootstrap.prepare()
    assert not commands


def test_nothing_missing_nothing_done(installed, commands):
    installed |= dict.fromkeys(requirements(), "9999")
    bootstrap.prepare()
    assert not commands


def test_bootstrap_needs_the_standard_library_alone():
    code = "import sys; sys.path.insert(0, '.'); import lib.bootstrap; print(lib.bootstrap.requirements()['timm'])"
    done = subprocess.run([sys.executable, "-S", "-I", "-c", code], cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("timm=="), done.stderr


def test_environment_is_requirements():
    environment = yaml.safe_load((REPO / "environment.yml").read_text())
    (pip,) = (d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pip == list(requirements().values())
    assert all("==" in requirement for requirement in pip)
