"""The notebooks' first cell, and requirements that agree with each other."""

import importlib.metadata
import subprocess
import sys

import pytest
import yaml

from lib import bootstrap
from lib.bootstrap import KEPT, NOT_IN_NOTEBOOKS, missing, requirements
from lib.core.paths import REPO

HOSTS = ("COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE")


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only the named distributions are installed; set none of the hosts' variables."""
    versions = {"torch": "2.6.0+cu124", "torchvision": "0.21.0+cu124", "numpy": "2.0.2"}

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
    absent = missing(needed)
    assert absent == [r for name, r in needed.items() if name not in (*KEPT, *NOT_IN_NOTEBOOKS)]
    assert "timm==" + needed["timm"].split("==")[1] in absent
    assert not any(r.startswith(("torch==", "torchvision==", "numpy==", "snakemake")) for r in absent)
    installed["timm"] = "0.1"  # another version is left alone
    assert missing(needed) == [r for r in absent if not r.startswith("timm")]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_get_what_is_missing_with_their_torch_held(installed, commands, monkeypatch, host):
    monkeypatch.setenv(host, "1")
    bootstrap.prepare()
    ((command, constraints),) = commands
    assert command[:5] == [sys.executable, "-m", "pip", "install", "-q"]
    assert command[7:] == missing(requirements())
    assert constraints.split() == ["torch==2.6.0+cu124", "torchvision==0.21.0+cu124", "numpy==2.0.2"]


def test_elsewhere_nothing_is_installed(installed, commands):
    with pytest.raises(SystemExit, match=r"missing packages: .*timm==.*make reproduce"):
        bootstrap.prepare()
    assert not commands


def test_nothing_missing_nothing_done(installed, commands):
    installed |= dict.fromkeys(requirements(), "1")
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
