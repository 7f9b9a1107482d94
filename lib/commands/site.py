"""``python -m lib site``: the study as web pages, from the stored notebooks and the committed results."""

import argparse
import os
from pathlib import Path

from lib.core.paths import REPO


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("site", help="write the study as web pages")
    parser.add_argument("--out", type=Path, default=REPO / "results" / "site")
    parser.add_argument("--check", action="store_true", help="then read every page in Chromium, and fail on a fault")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from lib.report.site.build import build

    pages = build(args.out)
    size = sum(p.stat().st_size for p in args.out.rglob("*") if p.is_file())
    print(f"{len(pages)} pages, {size / 1e6:.1f} MB in {os.path.relpath(args.out)}: open index.html")
    if not args.check:
        return 0
    from lib.report.site.browser import check_site, find_browser

    if not find_browser():
        print("not checked: no Chromium was found on the PATH")
        return 0
    faults = check_site(args.out)
    for fault in faults:
        print(f"fault: {fault}")
    print(f"checked in Chromium: {len(faults)} faults")
    return 1 if faults else 0
