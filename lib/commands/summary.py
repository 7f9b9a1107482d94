"""``python -m lib summary``: what the notebooks of a profile wrote, checked."""

import argparse
import json
import os

from lib.core.errors import StudyError


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("summary", help="check what the notebooks of a profile wrote")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--only", default="")
    parser.set_defaults(run=summary)


def summary(args: argparse.Namespace) -> None:
    """Count the tables and figures of the notebooks.

    Raises:
        StudyError: a notebook did not finish or has no outputs, or a table or figure that it names is missing.
    """
    import nbformat

    from lib.records.jobs import notebooks, results_folder

    results, chosen = results_folder(args.profile), notebooks(args.only)
    tables = figures = 0
    for name in chosen:
        done = results / "done" / f"{name}.json"
        if not done.is_file():
            raise StudyError(f"{name} did not run to its end: run `make reproduce PROFILE={args.profile}`.")
        note = json.loads(done.read_text(encoding="utf-8"))
        for file in (*note["tables"], *note["figures"], f"html/{name}.html"):
            if not (results / file).is_file() or not (results / file).stat().st_size:
                raise StudyError(f"{name} names {file}, which is missing or empty in {results}.")
        rendered = nbformat.read(results / "notebooks" / f"{name}.ipynb", as_version=4)
        if not any(c.get("outputs") for c in rendered.cells):
            raise StudyError(f"{name} was rendered without any output.")
        tables, figures = tables + len(note["tables"]), figures + len(note["figures"])
    print(f"in {os.path.relpath(results)}: notebooks {len(chosen)}, tables {tables}, figures {figures}")
