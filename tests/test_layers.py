"""No module imports upward: the order is the one that ``lib`` documents."""

import ast
import graphlib
import re

import lib
from lib.core.paths import REPO

MODULES = {
    ".".join(p.relative_to(REPO).with_suffix("").parts).removesuffix(".__init__"): p
    for p in sorted((REPO / "lib").rglob("*.py"))
}


def layers() -> list[list[str]]:
    """Names of each layer, lowest first, from the indented part of the docstring."""
    listing = " ".join(line for line in lib.__doc__.splitlines() if line.startswith("    "))
    return [[name.strip() for name in layer.split(",")] for layer in listing.split("<")]


ORDER = {name: number for number, layer in enumerate(layers()) for name in layer}


def layer_of(module: str) -> int:
    """Number of the layer; commands stand at the top wherever their file is."""
    name = module.removeprefix("lib").removeprefix(".") or "lib"
    if re.search(r"(^|[._])command$", name) or name == "__main__":
        return ORDER["cli"]
    if name == "lib":
        return 0
    return ORDER[name.split(".")[0]]


def imports(file, module: str, *, top_level: bool = False) -> set[str]:
    """Modules of ``lib`` that ``file`` imports, also inside functions unless ``top_level``."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name in MODULES and name != module}


def test_imports_point_downward():
    upward = [
        f"{module} imports {name}"
        for module, file in MODULES.items()
        for name in sorted(imports(file, module))
        if layer_of(name) > layer_of(module)
    ]
    assert not upward


def test_no_cycles():
    graph = {module: imports(file, module, top_level=True) for module, file in MODULES.items()}
    list(graphlib.TopologicalSorter(graph).static_order())


def test_every_named_module_exists_once():
    names = [name for layer in layers() for name in layer]
    assert len(names) == len(set(names))
    present = {module.split(".")[1] for module in MODULES if "." in module}
    commands = {name for name in present if name.endswith("_command")}
    assert set(names) == present - commands - {"__main__"}


def test_command_line_starts_without_torch():
    """``python -m lib split`` must not wait for it: command modules import it inside their functions."""
    heavy = ("torch", "timm", "lightning", "albumentations")
    reached, waiting = set(), ["lib.commands", *(m for m in MODULES if m.endswith("command"))]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        source = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        for node in source.body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.split(".")[0] in heavy], f"{module} imports {names}"
        waiting += imports(MODULES[module], module, top_level=True)
    assert len(reached) > 5
