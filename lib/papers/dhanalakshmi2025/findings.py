"""What dhanalakshmi2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.data.catalogue import SOURCES
from lib.evaluation.words import effect, listed, points
from lib.published.values import load_published
from lib.records import names


def supports() -> str:
    """Table 3's supports beside a fifth of HAM10000."""
    printed = load_published("dhanalakshmi2025").set_index("id")["value"].filter(regex=r"convnext_tiny\..*\.support")
    malignant, n = printed.filter(like="malignant").iloc[0], printed.sum()
    counts = SOURCES["ham10000"].counts
    four = {dx: counts[dx] / 5 for dx in ("nv", "df", "bkl", "mel")}
    return (
        f"Table 3 counts {n:.0f} images, {malignant / n:.0%} of them malignant; a fifth of HAM10000 would be "
        f"{sum(four.values()):,.0f} with {four['mel'] / sum(four.values()):.0%} melanoma."
    )


def levels(table: pd.DataFrame) -> str:
    """Accuracies of :func:`lib.papers.dhanalakshmi2025.table_1` on its first data set beside the printed ones."""
    own = table[table["data"] == table["data"].iloc[0]]
    constant, runs = own[own["backbone"].isna()].iloc[0], own[own["backbone"].notna()]
    rows, others = runs[runs["printed"].notna()], runs[runs["printed"].isna()]
    told = [f"the paper's rows score **{rows['accuracy'].min():.1f} to {rows['accuracy'].max():.1f} %** ({_how(rows)})"]
    if len(others):
        best = others.loc[others["accuracy"].idxmax()]
        told.append(
            f"the best of {len(others)} other networks **{best['accuracy']:.1f} %** "
            f"[{best['low']:.1f}, {best['high']:.1f}] ({names.trained(best)})"
        )
    return (
        f"On the {constant['n']} test images of *{names.data_set(own['data'].iloc[0])}*, {listed(told)}; the paper "
        f"prints {rows['printed'].min():.1f} to {rows['printed'].max():.1f} %, and {constant['model']} "
        f"scores {constant['accuracy']:.1f} %."
    )


def distance(headline: pd.DataFrame) -> str:
    """How far the paper's rows lie from what is printed, and in what runs."""
    rows = headline[headline["split"] == "paper"]
    reasons = "; ".join(dict.fromkeys(rows["deviations"]))
    return (
        f"Ours minus printed: {rows['difference'].min():+z.1f} to {rows['difference'].max():+z.1f} points in "
        f"{len(rows)} rows" + (f" ({reasons})" if reasons else "")
    )


def optimism(table: pd.DataFrame) -> str:
    """What choosing the epoch on the reported images adds."""
    rows = table[table["backbone"].notna()]
    gap = (rows["best_epoch_on_test"] - rows["accuracy"]).mean()
    return (
        f"Taking the best epoch on the reported images, as the paper does, adds **{gap:.1f} points** on average over "
        f"{len(rows)} networks."
    )


def splits(table: pd.DataFrame) -> str:
    """What photographs of trained lesions among the test images add, by data set."""
    if table.empty:
        return "No recipe has records on both splits in this profile."
    numbers = ["difference", "difference_low", "difference_high", "smallest_seen"]
    told = [
        f"{names.data_set(row['data'])}: {effect(*(100 * row[k] for k in numbers))}" for row in table.to_dict("records")
    ]
    return (
        f"Accuracy on the paper's split minus that on the grouped one, mean over networks and draws: {'; '.join(told)}."
    )


def averaging(table: pd.DataFrame) -> str:
    """The plain mean's gain over its best member, by ensemble, on the paper's split."""
    rows = table[(table["strategy"] == "mean") & (table["split"] == "paper")]
    if rows.empty:
        return "No ensemble has all its members in this profile."
    numbers = ["gain", "gain_low", "gain_high"]
    told = [
        f"{row['ensemble']} ({names.how_trained(row['trained'], row['weights'])}) "
        f"{points(*(100 * row[k] for k in numbers))}"
        for row in rows.to_dict("records")
    ]
    seen = 100 * rows["smallest_seen"]
    return f"Averaging minus the best member: {'; '.join(told)}; {seen.min():.1f} to {seen.max():.1f} could be seen."


def split_effect(table: pd.DataFrame) -> str:
    told = [
        f"**{100 * row['difference']:+z.1f} [{100 * row['difference_low']:+z.1f}, "
        f"{100 * row['difference_high']:+z.1f}] points** on {row['data']} ({row['recipes']} recipes)"
        for row in table.to_dict("records")
    ]
    return f"""Benign against malignant, the paper's image-level split changes accuracy against the grouped one by
        {"; ".join(told)}."""


def ensembles(table: pd.DataFrame) -> str:
    table = table[table["gain"].notna()]
    better, worse = (table["gain_low"] > 0).sum(), (table["gain_high"] < 0).sum()
    return f"""**{better} of {len(table)}** ensembles beat their best member beyond chance (95 %, uncorrected) and
        {worse} lose to it; the median gain is {100 * table["gain"].median():+z.1f} points."""


def _how(rows: pd.DataFrame) -> str:
    pairs = zip(rows["trained"], rows["weights"], rows["px"], strict=True)
    return listed(list(dict.fromkeys(f"{names.how_trained(t, w)}, {px} px" for t, w, px in pairs)))


def steps(table: pd.DataFrame) -> str:
    """The largest network's training step beside the smallest's; ``table`` as ``lib.studies.steps`` gives it."""
    if table.empty:
        return "No training step is stored."
    small, large = (table.loc[table["million_parameters"].agg(which)] for which in ("idxmin", "idxmax"))
    return (
        f"A step of {names.network(large['model'])} takes {large['cpu_seconds'] / small['cpu_seconds']:.1f} times the "
        f"processor time of {names.network(small['model'])}'s, and {large['peak_GiB']:.1f} GiB with a batch of "
        f"{large['batch']}."
    )


FINDINGS = {
    "02_dhanalakshmi2025/split_pairs": split_effect,
    "02_dhanalakshmi2025/ensembles": ensembles,
}
