"""What dhanalakshmi2025 comes to: sentences whose numbers are those of the committed tables."""

import math
from collections.abc import Sequence

import pandas as pd

from lib.data.catalogue import SOURCES
from lib.evaluation.words import draws, effect, listed, would_show
from lib.papers.dhanalakshmi2025 import PAPER
from lib.plan.grid import planned_runs, reference
from lib.plan.spec import Augmentation
from lib.published.values import published_values
from lib.records import names
from lib.records.seeds import Recipe, split_kind

LEVEL = 0.01  # nats above the least value that are no rise


def supports() -> str:
    """Table 3's supports beside a fifth of HAM10000."""
    printed = published_values(PAPER).filter(regex=r"convnext_tiny\..*\.support")
    malignant, n = printed.filter(like="malignant").iloc[0], printed.sum()
    counts = SOURCES["ham10000"].counts
    four = {dx: counts[dx] / 5 for dx in ("nv", "df", "bkl", "mel")}
    whole = sum(four.values())
    return (
        f"Table 3 counts {n:.0f} images, {malignant / n:.0%} of them malignant; a fifth of HAM10000's "
        f"{listed(list(four))} images would be {whole:,.0f} with {four['mel'] / whole:.0%} melanoma."
    )


def levels(table: pd.DataFrame) -> str:
    """Accuracies of :func:`lib.papers.dhanalakshmi2025.table_1` on its first data set beside the printed ones, and the
    best on each of the others."""
    own = table[table["data"] == table["data"].iloc[0]]
    constant, runs = own[own["backbone"].isna()].iloc[0], own[own["backbone"].notna()]
    rows, others = runs[runs["printed"].notna()], runs[runs["printed"].isna()]
    told = [f"the paper's rows score **{rows['accuracy'].min():.1f} to {rows['accuracy'].max():.1f} %** ({_how(rows)})"]
    if len(others):
        told.append(f"the best of {len(others)} other networks {_best(others)}")
    elsewhere = [
        f" On the {found['n'].iloc[0]:,} of *{names.data_set(data)}* the best of {len(found) - 1} networks scores "
        f"{_best(found.iloc[1:])}, and {found['model'].iloc[0]} {found['accuracy'].iloc[0]:.1f} %."
        for data, found in table[table["data"] != own["data"].iloc[0]].groupby("data", sort=False)
    ]
    return (
        f"On the {constant['n']} test images of *{names.data_set(own['data'].iloc[0])}*, {listed(told)}; the paper "
        f"prints {rows['printed'].min():.1f} to {rows['printed'].max():.1f} %, and {constant['model']} "
        f"scores {constant['accuracy']:.1f} %." + "".join(elsewhere)
    )


def _best(rows: pd.DataFrame) -> str:
    best = rows.loc[rows["accuracy"].idxmax()]
    return f"**{best['accuracy']:.1f} %** [{best['low']:.1f}, {best['high']:.1f}] ({names.trained(best)})"


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
        f"{len(rows)} recipes."
    )


def loss_rise(table: pd.DataFrame) -> str:
    """Whether the test loss rose after its least value; ``table`` is :func:`lib.papers.dhanalakshmi2025.losses`."""
    rows = table[table[["test_loss", "least_test_loss"]].notna().all(axis=1)]
    if rows.empty:
        return ""
    risen = (rows["test_loss"] - rows["least_test_loss"]).max()
    told = listed([names.network(name) for name in rows["backbone"].unique()])
    rose = "rose" if risen > LEVEL else "never rose"
    return f"The test loss of {told} {rose}: it ends at most {risen:.3f} nats above its least."


def predating(claims: pd.DataFrame) -> str:
    """How many effects of :func:`lib.papers.claims_of` rest on runs that were there before the rules."""
    made = claims.loc[claims["evidence"].isin(["direct", "reduced"]), "runs_made"]
    if made.empty:
        return ""
    return (
        f"{(made == 'before the rule').sum()} of {len(made)} verdicts from runs rest on runs made before their rules."
    )


def data_sets(recipes: Sequence[Recipe], profile: str) -> str:
    """Data sets of the profile's grid that no stored run is of."""
    planned = {run.spec.dataset for run in planned_runs(PAPER, profile)} - {r.spec.dataset for r in recipes}
    named = listed([names.data_set(name) for name in sorted(planned)])
    return f"Planned, but without a stored run: {named}." if planned else ""


def settings(recipes: Sequence[Recipe]) -> str:
    """How long the stored runs were trained, in which batches, and whether augmented."""
    told = []
    for spec in (recipe.spec for recipe in recipes):
        augmented = "without" if spec.augmentation == Augmentation() else "with"
        how = names.how_trained(spec.model.train, spec.model.weights)
        told.append(f"{how}: up to {spec.epochs} epochs, batches of {spec.batch_size}, {augmented} augmentation")
    return f"Of the stored runs, {'; '.join(dict.fromkeys(told))}."


def splits(table: pd.DataFrame) -> str:
    """What photographs of trained lesions among the test images add, by data set."""
    if table.empty:
        return "No recipe has records on both splits in this profile."
    numbers = ["difference", "difference_low", "difference_high", "smallest_seen"]
    told = [
        f"{names.data_set(row['data'])}: {effect(*(100 * row[k] for k in numbers))}, mean over the {row['recipes']} "
        f"networks with {draws(row['draws'])} of the split"
        for row in table.to_dict("records")
    ]
    return f"Accuracy on the paper's split minus that on the grouped one: {'; '.join(told)}."


def averaging(table: pd.DataFrame) -> str:
    """The plain mean's gain over its best member, by ensemble, on the paper's split."""
    rows = table[(table["strategy"] == "mean") & (table["split"] == "paper")]
    if rows.empty:
        return "No ensemble has all its members in this profile."
    called = [
        f"{row['ensemble']} ({names.how_trained(row['trained'], row['weights'])}{_where(row['data'], rows)})"
        for row in rows.to_dict("records")
    ]
    gains = 100 * rows[["gain", "gain_low", "gain_high", "smallest_seen"]].set_index(pd.Index(called))
    beyond = (gains["gain_low"] > 0) | (gains["gain_high"] < 0)
    told = [f"{name} {effect(*gain[:3])}" for name, *gain in gains[beyond].itertuples()]
    if len(rest := gains[~beyond]):
        size = f"{rest['gain'].min():+z.1f} to {rest['gain'].max():+z.1f} points"
        told.append(f"no difference seen in {len(rest)} of {len(gains)} ({size}). {would_show(rest['smallest_seen'])}")
    return f"Averaging minus the best member, by ensemble: {'; '.join(told)}".removesuffix(".") + "."


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


def _where(data: str, rows: pd.DataFrame) -> str:
    """The data set's name, if ``rows`` are of several."""
    return ", " + names.data_set(data).partition(",")[0] if rows["data"].nunique() > 1 else ""


def _how(rows: pd.DataFrame) -> str:
    pairs = zip(rows["trained"], rows["weights"], rows["px"], strict=True)
    return listed(list(dict.fromkeys(f"{names.how_trained(t, w)}, {px} px" for t, w, px in pairs)))


def with_hours(table: pd.DataFrame, recipes: Sequence[Recipe]) -> pd.DataFrame:
    """``table`` as ``lib.studies.steps`` gives it, with ``cpu_hours``: the paper's epochs over the training images
    (those of the first run on the paper's split, validation images included) in such steps."""
    n = next(r.records[0].info["n"] for r in recipes if split_kind(r.spec) == "paper")
    steps = [
        reference(PAPER)["epochs"] * math.ceil((n["train"] + n["val"]) / batch) for batch in table.get("batch", ())
    ]
    return table.assign(cpu_hours=steps * table["cpu_seconds"] / 3600) if len(table) else table


def steps(table: pd.DataFrame) -> str:
    """The largest network's training step beside the smallest's; ``table`` is :func:`with_hours`."""
    if table.empty:
        return "No training step is stored."
    own = reference(PAPER)
    small, large = (table.loc[table["million_parameters"].agg(which)] for which in ("idxmin", "idxmax"))
    return (
        f"A step of {names.network(large['model'])} takes {large['cpu_seconds'] / small['cpu_seconds']:.1f} times the "
        f"processor time of {names.network(small['model'])}'s, and {large['peak_GiB']:.1f} GiB with a batch of "
        f"{large['batch']}. The paper's {own['epochs']} epochs in such steps take {small['cpu_hours']:,.0f} to "
        f"{large['cpu_hours']:,.0f} CPU hours; batches of {own['batch_size']}, the paper's, were not measured."
    )


FINDINGS = {
    "02_dhanalakshmi2025/split_pairs": split_effect,
    "02_dhanalakshmi2025/ensembles": ensembles,
}
