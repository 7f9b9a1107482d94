"""Headline findings: sentences whose numbers are computed from the committed tables, most telling first.

A finding whose table is not there is left out. Numbers stand in bold; effects are told in the direction they have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError


@dataclass(frozen=True)
class Finding:
    """``text``: a sentence in Markdown; ``notebook`` shows it, ``table`` (``<notebook>/<name>``) holds its numbers."""

    text: str
    table: str

    @property
    def notebook(self) -> str:
        return self.table.split("/")[0]


Sentence = Callable[[pd.DataFrame], str]
FOUND: dict[str, list[Sentence]] = {}


def told_by(table: str) -> Callable[[Sentence], Sentence]:
    """Register a function that makes a sentence of ``results/tables/<table>.csv``."""

    def register(sentence: Sentence) -> Sentence:
        FOUND.setdefault(table, []).append(sentence)
        return sentence

    return register


def findings(results: Path) -> list[Finding]:
    """The findings that the tables under ``results`` allow, in the order of this file."""
    found = []
    for table, sentences in FOUND.items():
        file = results / "tables" / f"{table}.csv"
        if file.is_file():
            frame = pd.read_csv(file)
            found += [Finding(" ".join(_told(sentence, frame, file).split()), table) for sentence in sentences]
    return found


def _told(sentence: Sentence, frame: pd.DataFrame, file: Path) -> str:
    try:
        return sentence(frame)
    except (KeyError, IndexError) as error:
        told = sentence.__name__
        raise StudyError(f"finding {told!r} misses {error} in {file.name}: mend lib/report/site/findings.py.") from None


def _names(table: pd.DataFrame) -> str:
    return ", ".join(table["backbone"].unique())


@told_by("11_cross_paper_comparison/headline_verdicts")
def verdicts(table: pd.DataFrame) -> str:
    total = table.drop(columns="paper").sum()
    return f"""Of {total["headline_values"]} headline values of {len(table)} papers, {total["with_a_run"]} have a run
        beside them, {total["inside_by_arithmetic"]} of these within tolerance by arithmetic. Under the papers' own
        protocols: **{total["reproduced"]} reproduced, {total["not_reproduced"]} not**, {total["undecided"]} undecided;
        {total["not_testable"]} not testable, since the runs are smaller than the papers' or missing."""


@told_by("11_cross_paper_comparison/one_protocol_pairs")
def one_protocol(table: pd.DataFrame) -> str:
    own = table[table["measure"] == "balanced_accuracy"]
    return f"""The papers' five ideas under one protocol (data, split, backbone, budget, seeds): in
        **{(own["p_holm"] < 0.05).sum()} of {len(own)} pairs** balanced accuracy differs beyond chance (Holm)."""


@told_by("01_published_numbers_audit/verdict_counts")
def audit(table: pd.DataFrame) -> str:
    hit = table[table["severe"] > 0]
    return f"""{table["checks"].sum()} checks of {table["published_values"].sum():,} printed values:
        {table["consistent"].sum()} hold; **{table["severe"].sum()} severe findings** in {len(hit)} of {len(table)}
        papers concern a headline number, the data or the training setting."""


@told_by("00_data_exploration/leakage_ham10000")
def leakage(table: pd.DataFrame) -> str:
    share = table.set_index("split")["share"]
    return f"""A random image-level split of HAM10000 has trained on another photograph of the same lesion for
        **{share["ham10000-image"]:.1%}** of its test images; a split by lesion for {share["ham10000-lesion"]:.1%}."""


@told_by("10_leakage_and_provenance/split_effect")
def leak_effect(table: pd.DataFrame) -> str:
    rows = table[table["measure"] == "accuracy"].groupby("head")["difference"].agg(["min", "max"]) * 100
    span = {head: f"{row['min']:+z.1f} to {row['max']:+z.1f}" for head, row in rows.iterrows()}
    return f"""The same features and head under the paper's split and the grouped one, test sets of equal size and class
        mix: the leak is worth **{span["logistic"]} points** of accuracy to a head that cannot remember and
        **{span["nearest"]}** to one that only remembers."""


@told_by("10_leakage_and_provenance/nearest_training_image")
def nearest_image(table: pd.DataFrame) -> str:
    rows = table.groupby(["data", "kind"])[["accuracy", "majority"]].mean()
    both = [data for data in rows.index.unique("data") if {"paper", "grouped"} <= set(rows.loc[data].index)]
    told = []
    for data in both:
        paper, grouped = rows.loc[(data, "paper"), "accuracy"], rows.loc[(data, "grouped")]
        told.append(f"{data} **{paper:.1%} → {grouped['accuracy']:.1%}** ({grouped['majority']:.1%})")
    return f"""Copying the class of the most similar training image, without any network, is right under the paper's →
        the grouped split (always the commonest class) for: {"; ".join(told)}."""


@told_by("07_kadric2025/two_factor")
def cleaning(table: pd.DataFrame) -> str:
    accuracy = table[table["metric"] == "accuracy"]
    sizes, detail = (accuracy[accuracy["axis"] == axis] for axis in ("input size", "detail"))
    means = 100 * sizes.groupby(["effect", "evaluated_on"])["estimate"].mean()
    own, common = "own test images", "common test images"
    text = f"""DermaMNIST against DermaMNIST-C, mean of frozen {_names(sizes)}: cleaning is worth
        {means["cleaning", own]:+z.1f} points of accuracy on each edition's own test images and
        **{means["cleaning", common]:+z.1f} points** on the images that both have; 224 instead of 28 pixels are worth
        **{means["resolution", common]:+z.1f} points** on those as the network's input"""
    if detail.empty:
        return f"{text}."
    worth = 100 * detail.loc[(detail["effect"] == "resolution") & (detail["evaluated_on"] == common), "estimate"].mean()
    return f"{text}, and **{worth:+z.1f} points** as detail of images enlarged to 224 ({_names(detail)})."


@told_by("08_xia2025/subject_leak")
def subject_leak(table: pd.DataFrame) -> str:
    trained = table[table["lr"].notna() & (table["data"] == "alzheimer")]
    largest = table[table["model"] == "largest class"].iloc[0]
    means = trained[["accuracy_paper", "accuracy_grouped"]].mean()
    return f"""MRI slices of xia2025, {len(trained)} recipes ({_names(trained)}): mean accuracy
        **{means["accuracy_paper"]:.1%}** on the paper's division by slice, **{means["accuracy_grouped"]:.1%}** by
        subject, where always naming the commonest class gives {largest["accuracy_grouped"]:.1%}; the difference is
        above zero beyond chance in {(trained["difference_low"] > 0).sum()} of them."""


@told_by("08_xia2025/ablation")
def parts(table: pd.DataFrame) -> str:
    rows = table[table["gain"].notna() & ~table["part"].str.startswith("none")]
    whole, loss = (100 * rows.loc[rows["part"] == part, "gain"] for part in ("all (ICN-T)", "smoothing loss"))
    return f"""The parts of xia2025's network against the plain one ({_names(rows)}; {", ".join(rows["data"].unique())};
        both splits): of {len(rows)} comparisons **{(rows["gain_low"] > 0).sum()} gain accuracy and
        {(rows["gain_high"] < 0).sum()} lose it** beyond chance. All parts together: {whole.min():+z.1f} to
        {whole.max():+z.1f} points, the smoothing loss alone {loss.min():+z.1f} to {loss.max():+z.1f}."""


@told_by("03_abdulqader2026/phase_effects")
def phases(table: pd.DataFrame) -> str:
    rows = table[(table["metric"] == "accuracy") & (table["contrast"] == "both phases")]
    told = [
        f"{row['difference']:+z.1f} [{row['low']:+z.1f}, {row['high']:+z.1f}] points ({row['backbone']}, "
        f"{row['px']} pixels, {row['split']} split)"
        for row in rows.to_dict("records")
    ]
    return f"""Both augmentation phases of abdulqader2026 together change accuracy by **{"; ".join(told)}**; the paper
        prints {rows["published"].iloc[0]:+z.1f}."""


@told_by("06_saykat2025/external")
def external(table: pd.DataFrame) -> str:
    rows = table[(table["split"] == "paper") & (table["model"] != "ensemble_mean")]
    means = rows.groupby("set", sort=False)[["balanced_accuracy", "ece"]].mean()
    own, other = means.loc["test"], means.drop("test")
    told = [f"{name} {100 * row['balanced_accuracy']:.1f} % (ECE {row['ece']:.3f})" for name, row in other.iterrows()]
    return f"""Seven-class networks have a mean balanced accuracy of **{100 * own["balanced_accuracy"]:.1f} %** on their
        own test images (ECE {own["ece"]:.3f}) and on images from elsewhere of: {"; ".join(told)}."""


@told_by("06_saykat2025/gradcam_localization")
def gradcam(table: pd.DataFrame) -> str:
    rows = table[(table["score"] == "energy_inside") & (table["dx"] == "all")]
    return f"""Grad-CAM's energy inside the lesion mask, {len(rows)} networks ({_names(rows)}): on average
        **{rows["gradcam"].mean():.0%}**, against {rows["gaussian"].mean():.0%} of a Gaussian in the image's middle,
        which {(rows["minus_gaussian_low"] > 0).sum()} of them beat beyond chance and
        {(rows["minus_gaussian_high"] < 0).sum()} fall below."""


@told_by("02_dhanalakshmi2025/split_pairs")
def split_effect(table: pd.DataFrame) -> str:
    told = [
        f"**{100 * row['difference']:+z.1f} [{100 * row['difference_low']:+z.1f}, "
        f"{100 * row['difference_high']:+z.1f}] points** on {row['data']} ({row['recipes']} recipes)"
        for row in table.to_dict("records")
    ]
    return f"""Benign against malignant: accuracy on the paper's image-level split minus that on the grouped one is on
        average {"; ".join(told)}."""


@told_by("02_dhanalakshmi2025/ensembles")
def ensembles(table: pd.DataFrame) -> str:
    better, worse = (table["gain_low"] > 0).sum(), (table["gain_high"] < 0).sum()
    return f"""**{better} of {len(table)}** combinations of ensemble, strategy and setting beat their best member beyond
        chance (95 %, uncorrected), {worse} fall below it; the median gain is
        {100 * table["gain"].median():+z.1f} points."""


@told_by("09_ensembles/strategies_overview")
def all_ensembles(table: pd.DataFrame) -> str:
    row, best = table.set_index("strategy").loc["mean"], table.sort_values("gain").iloc[-1]
    return f"""Averaging all stored models of one split gains **{100 * row["gain"]:+z.1f} points** of accuracy over the
        member that validation prefers, mean of {row["pools"]:.0f} pools; beyond chance above zero in
        {row["above_zero"]:.0f} and below in {row["below_zero"]:.0f}. The best of {len(table)} strategies, chosen after
        the fact, is {best["strategy"].replace("_", " ")} ({100 * best["gain"]:+z.1f})."""


@told_by("04_compression/trade_off")
def compression(table: pd.DataFrame) -> str:
    base, others = table.iloc[0], table.iloc[1:]
    fast = others.loc[others["median_ms"].idxmin()]
    return f"""Of {len(others)} compressed forms of one network the fastest on a CPU, {fast["variant"]}, needs
        **{fast["median_ms"] / base["median_ms"]:.0%} of the time** and {fast["file_MiB"] / base["file_MiB"]:.0%} of the
        file of the original, at {100 * (fast["accuracy"] - base["accuracy"]):+z.1f} points of accuracy (one image a
        batch)."""


@told_by("05_ablations/choices")
def choices(table: pd.DataFrame) -> str:
    agree = (table["best"] == table["chosen"]).sum()
    return f"""abdulqader2026's choice of size, pixels, optimizer and batch has the highest value in
        **{agree} of {len(table)}** comparisons that were run; {table["above"].sum()} other rows lie above it beyond
        chance, {table["below"].sum()} below."""


@told_by("10_leakage_and_provenance/site_left_out")
def site_left_out(table: pd.DataFrame) -> str:
    worse, better = (table["accuracy_high"] < 0).sum(), (table["accuracy_low"] > 0).sum()
    return f"""Trained on three of HAM10000's sites and tested on the fourth, accuracy changes by
        **{100 * table["accuracy_difference"].mean():+z.1f} points** on average against training on all four; beyond
        chance lower at {worse} and higher at {better} of {len(table)} sites."""


@told_by("00_data_exploration/shared_images")
def shared_images(table: pd.DataFrame) -> str:
    row = table[(table["of"] == "malignant-vs-benign") & (table["among"] == "ham10000")].iloc[0]
    return f"""**{row["share"]:.1%}** of the Kaggle set malignant-vs-benign ({row["shared"]:,} of {row["images"]:,})
        are HAM10000 photographs: results on the two are not independent."""
