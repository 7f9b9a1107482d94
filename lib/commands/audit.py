"""``python -m lib audit``: check the published numbers and write what was found."""

from argparse import Namespace
from pathlib import Path


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("audit", help="check the published numbers of the papers for consistency")
    parser.add_argument("--out", type=Path, required=True, help="folder for audit_findings.csv, accuracy_intervals.csv")
    parser.add_argument("--sensitivity", type=int, metavar="N", help="instead: plant N misprints per paper and kind")
    parser.add_argument("--seed", type=int, default=1, help="which misprints (default: 1)")
    parser.add_argument("--paper", action="append", help="only this paper (may be repeated; default: all)")
    parser.set_defaults(run=run)


def run(args: Namespace) -> None:
    """Write both tables and print the number of checks per paper and verdict, then the severe findings.

    With ``--sensitivity`` write and print how many planted misprints are noticed instead.
    """
    from lib.audit import accuracy_intervals, audit_findings
    from lib.audit.finding import VERDICTS
    from lib.audit.report import verdict_counts
    from lib.audit.sensitivity import sensitivity
    from lib.core.files import write_atomic
    from lib.papers import audits

    chosen = audits(args.paper)
    if args.sensitivity:
        tables = {"sensitivity": sensitivity(chosen, args.sensitivity, args.seed)}
    else:
        tables = {"audit_findings": audit_findings(chosen), "accuracy_intervals": accuracy_intervals(chosen)}
    for name, table in tables.items():
        path = write_atomic(args.out / f"{name}.csv", lambda p, t=table: t.to_csv(p, index=False))
        print(f"{path}: {len(table)} rows")
    if args.sensitivity:
        print(tables["sensitivity"].round(3).to_string(index=False))
        return
    findings = tables["audit_findings"]
    print(verdict_counts(findings).set_index("paper")[list(VERDICTS)].rename_axis(columns="verdict").to_string())
    for row in findings[findings["severity"] == "severe"].to_dict("records"):
        print("severe: {paper}: {item} ({check}): {explanation}".format_map(row))
