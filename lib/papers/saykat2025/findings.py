"""What saykat2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def _names(table: pd.DataFrame) -> str:
    return ", ".join(table["backbone"].unique())


def external(table: pd.DataFrame) -> str:
    rows = table[(table["split"] == "paper") & (table["model"] != "ensemble_mean")]
    means = rows.groupby("set", sort=False)[["balanced_accuracy", "ece"]].mean()
    own, other = means.loc["test"], means.drop("test")
    told = [f"{name} {100 * row['balanced_accuracy']:.1f} % (ECE {row['ece']:.3f})" for name, row in other.iterrows()]
    return f"""Seven-class networks have a mean balanced accuracy of **{100 * own["balanced_accuracy"]:.1f} %** on their
        own test images (ECE {own["ece"]:.3f}) and on images from elsewhere of: {"; ".join(told)}."""


def gradcam(table: pd.DataFrame) -> str:
    rows = table[(table["score"] == "energy_inside") & (table["dx"] == "all")]
    return f"""Grad-CAM's energy inside the lesion mask, {len(rows)} networks ({_names(rows)}): on average
        **{rows["gradcam"].mean():.0%}**, against {rows["gaussian"].mean():.0%} of a Gaussian in the image's middle,
        which {(rows["minus_gaussian_low"] > 0).sum()} of them beat beyond chance and
        {(rows["minus_gaussian_high"] < 0).sum()} fall below."""


FINDINGS = {
    "06_saykat2025/external": external,
    "06_saykat2025/gradcam_localization": gradcam,
}
