"""What saykat2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def external(table: pd.DataFrame) -> str:
    rows = table[(table["split"] == "paper") & (table["model"] != "ensemble_mean")]
    means = rows.groupby("set", sort=False)[["balanced_accuracy", "ece"]].mean()
    own, other = means.loc["test"], means.drop("test")
    told = [f"**{100 * row['balanced_accuracy']:.1f} %** on {name} (ECE {row['ece']:.3f})"
            for name, row in other.iterrows()]  # fmt: skip
    return f"""Seven-class networks score a mean balanced accuracy of **{100 * own["balanced_accuracy"]:.1f} %** on
        their own test images (ECE {own["ece"]:.3f}) and {"; ".join(told)}."""


def gradcam(table: pd.DataFrame) -> str:
    rows = table[(table["score"] == "energy_inside") & (table["dx"] == "all")]
    return f"""Of Grad-CAM's energy **{rows["gradcam"].mean():.0%}** lies inside the lesion, mean of {len(rows)}
        networks; a blob in the middle of the image reaches {rows["gaussian"].mean():.0%}, which
        {(rows["minus_gaussian_low"] > 0).sum()} networks beat beyond chance and
        {(rows["minus_gaussian_high"] < 0).sum()} miss."""


FINDINGS = {
    "06_saykat2025/external": external,
    "06_saykat2025/gradcam_localization": gradcam,
}
