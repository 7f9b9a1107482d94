"""``python -m lib data list | verify NAME | fetch NAME``."""

import argparse
import json


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("data", help="list, check or download the data sets")
    actions = parser.add_subparsers(dest="action", required=True)
    root = argparse.ArgumentParser(add_help=False)
    root.add_argument("--data-root", metavar="DIR", help="folder of the data sets (default: $DERM_DATA, else data/)")

    listing = actions.add_parser("list", parents=[root], help="the data sets, where they come from, which are there")
    listing.set_defaults(run=_list)

    check = actions.add_parser("verify", parents=[root], help="check ids and counts, decode every image, print JSON")
    check.add_argument("name", metavar="NAME")
    check.set_defaults(run=_verify)

    get = actions.add_parser("fetch", parents=[root], help="download a data set")
    get.add_argument("name", metavar="NAME")
    get.add_argument("--source", metavar="SOURCE", help="where from (`list` names them; default: the first)")
    get.set_defaults(run=_fetch)


def _list(args: argparse.Namespace) -> None:
    from lib.core.paths import data_root
    from lib.data.catalogue import SOURCES
    from lib.data.files.remote import ORIGINS
    from lib.data.index import locate_folder

    root = data_root(args.data_root)
    for name, source in sorted(SOURCES.items()):
        folder = locate_folder(source, root)
        print(f"{name}: {source.title}, {source.licence}")
        print(f"  here: {folder or 'no'}")
        print(f"  sources: {', '.join(ORIGINS[name])}")
    print("synthetic: made at first use, no restrictions")


def _verify(args: argparse.Namespace) -> None:
    from lib.data import verify

    print(json.dumps(verify(args.name, args.data_root), indent=1, ensure_ascii=False))


def _fetch(args: argparse.Namespace) -> None:
    from lib.data.catalogue import SOURCES
    from lib.data.files.fetch import fetch

    if args.name in SOURCES:
        source = SOURCES[args.name]
        print(f"{source.title} is licensed {source.licence}. Cite: {source.citation}.", flush=True)
    index = fetch(args.name, args.data_root, args.source)
    print(f"{len(index)} images of {args.name} are there; `python -m lib data verify {args.name}` decodes them all.")
