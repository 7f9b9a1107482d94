"""What saykat2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.evaluation.words import effect
from lib.papers.saykat2025.models import ENSEMBLE as MEAN
from lib.papers.saykat2025.models import PAPER
from lib.published.values import published_values
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
    """Notebook 06's mean of models on the paper's split beside its best member, and the paper's mean beside its own."""
    own = deltas[deltas["split"] == "paper"]
    if own.empty:
        return "No mean of models is at hand on the paper's split."
    row = own.loc[own["accuracy"].idxmin()]
    ours = results[results["split"] == "paper"]
    mean = ours[ours["model"] == MEAN].iloc[0]
    pooled = {names.trained(member) for member in [mean, *own.to_dict("records")]}
    others = "".join(f" One network outside the mean scores {100 * one['accuracy']:.1f} % ({names.trained(one)})."
                     for one in ours.to_dict("records") if names.trained(one) not in pooled)  # fmt: skip
    delta = effect(*(100 * row[c] for c in ("accuracy", "accuracy_low", "accuracy_high")))
    printed = printed_gains()
    best = names.paper_row(printed.idxmin().split(".")[1])
    return f"""The {mean["backbone"]} scores {100 * mean["accuracy"]:.1f} % [{100 * mean["accuracy_low"]:.1f},
        {100 * mean["accuracy_high"]:.1f}] (printed: {100 * mean["accuracy_published"]:.1f} %). Against its best member
        ({names.trained(row)}; one draw of the split, the best chosen on these test images): {delta}. The paper prints
        {100 * printed.min():+.1f} points against its own best, {best}.{others}"""


def finding(deltas: pd.DataFrame) -> str:
    """:func:`ensemble` in a line."""
    own = 100 * deltas.loc[deltas["split"] == "paper", "accuracy"]
    if own.empty:
        return "No mean of models is at hand."
    printed = 100 * printed_gains()
    return (
        f"The mean of models scores {_span(own, '+z.1f')} points against its {len(own)} members; the paper prints "
        f"{_span(printed, '+z.1f')} against its {len(printed)}."
    )


def printed_gains() -> pd.Series:
    """The paper's accuracy of the mean minus that of each of its models, by published id."""
    return published_values(PAPER).filter(regex=r"^ensemble_minus_model\.\w+\.accuracy$")


def calibration(table: pd.DataFrame) -> str:
    """Calibration error before and after temperature scaling, of the networks on the paper's split and of their mean.

    Ranges, since what is too sure and what is not sure enough would cancel in a mean.
    """
    own = table[table["split"] == "paper"]
    members, mean = own[own["model"] != MEAN], own[own["model"] == MEAN]
    parts = {f"The {len(members)} networks are": members, "Their mean is": mean}
    return " ".join(f"{who} {_calibrated(rows)}" for who, rows in parts.items() if len(rows))


def _calibrated(rows: pd.DataFrame) -> str:
    sure = rows["overconfidence"]
    direction = "too sure" if sure.min() > 0 else "not sure enough" if sure.max() < 0 else "too sure or not sure enough"
    before, after = (_span(rows[f"ece_{at}"], "z.3f") for at in ("before", "after"))
    return f"""{direction} (mean confidence minus accuracy {_span(100 * sure, "+z.1f")} points): calibration error
        {before}, after one temperature {after}."""


def _span(values: pd.Series, form: str) -> str:
    """``0.010`` or ``0.010 to 0.075``: the least and the largest."""
    return " to ".join(dict.fromkeys(f"{value:{form}}" for value in (values.min(), values.max())))


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
