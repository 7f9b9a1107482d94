"""What averaging gains, per data set and split, over the draws of the split; and what notebook 09 says of it."""

import pandas as pd

from lib.evaluation.estimates import FEWEST, Estimate, mean, over_splits, smallest_detectable
from lib.evaluation.words import effect
from lib.records import names
from lib.studies.ensembles.pools import Pool
from lib.studies.ensembles.tables import REFITTED

MEAN, POINTS = "mean", 100.0


def gain_table(pools: list[Pool], tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One row per data set, split and strategy, in points: gain over the member that validation prefers.

    ``tables``: ``strategy_table`` of each of ``pools``. From three draws of a split on, the interval is over these,
    else over lesions.
    """
    gathered: dict[tuple, list[tuple[Pool, dict]]] = {}
    for pool, table in zip(pools, tables, strict=True):
        for row in table.to_dict("records"):
            gathered.setdefault((row["data"], row["split"], row["strategy"]), []).append((pool, row))
    rows = []
    for key, found in gathered.items():
        gain = POINTS * _over([pool for pool, _ in found], [row["estimate"] for _, row in found])
        row = dict(zip(("data", "split", "strategy"), key, strict=True)) | {"pools": len(found)}
        row |= {"members": sum(r["members"] for _, r in found) / len(found)}
        row |= gain.row("gain") | {"smallest_seen": smallest_detectable(gain)}
        rows.append(row | {"balanced_gain": POINTS * sum(r["balanced_gain"] for _, r in found) / len(found)})
    return pd.DataFrame(rows)


def _over(pools: list[Pool], gains: list[Estimate]) -> Estimate:
    """Mean gain: of pools on one test set the mean of each draw first, then over draws."""
    by_draw: dict[tuple, list[Estimate]] = {}
    for pool, gain in zip(pools, gains, strict=True):
        split = pool.members[0].spec.split
        by_draw.setdefault((split.name, split.fractions, split.seed), []).append(gain)
    means = [mean(own) for own in by_draw.values()]
    if len(means) < FEWEST:
        return mean(means)
    n = pools[0].members[0].records[0].info["n"]
    return over_splits({k: e.value for k, e in enumerate(means)}, n["test"] / n["train"], means[0].plan)


def overview(strategies: pd.DataFrame) -> pd.DataFrame:
    """One row per strategy over all pools: mean gains, calibration error, and pools whose interval leaves out zero."""
    by = strategies.groupby("strategy", sort=False)
    table = by[["gain", "balanced_gain", "ece"]].mean().assign(pools=by.size())
    table["above_zero"] = by["gain_low"].agg(lambda low: (low > 0).sum())
    table["below_zero"] = by["gain_high"].agg(lambda high: (high < 0).sum())
    return table.reset_index()


def averaging(table: pd.DataFrame) -> str:
    """What the plain mean gains, data set by data set, on the papers' splits."""
    rows = table[(table["strategy"] == MEAN) & (table["split"] == "paper")]
    parts = [f"{names.data_set(r['data'])} {_told(r)}" for r in rows.to_dict("records")]
    return f"Averaging all members, against the one that validation prefers: {'; '.join(parts)}."


def finding(table: pd.DataFrame) -> str:
    own = table[table["strategy"] == MEAN]
    return (
        f"Averaging all members gains {own['gain'].min():z.1f} to {own['gain'].max():z.1f} points over the one that "
        f"validation prefers; {(own['gain_low'] > 0).sum()} of {len(own)} intervals leave out 0"
    )


def strategies(overview: pd.DataFrame) -> str:
    """The other strategies beside the plain mean, over all pools."""
    means = 100 * overview.set_index("strategy")["gain"]
    best = means.drop(REFITTED, errors="ignore").idxmax()
    text = f"""Over all pools the plain mean gains {means[MEAN]:+z.1f} points; the best of {len(means)} strategies,
        chosen after seeing them, is {best.replace("_", " ")} ({means[best]:+z.1f})"""
    if {"stacking", REFITTED} <= set(means.index):
        text += f"""; stacking gains {means["stacking"]:+z.1f}, refitting the best member alone the same way
            {means[REFITTED]:+z.1f}"""
    return text + "."


def pairs(table: pd.DataFrame) -> str:
    """Pairs of networks by how they differ; table of :func:`lib.studies.ensembles.tables.pair_summary`."""
    parts = []
    for row in table.to_dict("records"):
        alone, better = 100 * row["gain_over_mean"], 100 * row["gain_over_better"]
        parts.append(f"{row['kind']} {alone:+z.1f} over their average and {better:+z.1f} over the better")
    return f"Two networks averaged gain, in points on average: {'; '.join(parts)}."


def against_strongest(table: pd.DataFrame) -> str:
    """The mean of saykat2025's networks against the strongest; table of :func:`tables.mean_against_members`."""
    if table.empty:
        return "saykat2025's mean was not run in this profile."
    parts, sizes = [], set()
    for (data, split, _), rows in table.groupby(["data", "split", "n"], sort=False):
        sizes.add(len(rows))
        low = rows.loc[rows["accuracy"].idxmin()]
        told = effect(*(100 * low[c] for c in ("accuracy", "accuracy_low", "accuracy_high")))
        parts.append(f"{names.data_set(data)}, {split} split: {told} against {names.in_text(low['member'])}")
    size = " or ".join(map(str, sorted(sizes)))
    return f"The mean of saykat2025's {size} networks at hand against the strongest: {'; '.join(parts)}."


def _told(row: dict) -> str:
    return effect(*(row[c] for c in ("gain", "gain_low", "gain_high", "smallest_seen")))
