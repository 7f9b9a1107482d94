"""``python -m lib kaggle 02 --profile p100``: folders that ``kaggle kernels push -p FOLDER`` takes."""

import argparse
import json
import os
from pathlib import Path

from lib.core.errors import StudyError
from lib.core.files import write_json, write_text


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("kaggle", help="write notebooks with their settings for Kaggle")
    parser.add_argument("only", help="number or name of a notebook, several with commas")
    parser.add_argument("--profile", default="p100")
    parser.add_argument("--user", help="Kaggle's user name (default: $KAGGLE_USERNAME, else ~/.kaggle/kaggle.json)")
    parser.add_argument("--out", type=Path, default=Path("kaggle"), help="folder of the folders")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from lib.records.jobs import notebooks

    user = args.user or _user()
    for name, grids in notebooks(args.only).items():
        folder = args.out / name
        absent = write_folder(folder, name, grids, args.profile, user)
        more = f" (attach yourself: {', '.join(absent)})" if absent else ""
        print(f"kaggle kernels push -p {os.path.relpath(folder)}{more}")


def write_folder(folder: Path, name: str, grids: tuple[str, ...], profile: str, user: str) -> list[str]:
    """Write the notebook with ``profile``'s parameters and Kaggle's metadata; the data sets that Kaggle lacks."""
    import nbformat

    from lib.core.address import remote_address, stored_address
    from lib.data.files.remote import ORIGINS, Kaggle
    from lib.plan.grid import planned_runs
    from lib.records.jobs import FOLDER, profile_parameters

    parameters = profile_parameters(profile)
    specs = [p.spec for grid in grids for p in planned_runs(grid, profile)]
    handles = {}
    for n in dict.fromkeys([*parameters["datasets"], *(n for s in specs for n in (s.dataset, *s.external))]):
        if not n.startswith("synthetic"):
            handles[n] = next((o.handle for o in ORIGINS.get(n, {}).values() if isinstance(o, Kaggle)), None)
    address = remote_address() or stored_address()
    if address.startswith("OWNER/"):
        raise StudyError("Kaggle fetches the study from its public address: give it with `python -m lib address`.")
    source = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8").replace(stored_address(), address)
    content = nbformat.reads(source, as_version=4)
    content.cells = [c for c in content.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    write_text(folder / f"{name}.ipynb", nbformat.writes(content))
    title = f"{name.replace('_', ' ')} {profile}"
    gpu = profile in ("gpu", "p100")
    metadata = {
        "id": f"{user}/{title.lower().replace(' ', '-')}",
        "title": title,
        "code_file": f"{name}.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": gpu,
        "enable_internet": True,
        # Kaggle's command line says of NvidiaTeslaP100 that sessions run on a T4 instead.
        "machine_shape": "NvidiaTeslaT4" if gpu else "",
        "dataset_sources": [handle for handle in handles.values() if handle],
        **{f"{kind}_sources": [] for kind in ("competition", "kernel", "model")},
    }
    write_json(folder / "kernel-metadata.json", metadata)
    return [n for n, handle in handles.items() if not handle]


def _user() -> str:
    file = Path("~/.kaggle/kaggle.json").expanduser()
    stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if user := os.environ.get("KAGGLE_USERNAME") or stored.get("username"):
        return user
    raise StudyError("whose Kaggle account? give --user or set KAGGLE_USERNAME.")
