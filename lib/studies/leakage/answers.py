"""What notebook 10 found, in sentences made of its tables."""

import pandas as pd

from lib.evaluation.words import effect, listed
from lib.records import names
from lib.studies.leakage.kinds import kinds_in_words


def shared(counts: pd.DataFrame) -> str:
    """How many test images of the papers' splits show a lesion or subject that is in training too."""
    own = counts[(counts["split"] == "paper") & (counts["head"] == counts["head"].iloc[0])]
    n = own.groupby(["data", "seen"], sort=False)["n"].sum().unstack(fill_value=0)
    parts = [f"{row.get(True, 0) / row.sum():.0%} ({names.data_set(data)})" for data, row in n.iterrows()]
    return f"Under the papers' splits the lesion or subject is also in training for {listed(parts)} of test images."


def leak(table: pd.DataFrame, data: str) -> str:
    """What the paper's split adds on one data set of :func:`lib.studies.leakage.kinds.leak_table`."""
    rows = table[(table["data"] == data) & table["leak"].notna()].drop_duplicates("model")
    numbers = rows[["leak", "leak_low", "leak_high", "smallest_seen"]].to_numpy()
    parts = [f"{kind} {effect(*own)}" for kind, own in zip(kinds_in_words(rows), numbers, strict=True)]
    return f"**{names.data_set(data)}**, accuracy that leakage adds: {'; '.join(parts)}."


def finding(table: pd.DataFrame) -> str:
    """A :func:`lib.studies.leakage.kinds.leak_table` in one line: its range by data set, largest first."""
    own = table.groupby("data")["leak"].agg(["min", "max"]).dropna().sort_values("max", ascending=False)
    spans = [f"{' to '.join(dict.fromkeys(f'{bound:+z.1f}' for bound in bounds))} points on {names.data_set(data)}"
             for data, *bounds in own.itertuples()]  # fmt: skip
    return f"Leakage adds {listed(spans)}"


def source(rule: dict[str, float]) -> str:
    """What the archive alone tells of malignant-vs-benign; ``rule`` of :func:`image_origin.source_rule`."""
    return (
        f"In malignant-vs-benign, a rule that knows only which archive an image came from scores "
        f"{rule['accuracy']:.1%} of {rule['n']} test images; always answering benign scores {rule['majority']:.1%}."
    )


def site_left_out(sites: pd.DataFrame, data: str) -> str:
    """What a site of ``data`` loses that was not trained on; table of :func:`acquisition_site.compute_transfer`."""
    low, high = (-100 * sites["accuracy_difference"]).agg(["min", "max"])
    below = (sites["accuracy_high"] < 0).sum()
    return (
        f"In {names.data_set(data)}, a site left out of training loses {low:z.1f} to {high:z.1f} points of accuracy "
        f"(beyond chance at {below} of {len(sites)} sites)."
    )


def melanoma(contrasts: pd.DataFrame) -> str:
    """Differences in sensitivity between strata; table ``contrasts`` of :func:`strata.compute_strata`."""
    parts = [f"{r['first']} minus {r['second']}, {effect(*(100 * r[name] for name in ('difference', 'low', 'high')))}"
             for r in contrasts.to_dict("records")]  # fmt: skip
    return f"Melanoma sensitivity of a linear head at one threshold: {'; '.join(parts).replace('_', ' ')}."
