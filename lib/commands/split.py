"""``python -m lib split``: write a split as a CSV file and say what it leaks."""

import argparse

from lib.core.errors import StudyError


def add_command(subparsers) -> None:
    parser = subparsers.add_parser("split", help="divide a data set into train, val and test")
    parser.add_argument("name", nargs="?", help="name of the split; --list shows them")
    parser.add_argument("--data-root", help="folder of the data sets (default: $DERM_DATA, else data/)")
    parser.add_argument("--out", help="CSV file to write; without it, only the counts are printed")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random splits (default: 0)")
    parser.add_argument("--fractions", type=float, nargs=3, metavar=("TRAIN", "VAL", "TEST"), help="shares, sum 1")
    parser.add_argument("--list", action="store_true", help="list the splits and stop")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Make the split ``args.name``, print its counts and leakage, and write it to ``args.out``."""
    from lib.core.files import write_atomic
    from lib.data import load_index
    from lib.data.splits import PARTS, SPLITS, find_split, leakage_report, make_split

    if args.list:
        for name, split in SPLITS.items():
            shares = f", {'/'.join(f'{f:g}' for f in split.fractions)}" if split.fractions else ""
            print(f"{name:28}{split.dataset:22}{split.description}{shares}")
        return
    if args.name is None:
        raise StudyError("give the name of a split; python -m lib split --list shows them.")
    if not 0 <= args.seed < 2**32:
        raise StudyError(f"--seed is {args.seed}: give a number from 0 to {2**32 - 1}.")
    index = load_index(find_split(args.name).dataset, args.data_root)
    split = make_split(args.name, index, fractions=args.fractions, seed=args.seed)
    counts = ", ".join(f"{part} {(split == part).sum()}" for part in PARTS)
    print(f"{args.name}: {len(index)} images: {counts}")
    key = next((column for column in ("lesion_id", "subject_id") if column in index), "group")
    known = index.attrs["groups_known"]
    if not known:
        print("which images show one lesion is not known here, so the leakage is not either")
    for against in (("train",), ("train", "val")) if known else ():
        total = leakage_report(index, split, against).loc["total"]
        print(
            f"test images that share a {key.removesuffix('_id')} with {' or '.join(against)}: "
            f"{total['n_shared']:.0f} of {total['n_test']:.0f} ({total['share']:.1%})"
        )
    if args.out:
        table = index[["image_id", key, "dx"]].assign(split=split)
        write_atomic(args.out, lambda path: table.to_csv(path, index=False))
        print(f"wrote {args.out}")
