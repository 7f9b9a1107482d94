"""``python -m lib address [OWNER/NAME]``: the public address in badges, first cells and citation."""

import argparse


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("address", help="write the repository's public address wherever it stands")
    parser.add_argument("new", nargs="?", metavar="OWNER/NAME", help="on GitHub (default: that of git's origin)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    from lib.core.address import remote_address, stored_address, write_address

    new = args.new or remote_address() or stored_address()
    changed = write_address(new)
    print(f"https://github.com/{new}: {len(changed)} files changed")
