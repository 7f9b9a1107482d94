"""``python -m lib findings``: the headline findings, and the generated parts of README and cards."""

import argparse

from lib.core.paths import REPO


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("findings", help="print the headline findings; keep README and cards up to date")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--write", action="store_true", help="write the generated parts of README and cards")
    group.add_argument("--check", action="store_true", help="exit with 1 if one of them is not up to date")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from lib.core.files import write_text
    from lib.report.site.blocks import FILES, regenerated, stale
    from lib.report.site.findings import findings

    results = REPO / "results"
    if args.check:
        found = stale(results)
        for name in found:
            print(f"{name} is not up to date: run `python -m lib findings --write`")
        return 1 if found else 0
    if args.write:
        for name in FILES:
            write_text(REPO / name, regenerated((REPO / name).read_text(encoding="utf-8"), results))
    for finding in findings(results):
        print(f"{finding.notebook}: {finding.text}")
    return 0
