"""What Kaggle gets and gives: folders for its command line, data where it mounts them, one public address."""

import json
import os
import re
import shutil
import subprocess

import nbformat
import pytest

from lib.commands import main
from lib.core import address, paths
from lib.core.paths import REPO, data_root
from lib.data.catalogue import SOURCES
from lib.data.index import locate_folder


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(address, "remote_address", lambda: "someone/the-study")


def test_a_folder_that_kernels_push_takes(tmp_path, capsys, published):
    assert main(["kaggle", "02", "--profile", "p100", "--user", "someone", "--out", str(tmp_path)]) == 0
    folder = tmp_path / "02_dhanalakshmi2025"
    assert capsys.readouterr().out.startswith(f"kaggle kernels push -p {os.path.relpath(folder)}")
    metadata = json.loads((folder / "kernel-metadata.json").read_text())
    owner, slug = metadata["id"].split("/")
    assert owner == "someone" and slug == re.sub(r"[^a-z0-9]+", "-", metadata["title"].lower())
    assert 5 <= len(metadata["title"]) <= 50
    assert (metadata["language"], metadata["kernel_type"]) == ("python", "notebook")
    assert metadata["enable_gpu"] is metadata["enable_internet"] is metadata["is_private"] is True
    assert {"kmader/skin-cancer-mnist-ham10000", "fanconic/skin-cancer-malignant-vs-benign"} <= set(
        metadata["dataset_sources"]
    )
    content = nbformat.read(folder / metadata["code_file"], as_version=4)
    code = [c for c in content.cells if c.cell_type == "code"]
    assert "https://github.com/someone/the-study" in code[0].source and "OWNER" not in code[0].source
    given = {}
    exec(code[1].source, given)
    assert given["profile"] == "p100" and given["train_missing"] is True and not any(c.outputs for c in code)
    assert not any("injected-parameters" in c.metadata.get("tags", []) for c in code)


@pytest.mark.parametrize(
    ("remote", "user", "message"),
    [(None, "someone", "python -m lib address"), ("someone/the-study", None, "whose Kaggle account")],
)
def test_what_kaggle_needs_is_asked_for(tmp_path, monkeypatch, capsys, remote, user, message):
    monkeypatch.setattr(address, "remote_address", lambda: remote)
    monkeypatch.setattr(address, "stored_address", lambda: "OWNER/skin-lesion-reproducibility")
    monkeypatch.delenv("KAGGLE_USERNAME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["kaggle", "02", *(["--user", user] if user else []), "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("mounted", ["skin-cancer-mnist-ham10000", "datasets/kmader/skin-cancer-mnist-ham10000"])
def test_mounted_data_are_found_without_a_setting(tmp_path, monkeypatch, mounted):
    (tmp_path / mounted).mkdir(parents=True)
    monkeypatch.setattr(paths, "KAGGLE", tmp_path)
    monkeypatch.delenv("DERM_DATA", raising=False)
    assert data_root() == tmp_path
    assert locate_folder(SOURCES["ham10000"], data_root()) == tmp_path / mounted
    assert locate_folder(SOURCES["isic2019"], data_root()) is None


def test_the_address_stands_in_one_place():
    stored = address.stored_address()
    found = [
        (file.name, name)
        for place in address.PLACES
        for file in REPO.glob(place)
        for name in re.findall(r"github(?:\.com)?/([\w.-]+/skin-lesion-reproducibility)", file.read_text())
    ]
    assert len(found) > 24 and {name for _, name in found} == {stored}


def test_a_new_address_is_written_everywhere(tmp_path):
    shutil.copytree(REPO / "notebooks", tmp_path / "notebooks")
    for file in ("CITATION.cff", "README.md"):
        shutil.copy(REPO / file, tmp_path)
    address.write_address("someone/the-study", tmp_path)
    assert address.stored_address(tmp_path) == "someone/the-study"
    first = next(
        c for c in nbformat.read(tmp_path / "notebooks" / "02_dhanalakshmi2025.ipynb", 4).cells if c.id == "cell-01"
    )
    assert '_here / "the-study", "https://github.com/someone/the-study"' in first.source
    assert address.write_address("someone/the-study", tmp_path) == []


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("git@github.com:someone/the-study.git", "someone/the-study"),
        ("https://github.com/someone/the-study", "someone/the-study"),
        ("../the-study", None),
    ],
)
def test_the_remote_gives_the_address(tmp_path, url, found):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert address.remote_address(tmp_path) is None
    subprocess.run(["git", "remote", "add", "origin", url], cwd=tmp_path, check=True)
    assert address.remote_address(tmp_path) == found
