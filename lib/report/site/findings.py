"""Headline findings: sentences whose numbers are computed from the committed tables, most telling first.

A finding whose table is not there is left out. Numbers stand in bold; effects are told in the direction they have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib import papers
from lib.core.errors import StudyError
from lib.records import names
from lib.studies.compression.findings import BOUND, bearable
from lib.studies.ensembles.gains import averaging


@dataclass(frozen=True)
class Finding:
    """``text``: a sentence in Markdown; ``notebook`` shows it, ``table`` (``<notebook>/<name>``) holds its numbers."""

    text: str
    table: str

    @property
    def notebook(self) -> str:
        return self.table.split("/")[0]


def findings(results: Path) -> list[Finding]:
    """The findings that the tables under ``results`` allow: those of ``FRONT`` first, then the study's, the papers'."""
    found, told = [], ACROSS | papers.findings()
    for table in dict.fromkeys([*FRONT, *told]):
        sentence = told[table]
        file = results / "tables" / f"{table}.csv"
        if file.is_file():
            found.append(Finding(names.in_text(" ".join(_told(sentence, file).split())), table))
    return found


def _told(sentence: Callable[[pd.DataFrame], str], file: Path) -> str:
    try:
        return sentence(pd.read_csv(file))
    except (KeyError, IndexError) as error:
        told = f"{sentence.__module__}.{sentence.__name__}"
        raise StudyError(f"finding {told} misses {error} in {file.name}: mend it.") from None


def audit(table: pd.DataFrame) -> str:
    hit = table[table["severe"] > 0]
    return f"""Of {table["checks"].sum()} checks on {table["published_values"].sum():,} printed values
        {table["consistent"].sum()} hold; what is open has {table["causes"].sum()} root causes.
        **{table["severe"].sum()} severe findings** in {len(hit)} of {len(table)} papers touch a headline number, the
        data or the training settings."""


def leakage(table: pd.DataFrame) -> str:
    share = table.set_index("split")["share"]
    return f"""Under a random image-level split, **{share["ham10000-image"]:.0%}** of HAM10000's test images show a
        lesion that was also photographed in training; under a split by lesion, {share["ham10000-lesion"]:.0%}."""


def leak_effect(table: pd.DataFrame) -> str:
    spans = table.groupby("model")["leak"].agg(["min", "max"])
    span = {model: f"{row['min']:+z.1f} to {row['max']:+z.1f}" for model, row in spans.iterrows()}
    return f"""On matched test sets of {table["data"].nunique()} data sets, leakage adds
        **{span["linear head"]} points** of accuracy to a regularized linear head and
        **{span["nearest neighbour"]}** to one that copies its nearest neighbour."""


def nearest_image(table: pd.DataFrame) -> str:
    rows = table.groupby(["data", "kind"])[["accuracy", "majority"]].mean()
    both = [data for data in rows.index.unique("data") if {"paper", "grouped"} <= set(rows.loc[data].index)]
    told = []
    for data in both:
        paper, grouped = rows.loc[(data, "paper"), "accuracy"], rows.loc[(data, "grouped")]
        told.append(f"{data} **{paper:.1%} → {grouped['accuracy']:.1%}** ({grouped['majority']:.1%})")
    return f"""Copying the class of the most similar training image scores, under the paper's split → the grouped one
        (constant answer in brackets): {"; ".join(told)}."""


def one_protocol(table: pd.DataFrame) -> str:
    own = table[table["measure"] == "balanced_accuracy"]
    clear = (own["p_holm"] < 0.05).sum()
    return f"""With data, split, backbone, budget and seeds alike, the papers' five ideas differ in balanced accuracy
        beyond chance in **{clear or "none"} of {len(own)} pairs** (Holm)."""


def compression(table: pd.DataFrame) -> str:
    base, others = table.iloc[0], bearable(table)
    if others.empty:
        return f"No compressed form of one network is sure to lose at most {100 * BOUND:.0f} points of accuracy."
    fast = others.iloc[0]
    return f"""Of {len(others)} compressed forms of one network that lose at most {100 * BOUND:.0f} points of accuracy
        (95 % interval), the fastest on a CPU ({fast["variant"]}) takes **{fast["median_ms"] / base["median_ms"]:.0%} of
        the time** and {fast["file_MiB"] / base["file_MiB"]:.0%} of the bytes, at {100 * fast["difference"]:+z.1f}
        points."""


def site_left_out(table: pd.DataFrame) -> str:
    worse, better = (table["accuracy_high"] < 0).sum(), (table["accuracy_low"] > 0).sum()
    return f"""Leaving one of HAM10000's {len(table)} sites out of training changes accuracy there by
        **{100 * table["accuracy_difference"].mean():+z.1f} points** on average; beyond chance it falls at {worse} and
        rises at {better}."""


def shared_images(table: pd.DataFrame) -> str:
    row = table[(table["of"] == "malignant-vs-benign") & (table["among"] == "ham10000")].iloc[0]
    return f"""**{row["share"]:.0%}** of the Kaggle set malignant-vs-benign ({row["shared"]:,} of {row["images"]:,}
        images) are HAM10000 photographs, so results on the two are not independent."""


ACROSS = {
    "01_published_numbers_audit/verdict_counts": audit,
    "00_data_exploration/leakage_ham10000": leakage,
    "10_leakage_and_provenance/leak": leak_effect,
    "10_leakage_and_provenance/nearest_training_image": nearest_image,
    "11_cross_paper_comparison/one_protocol_pairs": one_protocol,
    "09_ensembles/gains": averaging,
    "04_compression/trade_off": compression,
    "10_leakage_and_provenance/site_left_out": site_left_out,
    "00_data_exploration/shared_images": shared_images,
}
# The findings of the front page, each with the figure of its notebook that shows it.
FRONT = {
    "01_published_numbers_audit/verdict_counts": "verdict_counts",
    "00_data_exploration/leakage_ham10000": "leakage_ham10000",
    "08_xia2025/subject_leak": "subject_leak",
    "07_kadric2025/two_factor": "resolution_and_cleaning",
    "09_ensembles/gains": "strategy_gains",
}
