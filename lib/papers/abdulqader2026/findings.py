"""What abdulqader2026 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.evaluation.words import brief, effect, would_show
from lib.papers.abdulqader2026.tables import ROWS
from lib.records import names


def phases(table: pd.DataFrame) -> str:
    rows = table[(table["metric"] == "accuracy") & (table["contrast"] == "both phases")]
    told = [
        f"{row['difference']:+z.1f} points [{row['low']:+z.1f}, {row['high']:+z.1f}] ({row['backbone']}, "
        f"{row['px']} px, {row['split']} split)"
        for row in rows.to_dict("records")
    ]
    return f"""abdulqader2026's two augmentation phases together change accuracy by **{"; ".join(told)}**; the paper
        prints {rows["published"].iloc[0]:+z.1f}."""


def choices(table: pd.DataFrame) -> str:
    agree = (table["best"] == table["chosen"]).sum()
    return f"""abdulqader2026's choice of network, input size, optimizer and batch comes first in **{agree} of
        {len(table)}** comparisons; beyond chance {table["above"].sum()} alternatives beat it and
        {table["below"].sum()} lose to it."""


ALONE = ("offline phase alone", "online phase alone", "both phases")
BOUNDS = ["difference", "low", "high"]
NUMBERS = [*BOUNDS, "smallest_seen"]


def level(table: pd.DataFrame, shown: pd.DataFrame) -> str:
    """The whole method's accuracy (``ablation_table``) beside the printed one and the constant answer (``shown``)."""
    row = table[(table["row"] == "proposed") & (table["split"] == "paper")].iloc[0]
    constant = shown.iloc[0]
    return (
        f"{names.trained(row)}, with both phases, scores **{row['accuracy']:.1f} %** "
        f"[{row['accuracy_low']:.1f}, {row['accuracy_high']:.1f}] on {row['n']:,} test images of "
        f"{names.data_set(row['data'])}; {constant['model']} scores {constant['accuracy']:.1f} %, and the paper prints "
        f"{row['accuracy_published']:.1f} %."
    )


def phases_told(effects: pd.DataFrame, metric: str, contrasts: tuple[str, ...] = ALONE) -> str:
    """What each phase alone and both add to ``metric`` on the paper's split, beside what the paper prints."""
    rows = effects[(effects["metric"] == metric) & (effects["split"] == "paper")].drop_duplicates("contrast")
    rows = rows[rows["contrast"].isin(contrasts)]
    told = [
        f"{row['contrast']} {brief(*(row[k] for k in BOUNDS), ' points')} (the paper {row['published']:+.1f})"
        for row in rows.to_dict("records")
    ]
    return f"{'; '.join(told)}. {would_show(rows['smallest_seen'])}".strip()


def rare(classes: pd.DataFrame) -> str:
    """Sensitivity of the three rarest classes with both phases minus with none, on the paper's split."""
    rows = classes[classes["split"] == "paper"].drop_duplicates("dx").nsmallest(3, "support")
    told = [
        f"*{row['dx']}* {brief(*(row[k] for k in BOUNDS), ' points')} ({row['support']} images)"
        for row in rows.to_dict("records")
    ]
    return f"**Rare classes**: both phases change sensitivity by {'; '.join(told)}."


def splits(table: pd.DataFrame) -> str:
    """What shared lesions add to the accuracy of the whole method."""
    rows = table[(table["metric"] == "accuracy") & (table["cell"] == "proposed")]
    if rows.empty:
        return "No recipe has runs on both splits in this profile."
    row = rows.iloc[0]
    found = effect(*(row[k] for k in NUMBERS))
    return f"**Shared lesions**: accuracy of both phases, paper's split minus grouped one: {found}."


def gradcam(table: pd.DataFrame) -> str:
    """Grad-CAM's energy inside the lesion beside a centred Gaussian's; ``table`` is ``localization_table``."""
    told = []
    for row in table[table["score"] == "energy_inside"].to_dict("records"):
        change = brief(*(100 * row[f"minus_gaussian{k}"] for k in ("", "_low", "_high")), " points")
        told.append(f"{ROWS[row['model']]} {row['gradcam']:.0%}, {change} from the Gaussian's")
    return f"Energy of Grad-CAM inside the lesion, beside a centred Gaussian that knows no network: {'; '.join(told)}."


def ablation(effects: pd.DataFrame) -> str:
    """The best other row of one of Tables 12 to 15 minus the paper's choice; ``effects`` is ``row_effects``.

    Sizes are the paper's; where ours are smaller in proportion, they are said too.
    """
    row = _best_other(effects)
    other, chosen = row["contrast"].split(" − ")
    if other.endswith(" px") and (times := row["px"] / float(other[:-3])) != 1:
        chosen += f" (here {row['px']} and {times * float(chosen[:-3]):.0f} px)"
    found = effect(*(row[k] for k in NUMBERS))
    return f"{other} minus the paper's choice, {chosen}: {found}; printed {row['published']:+.1f}"


def _best_other(effects: pd.DataFrame) -> pd.Series:
    rows = effects[effects["metric"] == "accuracy"]
    return rows.loc[rows["difference"].idxmax()]


def beaten(tables: list[pd.DataFrame]) -> str:
    """Which of the paper's choices another row beats, in a line; ``tables`` as :func:`ablation` takes them."""
    best = [_best_other(table) for table in tables]
    above = [row["contrast"].replace(" − ", " above ") for row in best if row["low"] > 0]
    found = f"Of {len(best)} choices {len(above)} beaten beyond chance (uncorrected for choosing the best)"
    return found + (f": {'; '.join(above)}" if above else "")


def verdicts(claims: pd.DataFrame) -> str:
    """The verdict on each of ``claims``."""
    told = [f"{row['says'].rstrip('.')}: **{row['verdict']}**" for row in claims.to_dict("records")]
    return "; ".join(told) + "."


def made(tables: list[pd.DataFrame], comparison: pd.DataFrame) -> str:
    """What the runs were, and how their accuracies lie beside the printed ones; ``tables`` are ``ablation_table``'s."""
    rows = comparison[comparison["quantity"] == "accuracy"]
    runs = pd.concat(tables)
    told = []
    for (trained, weights), own in runs.groupby(["trained", "weights"]):
        networks = ", ".join(dict.fromkeys(own["backbone"].map(names.network)))
        px = " to ".join(dict.fromkeys(f"{size:.0f}" for size in (own["px"].min(), own["px"].max())))
        told.append(f"{networks} {names.how_trained(trained, weights)} at {px} px")
    return (
        f"All runs are smaller than the paper's, its labels kept: {'; '.join(told)}. Accuracies are of "
        f"{runs['n'].iloc[0]:,} test images; ours minus printed is "
        f"{rows['difference'].min():+.1f} to {rows['difference'].max():+.1f} points."
    )


FINDINGS = {
    "03_abdulqader2026/phase_effects": phases,
    "05_ablations/choices": choices,
}
