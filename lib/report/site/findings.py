"""Headline findings: sentences whose numbers are computed from the committed tables, most telling first.

A finding whose table is not there is left out. Numbers stand in bold; effects are told in the direction they have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib import papers
from lib.core.errors import StudyError


@dataclass(frozen=True)
class Finding:
    """``text``: a sentence in Markdown; ``notebook`` shows it, ``table`` (``<notebook>/<name>``) holds its numbers."""

    text: str
    table: str

    @property
    def notebook(self) -> str:
        return self.table.split("/")[0]


def findings(results: Path) -> list[Finding]:
    """The findings that the tables under ``results`` allow: the study's in the order of this file, then the papers'."""
    found = []
    for table, sentence in (ACROSS | papers.findings()).items():
        file = results / "tables" / f"{table}.csv"
        if file.is_file():
            found.append(Finding(" ".join(_told(sentence, file).split()), table))
    return found


def _told(sentence: Callable[[pd.DataFrame], str], file: Path) -> str:
    try:
        return sentence(pd.read_csv(file))
    except (KeyError, IndexError) as error:
        told = f"{sentence.__module__}.{sentence.__name__}"
        raise StudyError(f"finding {told} misses {error} in {file.name}: mend it.") from None


def verdicts(table: pd.DataFrame) -> str:
    total = table.drop(columns="paper").sum()
    return f"""Of {total["headline_values"]} headline values of {len(table)} papers, {total["with_a_run"]} have a run
        beside them, {total["inside_by_arithmetic"]} of these within tolerance by arithmetic. Under the papers' own
        protocols: **{total["reproduced"]} reproduced, {total["not_reproduced"]} not**, {total["undecided"]} undecided;
        {total["not_testable"]} not testable, since the runs are smaller than the papers' or missing."""


def one_protocol(table: pd.DataFrame) -> str:
    own = table[table["measure"] == "balanced_accuracy"]
    return f"""The papers' five ideas under one protocol (data, split, backbone, budget, seeds): in
        **{(own["p_holm"] < 0.05).sum()} of {len(own)} pairs** balanced accuracy differs beyond chance (Holm)."""


def audit(table: pd.DataFrame) -> str:
    hit = table[table["severe"] > 0]
    return f"""{table["checks"].sum()} checks of {table["published_values"].sum():,} printed values:
        {table["consistent"].sum()} hold; **{table["severe"].sum()} severe findings** in {len(hit)} of {len(table)}
        papers concern a headline number, the data or the training setting."""


def leakage(table: pd.DataFrame) -> str:
    share = table.set_index("split")["share"]
    return f"""A random image-level split of HAM10000 has trained on another photograph of the same lesion for
        **{share["ham10000-image"]:.1%}** of its test images; a split by lesion for {share["ham10000-lesion"]:.1%}."""


def leak_effect(table: pd.DataFrame) -> str:
    rows = table[table["measure"] == "accuracy"].groupby("head")["difference"].agg(["min", "max"]) * 100
    span = {head: f"{row['min']:+z.1f} to {row['max']:+z.1f}" for head, row in rows.iterrows()}
    return f"""The same features and head under the paper's split and the grouped one, test sets of equal size and class
        mix: the leak is worth **{span["logistic"]} points** of accuracy to a head that cannot remember and
        **{span["nearest"]}** to one that only remembers."""


def nearest_image(table: pd.DataFrame) -> str:
    rows = table.groupby(["data", "kind"])[["accuracy", "majority"]].mean()
    both = [data for data in rows.index.unique("data") if {"paper", "grouped"} <= set(rows.loc[data].index)]
    told = []
    for data in both:
        paper, grouped = rows.loc[(data, "paper"), "accuracy"], rows.loc[(data, "grouped")]
        told.append(f"{data} **{paper:.1%} → {grouped['accuracy']:.1%}** ({grouped['majority']:.1%})")
    return f"""Copying the class of the most similar training image, without any network, is right under the paper's →
        the grouped split (always the commonest class) for: {"; ".join(told)}."""


def all_ensembles(table: pd.DataFrame) -> str:
    row, best = table.set_index("strategy").loc["mean"], table.sort_values("gain").iloc[-1]
    return f"""Averaging all stored models of one split gains **{100 * row["gain"]:+z.1f} points** of accuracy over the
        member that validation prefers, mean of {row["pools"]:.0f} pools; beyond chance above zero in
        {row["above_zero"]:.0f} and below in {row["below_zero"]:.0f}. The best of {len(table)} strategies, chosen after
        the fact, is {best["strategy"].replace("_", " ")} ({100 * best["gain"]:+z.1f})."""


def compression(table: pd.DataFrame) -> str:
    base, others = table.iloc[0], table.iloc[1:]
    fast = others.loc[others["median_ms"].idxmin()]
    return f"""Of {len(others)} compressed forms of one network the fastest on a CPU, {fast["variant"]}, needs
        **{fast["median_ms"] / base["median_ms"]:.0%} of the time** and {fast["file_MiB"] / base["file_MiB"]:.0%} of the
        file of the original, at {100 * (fast["accuracy"] - base["accuracy"]):+z.1f} points of accuracy (one image a
        batch)."""


def site_left_out(table: pd.DataFrame) -> str:
    worse, better = (table["accuracy_high"] < 0).sum(), (table["accuracy_low"] > 0).sum()
    return f"""Trained on three of HAM10000's sites and tested on the fourth, accuracy changes by
        **{100 * table["accuracy_difference"].mean():+z.1f} points** on average against training on all four; beyond
        chance lower at {worse} and higher at {better} of {len(table)} sites."""


def shared_images(table: pd.DataFrame) -> str:
    row = table[(table["of"] == "malignant-vs-benign") & (table["among"] == "ham10000")].iloc[0]
    return f"""**{row["share"]:.1%}** of the Kaggle set malignant-vs-benign ({row["shared"]:,} of {row["images"]:,})
        are HAM10000 photographs: results on the two are not independent."""


ACROSS = {
    "11_cross_paper_comparison/headline_verdicts": verdicts,
    "11_cross_paper_comparison/one_protocol_pairs": one_protocol,
    "01_published_numbers_audit/verdict_counts": audit,
    "00_data_exploration/leakage_ham10000": leakage,
    "10_leakage_and_provenance/split_effect": leak_effect,
    "10_leakage_and_provenance/nearest_training_image": nearest_image,
    "09_ensembles/strategies_overview": all_ensembles,
    "04_compression/trade_off": compression,
    "10_leakage_and_provenance/site_left_out": site_left_out,
    "00_data_exploration/shared_images": shared_images,
}
