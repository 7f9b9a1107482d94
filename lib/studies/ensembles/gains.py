"""What averaging gains, per data set and split, over the draws of the split; and what notebook 09 says of it."""

from collections.abc import Iterable, Iterator
from itertools import compress

import pandas as pd

from lib.core.gather import gather_by
from lib.evaluation.ensembles import STRATEGIES
from lib.evaluation.estimates import FEWEST, Estimate, mean, over_splits, smallest_detectable
from lib.evaluation.words import brief, effect, would_show
from lib.records import names
from lib.studies.ensembles.pools import Pool
from lib.studies.ensembles.tables import REFITTED

MEAN, POINTS = "mean", 100.0
FEWEST_PAIRS = 6  # of a pool, below which a slope over pairs says little


def gain_table(pools: list[Pool], tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One row per data set, split and strategy: gain over the member that validation prefers, in points.

    ``tables``: ``strategy_table`` of each of ``pools``. From three draws of a split on, the interval is over these,
    else over lesions; ``where`` says which. ``constant`` and ``accuracy`` are in per cent.
    """
    rows = []
    for own, each in _settings(pools, tables):
        labels = _labels(own)
        for strategy, found in pd.concat(each).groupby("strategy", sort=False):
            gain = _over(own, found["estimate"])
            row = labels | {"strategy": strategy, "accuracy": POINTS * found["accuracy"].mean()} | gain.row("gain")
            row |= {"smallest_seen": smallest_detectable(gain), "balanced_gain": POINTS * found["balanced_gain"].mean()}
            rows.append(row)
    return pd.DataFrame(rows)


def diversity_table(pools: list[Pool], pairs: list[tuple[pd.DataFrame, dict[str, Estimate]]]) -> pd.DataFrame:
    """One row per data set and split: how the gains of ``pairs``, ``pair_table`` of each of ``pools``, go with how
    unlike the two are, in points, over pools of ``FEWEST_PAIRS`` or more; intervals as in :func:`gain_table`."""
    rows, enough = [], [len(table) >= FEWEST_PAIRS for table, _ in pairs]
    for own, each in _settings(list(compress(pools, enough)), list(compress(pairs, enough))):
        whole, row = pd.concat([table for table, _ in each]), {}
        for name in ("gain_over_mean", "gain_over_better", "two_families"):
            found = [effects[name] for _, effects in each if name in effects]
            row |= _over(own, found).row(name) if len(found) == len(own) else {}
        rows.append(_labels(own) | {"pairs": len(whole), "q_statistic": whole["q_statistic"].mean()} | row)
    return pd.DataFrame(rows)


def _settings(pools: list[Pool], items: list) -> Iterator[tuple[list[Pool], list]]:
    """Pools that are draws of one split, with what belongs to each."""
    for found in gather_by(zip(pools, items, strict=True), lambda one: one[0].setting).values():
        yield [pool for pool, _ in found], [item for _, item in found]


def _labels(pools: list[Pool]) -> dict[str, object]:
    """Those of draws of one split, and what the interval is over."""
    table = pd.DataFrame([p.labels for p in pools])
    over = f"{len(pools)} draws" if len(pools) >= FEWEST else "lesions"
    row = table.iloc[0][["data", "split"]].to_dict() | {"where": f"{table['where'][0]}, over {over}"}
    members = dict.fromkeys(map(str, (table["members"].min(), table["members"].max())))
    known = {"unlearned": table["unlearned"].mean(), "constant": POINTS * table["constant"].mean()}
    return row | {"members": " to ".join(members)} | known


def _over(pools: list[Pool], gains: Iterable[Estimate]) -> Estimate:
    """Mean over draws of one split, in points."""
    found = [POINTS * gain for gain in gains]
    if len(found) < FEWEST:
        return mean(found)
    n = pools[0].members[0].records[0].info["n"]
    return over_splits(dict(zip([p.draw for p in pools], found, strict=True)), n["test"] / n["train"], found[0].plan)


def by_strategy(table: pd.DataFrame) -> pd.DataFrame:
    """One row per strategy, one column per data set: mean gain in points over those of its papers' splits in
    ``table`` (:func:`gain_table`) on which every strategy could be fitted."""
    own = table[table["split"] == "paper"]
    whole = own.pivot_table(index=["data", "where"], columns="strategy", values="gain").dropna()
    order = [s for s in (*STRATEGIES, REFITTED) if s in whole]
    by_data = whole[order].groupby("data").mean().reindex(own["data"].unique()).dropna()
    return by_data.T.rename(columns=names.data_set).reset_index()


def averaging(table: pd.DataFrame) -> str:
    """What the plain mean gains, data set by data set, on the papers' splits."""
    rows = table[(table["strategy"] == MEAN) & (table["split"] == "paper")]
    told = [f"{r['where'].split(', over ')[0]}: {brief(*(r[c] for c in ('gain', 'gain_low', 'gain_high')))}"
            for r in rows.to_dict("records")]  # fmt: skip
    return f"""On the papers' splits, averaging all members adds to the one that validation prefers, in points:
        {"; ".join(told).replace(", paper's split", "")}. {would_show(rows["smallest_seen"])}"""


def finding(table: pd.DataFrame) -> str:
    own = table[table["strategy"] == MEAN]
    sure = (own["gain_low"] > 0) | (own["gain_high"] < 0)
    draws = own["where"].str.endswith("draws")
    told = [f"{sure[of].sum()} of {of.sum()} intervals over {name}" for name, of in
            (("draws of the split", draws), ("lesions", ~draws)) if of.any()]  # fmt: skip
    span = f"{own['gain'].min():+z.1f} to {own['gain'].max():+z.1f} points"
    return f"Averaging all members: {span} over the one that validation prefers; {' and '.join(told)} leave out 0"


def strategies(table: pd.DataFrame) -> str:
    """What other ways of combining add to the plain mean, at most; table of :func:`by_strategy`."""
    gains = table.set_index("strategy")
    ways = gains.drop(REFITTED, errors="ignore")
    more = ways.max() - ways.loc[MEAN]
    data, best = more.idxmax(), ways[more.idxmax()].idxmax()
    text = f"""The best of {len(ways)} ways of combining on each data set, chosen after seeing them, adds
        {more.min():+z.1f} to {more.max():+z.1f} points to the plain mean; most on {data} ({best.replace("_", " ")})"""
    if {"stacking", REFITTED} <= set(gains.index):
        own = gains[data]
        text += f""", where stacking gains {own["stacking"]:+z.1f} and the best member refitted alone the same way
            {own[REFITTED]:+z.1f}"""
    return text + "."


def diversity(table: pd.DataFrame) -> str:
    """Whether the gain of pairs grows with how unlike they are, on the papers' splits; :func:`diversity_table`."""
    rows = table[table["split"] == "paper"] if len(table) else table
    if rows.empty:
        return "No pool of this profile has pairs enough to tell whether the gain grows with how unlike they are."
    grows, falls = ((rows[f"gain_over_better_{end}"] * sign > 0).sum() or "none" for end, sign in
                    (("low", 1), ("high", -1)))  # fmt: skip
    return f"""Where two networks disagree on ten images in a hundred more, averaging them gains
        {rows["gain_over_mean"].min():+z.1f} to {rows["gain_over_mean"].max():+z.1f} points more over their average; of
        {len(rows)} sets of test images the gain over the better of the two grows beyond chance on {grows} and falls on
        {falls}."""


def against_strongest(table: pd.DataFrame) -> str:
    """The mean of saykat2025's networks against the strongest; table of :func:`tables.mean_against_members`."""
    if table.empty:
        return "saykat2025's mean was not run in this profile."
    parts, sizes = [], set()
    for where, rows in table.groupby("where", sort=False):
        sizes.add(len(rows))
        low = rows.loc[rows["accuracy"].idxmin()]
        told = effect(*(100 * low[c] for c in ("accuracy", "accuracy_low", "accuracy_high")))
        parts.append(f"{where}: {told} against {names.in_text(low['member'])}")
    size = " or ".join(map(str, sorted(sizes)))
    return f"The mean of saykat2025's {size} networks at hand against the strongest: {'; '.join(parts)}."
