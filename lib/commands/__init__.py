"""Command line of the study: ``python -m lib <command>``.

Each command is a module of its name with ``add_command(subparsers)``, imported when it is asked for, so that
``python -m lib split`` does not wait for torch.
"""

import argparse
import importlib
import os
import sys

from lib.core.errors import StudyError, unknown_name

COMMANDS = ("data", "split", "run", "throughput", "reproduce", "notebook", "summary", "redraw", "findings", "site",
            "audit", "address", "kaggle")  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run one command; a ``StudyError`` is printed as one line and exits with 2."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="python -m lib", description="Skin-lesion reproducibility study")
    subparsers = parser.add_subparsers(dest="command", required=True)
    try:
        wanted = [argv[0]] if argv and argv[0] in COMMANDS else COMMANDS
        if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
            raise unknown_name("command", argv[0], COMMANDS)
        for name in wanted:
            importlib.import_module(f"lib.commands.{name}").add_command(subparsers)
        args = parser.parse_args(argv)
        code = args.run(args) or 0
        sys.stdout.flush()
        return code
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as the shell says of a program that the closed pipe ended
