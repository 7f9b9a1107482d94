"""A checkout with one paper of two small runs and one notebook that shows them."""

import os
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from lib.core.paths import REPO, cache_dir

RUNS = """
base:
  {dataset: synthetic, task: dx, split: {name: synthetic-lesion}, image_size: 32, loss: {name: cross_entropy},
   optimizer: {name: adamw, lr: 1.0e-3}, epochs: 3, batch_size: 64, precision: "32"}
batches:
  smoke:
    profiles: [smoke]
    set: {model: {backbone: test_convnext, weights: none}}
    grid: {seed: [0, 1]}
"""
CELLS = (
    "from lib.report.study import begin",
    'study = begin("00_small", globals())',
    'runs = study.runs("small2026")',
    'study.table(__import__("pandas").concat([r.history.drop(columns=["seconds", "images_per_second"]) '
    'for _, r in runs]), "histories")',
    "study.finish()",
)


def small_study(folder: Path) -> dict[str, str]:
    """Write the checkout to ``folder``; the environment to work in there."""
    for part in ("lib", "params", "profiles"):
        shutil.copytree(REPO / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPO / "Snakefile", folder)
    runs = folder / "params" / "papers" / "small2026" / "runs.yaml"
    runs.parent.mkdir(parents=True)
    runs.write_text(RUNS)
    (folder / "notebooks").mkdir()
    given = "\n".join(f"{k} = {v!r}" for k, v in {"profile": "smoke", "datasets": ["synthetic"]}.items())
    cells = [new_code_cell(given, metadata={"tags": ["parameters"]}), *map(new_code_cell, CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "study": {"papers": ["small2026"]}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), folder / "notebooks" / "00_small.ipynb")
    return {
        **os.environ,
        "PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}",
        "DERM_CACHE": str(cache_dir().resolve()),
    }
