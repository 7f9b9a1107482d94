"""The order of the rooms is the one that ``lib/README.md`` shows, and nothing imports against it or in a circle."""

import graphlib
import re
import subprocess
import sys

import grimp
import pytest

from lib.core.paths import REPO

ROOMS = re.findall(r"^\| `(\w+)/` ", (REPO / "lib" / "README.md").read_text(encoding="utf-8"), flags=re.M)


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("lib", cache_dir=None)


def test_every_room_is_listed_once(graph):
    rooms = {name.split(".")[1] for name in graph.modules if name.count(".")} - {"__main__", "bootstrap"}
    assert sorted(ROOMS) == sorted(rooms)


def test_no_import_against_the_order(graph):
    found = graph.find_illegal_dependencies_for_layers(layers=ROOMS[::-1], containers={"lib"})
    assert sorted((head, tail) for d in found for r in d.routes for head in r.heads for tail in r.tails) == []


def test_no_paper_imports_another(graph):
    papers = [grimp.Layer(*sorted(graph.find_children("lib.papers")), independent=True)]
    assert graph.find_illegal_dependencies_for_layers(layers=papers) == set()


def test_no_circle(graph):
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert set(graphlib.TopologicalSorter(imports).static_order()) == graph.modules


def test_command_line_starts_without_torch():
    """``python -m lib split`` must not wait for it: commands import it inside their functions."""
    code = """
import sys
from lib.commands import main
try:
    main(["--help"])
except SystemExit:
    print(sorted({"torch", "timm", "lightning", "albumentations"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
