"""The notebooks on a host's preinstalled versions: ``python tests/hosts/run.py colab [NOTEBOOK ...]``.

Makes an environment of ``tests/hosts/<name>.txt`` (about 7 GB) and a clone of this checkout in ``.hosts/<name>``, runs
the first cell there as the host would, then executes the notebooks on the smoke profile in that environment's kernel,
training what they need. papermill itself stays outside.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def main(name: str, only: list[str]) -> None:
    listed = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    settings = dict(re.findall(r"^# (python|env|kernels) (\S+)$", listed, flags=re.M))
    folder = REPO / ".hosts" / name
    python, checkout = folder / "venv" / "bin" / "python", folder / "checkout"
    if not python.is_file():
        version = f"python{settings['python']}"
        if not shutil.which(version):
            sys.exit(f"{name} has {version}, which is not here: install it.")
        subprocess.run([version, "-m", "venv", folder / "venv"], check=True)
    pip = [python, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "-r", REPO / "tests" / "hosts" / f"{name}.txt"], check=True)
    if "kernels" in settings:
        code = f"import torch; assert {settings['kernels']!r} in torch._C._cuda_getArchFlags().split()"
        subprocess.run([python, "-c", code], check=True)
    shutil.rmtree(checkout, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", REPO, checkout], check=True)
    variable, _, value = settings["env"].partition("=")
    environment = {**os.environ, variable: value, "PYTHONPATH": str(checkout), "JUPYTER_PATH": str(folder)}
    first = json.loads(next((checkout / "notebooks").glob("00_*.ipynb")).read_text(encoding="utf-8"))
    cell = next(c for c in first["cells"] if "bootstrap" in c["metadata"].get("tags", []))
    subprocess.run([python, "-c", "".join(cell["source"])], cwd=checkout / "notebooks", env=environment, check=True)
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": name, "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(described), encoding="utf-8")
    command = [sys.executable, "-m", "lib", "notebook", ",".join(only) or "all", "--profile", "smoke"]
    subprocess.run(command, cwd=checkout, env=environment, check=True)
    print(f"{name}: done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
