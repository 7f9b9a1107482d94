"""``python -m lib notebook``: execute notebooks with papermill, check that they ran to their end, render HTML."""

import argparse
import json
import os
from pathlib import Path

from lib.core.errors import StudyError
from lib.core.files import write_text
from lib.core.paths import REPO


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("notebook", help="execute and render notebooks")
    parser.add_argument("name", help="number or name, several with commas, or all")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--records-only", action="store_true", help="train nothing: show the records at hand")
    parser.add_argument("--store", action="store_true", help="also keep the rendered notebook in notebooks/")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from lib.records.jobs import FOLDER, notebooks, profile_parameters, results_folder
    from lib.report.stored import KEPT, MADE

    results = results_folder(args.profile)
    parameters = profile_parameters(args.profile)
    if args.records_only:
        parameters["train_missing"] = False
    for name in notebooks("" if args.name == "all" else args.name):
        output = results / "notebooks" / f"{name}.ipynb"
        execute(FOLDER / f"{name}.ipynb", output, parameters, results / "done" / f"{name}.json")
        render(output, results / "html" / f"{name}.html")
        note = json.loads((results / "done" / f"{name}.json").read_text(encoding="utf-8"))
        print(f"{name}: {len(note['tables'])} tables, {len(note['figures'])} figures, {note['seconds']} s", flush=True)
        if args.store:
            kept = output.read_text(encoding="utf-8").replace(MADE, KEPT)
            write_text(FOLDER / f"{name}.ipynb", kept)


def execute(source: Path, output: Path, parameters: dict, done: Path) -> None:
    """Run ``source`` with ``parameters`` from the repository's root and write ``output``.

    A kernel that dies leaves a notebook that claims every cell completed, and ``sys.exit(0)`` in a cell ends one
    without an error: only ``done``, which the last cell writes, proves that it ran to its end.

    Raises:
        StudyError: a cell failed, the kernel died, or the last cell was not reached.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError

    if not parameters["train_missing"]:
        os.environ["OMP_NUM_THREADS"] = "1"  # sums end at another digit with more threads
    done.unlink(missing_ok=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            str(source), str(output), parameters, cwd=str(REPO), kernel_name="python3", progress_bar=False,
            log_output=True, request_save_on_cell_execute=False, extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        raise StudyError(f"{source.name}, cell {error.exec_count}: {error.ename}: {error.evalue}") from None
    except DeadKernelError:
        raise StudyError(f"{source.name}: the kernel died, likely out of memory: use a smaller profile.") from None
    if not done.is_file():
        raise StudyError(f"{source.name} ended before its last cell: the kernel died or a cell called exit.")
    clean(output)


def clean(notebook: Path) -> None:
    """Drop papermill's metadata, which holds paths and times of one machine, and put the answer at the top."""
    import nbformat

    content = nbformat.read(notebook, as_version=4)
    content.metadata.pop("papermill", None)
    for cell in content.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    lift_answer(content)
    write_text(notebook, nbformat.writes(content))


def lift_answer(content) -> None:
    """Move what ``study.in_short`` displayed into the Markdown cell with the tag ``in-short``, if there is one."""
    from lib.report.study import IN_SHORT

    places = [cell for cell in content.cells if IN_SHORT in cell.metadata.get("tags", [])]
    for cell in content.cells if places else []:
        for output in [o for o in cell.get("outputs", []) if o.get("metadata", {}).get(IN_SHORT)]:
            places[0].source = output["data"]["text/markdown"]
            cell.outputs.remove(output)


def render(notebook: Path, html: Path) -> None:
    """Static HTML of an executed notebook."""
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter(template_name="lab").from_filename(str(notebook))
    write_text(html, body)
