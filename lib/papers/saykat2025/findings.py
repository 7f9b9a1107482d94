"""What saykat2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.evaluation.words import effect
from lib.papers.saykat2025.models import ENSEMBLE as MEAN
from lib.records import names


def external(table: pd.DataFrame) -> str:
    rows = table[(table["split"] == "paper") & ~table["model"].str.startswith(("ensemble", "always"))]
    means = rows.groupby("set", sort=False)[["balanced_accuracy", "ece"]].mean()
    own, other = means.loc["test"], means.drop("test")
    told = [f"**{100 * row['balanced_accuracy']:.1f} %** on {names.data_set(name)} (ECE {row['ece']:.3f})"
            for name, row in other.iterrows()]  # fmt: skip
    return f"""Seven-class networks score a mean balanced accuracy of **{100 * own["balanced_accuracy"]:.1f} %** on
        their own test images (ECE {own["ece"]:.3f}) and {"; ".join(told)}."""


def gradcam(table: pd.DataFrame) -> str:
    rows = table[(table["score"] == "energy_inside") & (table["dx"] == "all")]
    return f"""Of Grad-CAM's energy **{rows["gradcam"].mean():.0%}** lies inside the lesion, mean of {len(rows)}
        networks; a blob in the middle of the image reaches {rows["gaussian"].mean():.0%}, which
        {(rows["minus_gaussian_low"] > 0).sum()} networks beat beyond chance and
        {(rows["minus_gaussian_high"] < 0).sum()} miss."""


def ensemble(results: pd.DataFrame, deltas: pd.DataFrame) -> str:
    """Notebook 06's mean of models on the paper's split beside its best member, which the paper's table has ahead."""
    own = results[(results["split"] == "paper") & (results["model"] != MEAN)]
    gap = deltas[(deltas["split"] == "paper") & (deltas["model"] == own.loc[own["accuracy"].idxmax(), "model"])]
    if gap.empty:
        return "No mean of models is at hand on the paper's split."
    row, mean = gap.iloc[0], results[(results["split"] == "paper") & (results["model"] == MEAN)].iloc[0]
    delta = effect(*(100 * row[c] for c in ("accuracy", "accuracy_low", "accuracy_high")))
    return f"""The {mean["backbone"]} scores {100 * mean["accuracy"]:.1f} % [{100 * mean["accuracy_low"]:.1f},
        {100 * mean["accuracy_high"]:.1f}] (printed: {100 * mean["accuracy_published"]:.1f} %); against its best member
        on these images ({names.trained(row)}): {delta} (printed: {100 * row["accuracy_published"]:+.1f})."""


def finding(results: pd.DataFrame, deltas: pd.DataFrame) -> str:
    """:func:`ensemble` in a line."""
    own = deltas[(deltas["split"] == "paper")]
    if own.empty:
        return "No mean of models is at hand."
    low, high = 100 * own["accuracy"].min(), 100 * own["accuracy"].max()
    return f"The mean of models scores {low:+z.1f} to {high:+z.1f} points against its {len(own)} members."


def calibration(table: pd.DataFrame) -> str:
    """Calibration error before and after temperature scaling, of the networks on the paper's split."""
    own = table[(table["split"] == "paper")]
    before, after, sure = (own[c].mean() for c in ("ece_before", "ece_after", "overconfidence"))
    direction = "too sure of themselves" if sure > 0 else "not sure enough"
    return f"""Networks are on average {direction} (mean confidence minus accuracy {100 * sure:+.1f} points); one
        temperature takes the calibration error from {before:.3f} to {after:.3f} on average."""


def melanoma(table: pd.DataFrame) -> str:
    """Melanoma at 90 % specificity on validation images, on the own test set and carried to others."""
    own = table[(table["split"] == "paper") & (table["fixed_at"] == table["fixed_at"].min()) & (table["model"] != MEAN)]
    means = 100 * own.groupby("set", sort=False)[["sensitivity", "specificity"]].mean()
    told = [f"{names.data_set(name) if name != 'test' else 'own test images'} {row['sensitivity']:.0f} % (specificity "
            f"{row['specificity']:.0f} %)" for name, row in means.iterrows()]  # fmt: skip
    fixed = own["fixed_at"].iloc[0]
    return f"At a threshold of {fixed:.0%} specificity on validation, melanomas found on average: {'; '.join(told)}."


FINDINGS = {
    "06_saykat2025/external": external,
    "06_saykat2025/gradcam_localization": gradcam,
}
