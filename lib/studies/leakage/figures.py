"""Figures of notebook 10."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lib.figures.style import ACCENT, NEUTRAL, WIDTH, class_colours, styled
from lib.records.names import data_set

PAPER, GROUPED = "#D55E00", "#0072B2"
ORIGINS = {"elsewhere": NEUTRAL, "mel": class_colours(["mel"])[0], "nv": class_colours(["nv"])[0]}


@styled
def leak(table: pd.DataFrame) -> Figure:
    """What the paper's split adds to accuracy, in points with 95 % intervals: one row per kind of model and data set.

    At the right: accuracy under the paper's split and the grouped one. Grey where the interval holds zero.
    """
    parts = list(table[table["leak"].notna()].groupby("data", sort=False))
    heights = [len(own) + 0.6 for _, own in parts]
    figure, axes = plt.subplots(len(parts), 1, figsize=(WIDTH, 0.6 + 0.34 * sum(heights)), height_ratios=heights,
                                sharex=True, squeeze=False)  # fmt: skip
    for ax, (data, own) in zip(axes[:, 0], parts, strict=True):
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for number, row in enumerate(own.to_dict("records")):
            colour = NEUTRAL if row["leak_low"] <= 0 <= row["leak_high"] else PAPER
            ax.plot([row["leak_low"], row["leak_high"]], [number] * 2, color=colour, lw=2)
            ax.plot(row["leak"], number, "o", color=colour)
            ax.annotate(f"{row['paper']:.1f} → {row['grouped']:.1f} %", (1.01, number),
                        xycoords=ax.get_yaxis_transform(), va="center")  # fmt: skip
        ax.set_yticks(range(len(own)), own["model"])
        ax.set_ylim(len(own) - 0.5, -0.5)
        ax.set_title(data_set(data), fontsize=10)
    axes[-1, 0].set_xlabel("accuracy, paper's split minus grouped (points)")
    return figure


@styled
def class_differences(table: pd.DataFrame) -> Figure:
    """Sensitivity under the paper's split minus under the grouped one, by class, in points with 95 % intervals."""
    parts = list(table.groupby(["features", "head"], sort=False))
    figure, axes = plt.subplots(1, len(parts), figsize=(WIDTH, 2.6), squeeze=False, sharex=True)
    for number, (ax, ((features, head), own)) in enumerate(zip(axes[0], parts, strict=True)):
        own = own.reset_index(drop=True)
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for place, (row, colour) in enumerate(zip(own.to_dict("records"), class_colours(own["dx"]), strict=True)):
            ax.plot([100 * row["low"], 100 * row["high"]], [place] * 2, color=colour, lw=1.5)
            ax.plot(100 * row["difference"], place, "o", color=colour, ms=4)
        labels = own["dx"] + own["n_paper"].map(" (n = {:.0f})".format)
        ax.set_yticks(range(len(own)), labels if number == 0 else [], fontsize=7)
        ax.invert_yaxis()
        ax.set_title(f"{features}\n{head}", fontsize=7)
        ax.tick_params(labelsize=7)
    figure.supxlabel("sensitivity, paper's minus grouped split (points)", fontsize=8)
    return figure


@styled
def probes(summary: pd.DataFrame) -> Figure:
    """What copying the class of the nearest training image gives, with and without its lesion (subject) in training.

    Left its accuracy with the share of the commonest class (line); right how often the nearest image is the same
    lesion or subject.
    """
    rows = summary.reset_index(drop=True)
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 0.9 + 0.3 * len(rows)), sharey=True)
    colours = rows["kind"].map({"paper": PAPER, "grouped": GROUPED})
    axes[0].barh(rows.index, 100 * rows["accuracy"], color=colours, height=0.7)
    reach = [100 * (rows["accuracy"] - rows["accuracy_low"]).clip(lower=0),
             100 * (rows["accuracy_high"] - rows["accuracy"]).clip(lower=0)]  # fmt: skip
    axes[0].errorbar(100 * rows["accuracy"], rows.index, xerr=reach, fmt="none", ecolor="black", lw=0.8)
    for number, share in rows["majority"].items():
        axes[0].plot([100 * share] * 2, [number - 0.35, number + 0.35], color="black", lw=1.5)
    axes[1].barh(rows.index, 100 * rows["same_group"], color=colours, height=0.7)
    labels = rows["split"] + rows["n_test"].map(" (n = {:.0f})".format)
    axes[0].set_yticks(rows.index, labels, fontsize=7)
    axes[0].invert_yaxis()
    axes[0].set_xlabel("accuracy of the nearest image's class (%)")
    axes[1].set_xlabel("nearest image is the same lesion\nor subject (%)")
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in (PAPER, GROUPED)]
    figure.legend(handles, ["papers' split", "grouped split"], ncols=2, frameon=False, fontsize=7,
                  loc="outside upper center")  # fmt: skip
    return figure


@styled
def composition(made_of: pd.DataFrame) -> Figure:
    """What the folders of malignant-vs-benign hold: images by HAM10000's diagnosis, or from elsewhere."""
    figure, ax = plt.subplots(figsize=(WIDTH, 2.0))
    names = made_of["split"] + " / " + made_of["dx"]
    left = np.zeros(len(made_of))
    for origin, colour in ORIGINS.items():
        if origin in made_of:
            label = "not in HAM10000" if origin == "elsewhere" else f"HAM10000: {origin}"
            ax.barh(names, made_of[origin], left=left, color=colour, label=label, height=0.7)
            left += made_of[origin].to_numpy()
    ax.invert_yaxis()
    ax.set_xlabel(f"images (n = {made_of['total'].sum()})")
    figure.legend(ncols=3, frameon=False, fontsize=8, loc="outside upper center")
    return figure


@styled
def site_confusion(confusion: pd.DataFrame) -> Figure:
    """Acquisition site predicted from features: numbers are images, colour is the share of the true site."""
    scopes = list(confusion.groupby("scope", sort=False))
    figure, axes = plt.subplots(1, len(scopes), figsize=(WIDTH, 3.2), squeeze=False)
    for ax, (scope, own) in zip(axes[0], scopes, strict=True):
        counts = own.pivot(index="site", columns="predicted", values="images").fillna(0).astype(int)
        share = counts.div(counts.sum(axis=1), axis=0)
        sns.heatmap(share, ax=ax, annot=counts, fmt="d", vmin=0, vmax=1, cmap="cividis", cbar=False, square=True,
                    annot_kws={"fontsize": 7})  # fmt: skip
        ax.set_title(f"{'all images' if scope == 'all' else 'nevi only'}, n = {counts.to_numpy().sum()}", fontsize=8)
        ax.set_xlabel("predicted site")
        ax.set_ylabel("site")
        ax.tick_params(labelsize=7)
    return figure


@styled
def acquisition_site_transfer(sites: pd.DataFrame) -> Figure:
    """A site left out of training against one that is in it: difference in points with 95 % intervals."""
    rows = sites.reset_index(drop=True)
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 1.0 + 0.3 * len(rows)), sharey=True)
    for ax, name in zip(axes, ("accuracy", "balanced_accuracy"), strict=True):
        ax.axvline(0, color=NEUTRAL, lw=0.8)
        for number, row in rows.iterrows():
            ax.plot([100 * row[f"{name}_low"], 100 * row[f"{name}_high"]], [number] * 2, color=ACCENT, lw=1.5)
            ax.plot(100 * row[f"{name}_difference"], number, "o", color=ACCENT, ms=4)
        ax.set_xlabel(f"{name.replace('_', ' ')}, site left out\nminus site in training (points)")
    labels = rows["site"] + " (n = " + rows["n"].astype(str) + ", " + rows["classes"].astype(str) + " classes)"
    axes[0].set_yticks(rows.index, labels, fontsize=7)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    return figure


@styled
def strata_forest(strata: pd.DataFrame) -> Figure:
    """Melanoma sensitivity (dot) and specificity (diamond) by stratum at one threshold, with 95 % intervals."""
    rows = strata.reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.27 * len(rows)))
    for number, row in rows.iterrows():
        for name, colour, marker, shift in (("sensitivity", PAPER, "o", -0.12), ("specificity", GROUPED, "D", 0.12)):
            place = [number + shift] * 2
            ax.plot([100 * row[f"{name}_low"], 100 * row[f"{name}_high"]], place, color=colour, lw=1.3)
            ax.plot(100 * row[name], number + shift, marker, color=colour, ms=3.5, label=name if number == 0 else None)
    names = (rows["stratum"] + ": " + rows["value"]).where(rows["stratum"] != "all", "all images")
    counts = " (" + rows["lesions_mel"].astype(str) + " melanomas, " + rows["lesions_other"].astype(str) + " others)"
    ax.set_yticks(range(len(rows)), names + counts, fontsize=7)
    ax.invert_yaxis()
    ax.set_xlabel("per cent of images; intervals with lesions as n")
    figure.legend(ncols=2, frameon=False, fontsize=8, loc="outside upper center")
    return figure
