"""What the paper's split adds to accuracy, per data set: to a linear head, to one that copies, to a network."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lib.evaluation.estimates import Estimate, mean, smallest_detectable
from lib.records import names
from lib.records.seeds import Recipe, learned, value
from lib.studies.claims.recipes import grouped_partner
from lib.studies.claims.rows import apart
from lib.studies.leakage.observed import KINDS, drawn_pairs, over_pairs
from lib.studies.leakage.paired import difference_table

HEADS = {"logistic": "linear head", "nearest": "nearest neighbour"}
CONSTANT, FINE_TUNED, SCRATCH = "constant answer", "fine-tuned network", "network from scratch"
FROZEN = "frozen network"
ORDER = (CONSTANT, *HEADS.values(), FINE_TUNED, SCRATCH)
ACCURACY = [f"{kind}_accuracy" for kind in KINDS]
COLUMNS = {**dict(zip(ACCURACY, KINDS, strict=True)), "leak": "difference", "leak_low": "low", "leak_high": "high",
           "smallest_seen": "smallest_seen"}  # fmt: skip
NETWORK = ("data", "model", "published_in", "trained", "setting", *ACCURACY, "leak", "leak_low", "leak_high",
           "smallest_seen", "draws", "splits", "gap")  # fmt: skip
POINTS = 100.0


def leak_table(counts: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """One row per data set of ``counts`` and kind of model, in points: accuracy on both splits, and their difference.

    Args:
        counts: as :func:`lib.studies.leakage.paired.stored_counts` gives them; its heads have a row each.
        networks: as :func:`network_table` gives them; the mean over those with the most draws, all on the same ones,
            has a row.

    ``splits``: pairs of splits over which ``leak`` has its interval; 1 where that is over lesions and seeds alone.
    ``recipes``: of networks those in the mean. ``smallest_seen``: what these runs could have seen at 80 % power.
    """
    rows = [*_constant(counts), *_heads(counts), *_networks(networks)]
    table = pd.DataFrame(rows)
    order = {"data": list(counts["data"].unique()), "model": ORDER}
    table = table[table["data"].isin(order["data"])]
    return table.sort_values(list(order), key=lambda c: c.map(order[c.name].index), ignore_index=True)


def kinds_in_words(table: pd.DataFrame) -> pd.Series:
    """The kinds of model of a :func:`leak_table`; those with several recipes say of how many they are the mean."""
    several = table["recipes"].map(", mean of {:.0f} recipes".format).where(table["recipes"] > 1, "")
    return table["model"] + several


def _constant(counts: pd.DataFrame) -> Iterable[dict]:
    for data, own in counts.groupby("data", sort=False):
        first = own[(own["features"] == own["features"].iloc[0]) & (own["head"] == own["head"].iloc[0])]
        by_class = first.groupby(["split", "seed", "dx"])["n"].sum().groupby(["split", "seed"])
        share = (POINTS * by_class.max() / by_class.sum()).groupby("split").mean()
        yield {"data": data, "model": CONSTANT, **dict(zip(ACCURACY, share[list(KINDS)], strict=True))}


def _heads(counts: pd.DataFrame) -> Iterable[dict]:
    for row in difference_table(counts).to_dict("records"):
        points = {name: POINTS * row[column] for name, column in COLUMNS.items()}
        yield {"data": row["data"], "model": HEADS[row["head"]], "made_of": _features(row["features"]), **points,
               "recipes": 1, "splits": row["split_seeds"]}  # fmt: skip


def _features(name: str) -> str:
    """``<backbone>-224px`` or ``pixels-12px`` in words."""
    backbone, px = name.rsplit("-", 1)
    return f"{names.network(backbone)}{'' if backbone == 'pixels' else ', frozen'}, {px.removesuffix('px')} px"


def _networks(table: pd.DataFrame) -> Iterable[dict]:
    trained = table[table["model"].isin((FINE_TUNED, SCRATCH))]
    for data, own in trained.groupby("data", sort=False):
        own = own[own["model"] == min(own["model"], key=ORDER.index)]
        own = own[own["splits"] == own["splits"].max()]
        most = own["gap"].iloc[own["draws"].argmax()].runs
        own = own[[gap.runs == most for gap in own["gap"]]]
        gap, made = mean(own["gap"].tolist()), "; ".join(own["trained"].unique())
        yield {"data": data, "model": own["model"].iloc[0], "recipes": len(own),
               "made_of": f"mean of {len(own)} recipes: {made}" if len(own) > 1 else made,
               **own[ACCURACY].mean(), **_points(gap), "splits": own["splits"].iloc[0]}  # fmt: skip


def network_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per recipe on both splits, in points: accuracy on each and their difference over all draws.

    ``gap``: the difference as an :class:`Estimate`; ``setting``: what sets runs of one network apart. Networks that
    learned nothing on the paper's split are left out; that nothing carries over to the grouped one is a finding.
    """
    rows, planned = [], []
    for pairs in drawn_pairs(recipes):
        splits = [pairs[0][kind].spec.split.name for kind in KINDS]
        if grouped_partner(splits[0]) != splits[1] or not all(learned(r) for p in pairs for r in p["paper"].records):
            continue
        gap = POINTS * over_pairs(pairs, repeats)
        means = [POINTS * float(np.mean([value(p[kind], "accuracy") for p in pairs])) for kind in KINDS]
        draws = sum(len(p["paper"].seeds) for p in pairs)
        row = {"data": pairs[0]["paper"].spec.dataset, **_made(pairs[0]["paper"]), **_points(gap)}
        row |= dict(zip(ACCURACY, means, strict=True))
        rows.append(row | {"draws": draws, "splits": draws if gap.tested else 1, "gap": gap})
        planned.append(pairs[0]["paper"].planned)
    return pd.DataFrame(rows, columns=list(NETWORK)).assign(setting=apart(planned))


def _made(recipe: Recipe) -> dict[str, str]:
    model = recipe.spec.model
    kind = FROZEN if model.train == "head" else SCRATCH if model.weights == "none" else FINE_TUNED
    labels = {k: v for k, v in recipe.labels().items() if k != "model"}
    return {"model": kind, "published_in": recipe.planned.paper, "trained": names.trained(labels)}


def _points(gap: Estimate) -> dict[str, float]:
    return gap.row("leak") | {"smallest_seen": smallest_detectable(gap)}
