"""What abdulqader2026 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd

from lib.evaluation.words import brief, draws, effect, listed, points, would_show
from lib.papers.abdulqader2026.cells import PAPER
from lib.papers.abdulqader2026.effects import STEPS
from lib.papers.abdulqader2026.tables import ORDER, ROWS, row_name
from lib.published.claims import load_claims
from lib.published.values import load_published
from lib.records import names


def phases(table: pd.DataFrame) -> str:
    rows = table[(table["metric"] == "accuracy") & (table["contrast"] == "both phases")]
    told = [
        f"{points(*(row[k] for k in BOUNDS))} ({row['backbone']}, {row['px']} px, {row['split']} split)"
        for row in rows.to_dict("records")
    ]
    return f"""abdulqader2026's two augmentation phases together change accuracy by **{"; ".join(told)}**; the paper
        prints {rows["published"].iloc[0]:+z.1f}."""


def choices(table: pd.DataFrame) -> str:
    agree = (table["best"] == table["chosen"]).sum()
    return f"""abdulqader2026's choice of network, input size, optimizer and batch comes first in **{agree} of
        {len(table)}** comparisons; beyond chance {table["above"].sum()} alternatives beat it and
        {table["below"].sum()} lose to it."""


TITLES = {"12": "Version", "13": "Input size", "14": "Optimizer", "15": "Batch size"}
ALONE = ("offline phase alone", "online phase alone", "both phases")
BOUNDS = ["difference", "low", "high"]
NUMBERS = [*BOUNDS, "smallest_seen"]


def level(table: pd.DataFrame, shown: pd.DataFrame) -> str:
    """The whole method's accuracy (``ablation_table``) beside the printed one and the constant answer (``shown``)."""
    row = table[(table["row"] == "proposed") & (table["split"] == "paper")].iloc[0]
    constant = shown.iloc[0]
    return (
        f"{_made(row)}, with both phases, scores **{row['accuracy']:.1f} %** "
        f"[{row['accuracy_low']:.1f}, {row['accuracy_high']:.1f}] on {row['n']:,} test images of "
        f"{names.data_set(row['data'])}; {constant['model']} scores {constant['accuracy']:.1f} %, and the paper prints "
        f"{row['accuracy_published']:.1f} %."
    )


def phases_told(effects: pd.DataFrame, metric: str, contrasts: tuple[str, ...] = ALONE) -> str:
    """What each phase alone and both add to ``metric`` on the paper's split, beside what the paper prints."""
    rows = effects[(effects["metric"] == metric) & (effects["split"] == "paper")].drop_duplicates("contrast")
    rows = rows[rows["contrast"].isin(contrasts)]
    theirs = rows["published"].map(" (the paper {:+.1f})".format, na_action="ignore").fillna("")
    told = [
        f"{row['contrast']} {brief(*(row[k] for k in BOUNDS), ' points')}{printed}"
        for row, printed in zip(rows.to_dict("records"), theirs, strict=True)
    ]
    return f"{'; '.join(told)}. {would_show(rows['smallest_seen'])}".strip()


def on_second(effects: pd.DataFrame) -> str:
    """What both phases add on a second network (``effects`` of it alone), over as many epochs and over more without."""
    rows = effects[effects["split"] == "paper"].set_index(["contrast", "metric"])
    row = rows.iloc[0]
    told = [
        f"{contrast} " + " and ".join(
            f"{brief(*rows.loc[(contrast, metric), BOUNDS], ' points')} of {name}"
            for metric, name in {"accuracy": "accuracy", "recall": "balanced accuracy"}.items()
        ) for contrast in ("both phases", STEPS["proposed"]) if contrast in rows.index
    ]  # fmt: skip
    return f"**On {names.trained(row)}** ({draws(row['draws'])}): {'; '.join(told)}."


def rare(classes: pd.DataFrame) -> str:
    """Sensitivity of the classes of the paper's claim with both phases minus with none, on the paper's split."""
    (of_claim,) = (claim.contrast.dx for claim in load_claims(PAPER) if claim.id == "minority_gains")
    rows = classes[(classes["split"] == "paper") & classes["dx"].isin(of_claim)].drop_duplicates("dx")
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
    """Grad-CAM's energy inside the lesion beside the baselines'; ``table`` is ``localization_table``."""
    rows, told = table[table["score"] == "energy_inside"], []
    for row in rows.to_dict("records"):
        random, gaussian = (
            brief(*(100 * row[f"minus_{other}{k}"] for k in ("", "_low", "_high")), " points")
            for other in ("random", "gaussian")
        )
        told.append(
            f"{ROWS[row['model']]} {row['gradcam']:.0%} [{row['low']:.0%}, {row['high']:.0%}], {random} from an "
            f"untrained network and {gaussian} from a centred Gaussian"
        )
    flat, untrained, centred = rows[["area", "random", "gaussian"]].mean()
    return (
        f"Energy of Grad-CAM ({rows['cells'].iloc[0]} cells) inside the lesion: {'; '.join(told)}. A flat map has "
        f"{flat:.0%} there, an untrained network {untrained:.0%}, the Gaussian, which knows no network, {centred:.0%}."
    )


def per_class_accuracy() -> str:
    """How Table 8's column "Acc" reads, and which of its cells are compared as corrected."""
    cells = load_published(PAPER).query("id.str.startswith('table8.')").set_index("id")
    printed = cells["printed"].groupby(cells["dx"])
    equal = sum(of[f"table8.{dx}.accuracy"] == of[f"table8.{dx}.recall"] for dx, of in printed)
    mended = [
        f"{row['column']} of {row['dx']} as {row['corrected']} (printed {row['printed']})"
        for row in cells[cells["corrected"].notna()].to_dict("records")
    ]
    return (
        f"The column Acc equals recall in {equal} of {len(printed)} rows, so it is compared with recall. Compared as "
        f"corrected (notebook 01): {listed(mended)}."
    )


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


def beaten(tables: dict[str, pd.DataFrame]) -> str:
    """Which of the paper's choices another row beats, and which beat all others, in a line; ``tables``: number of the
    paper's table -> as :func:`ablation` takes it."""
    best = {TITLES[number].lower(): _best_other(table) for number, table in tables.items()}
    above = [row["contrast"].replace(" − ", " above ") for row in best.values() if row["low"] > 0]
    ahead = [choice for choice, row in best.items() if row["high"] < 0]
    found = f"{listed(above)}, beyond chance" if above else "No alternative beats the paper's choice beyond chance"
    rival = (
        f"{'only ' * (len(ahead) == 1)}{listed(ahead) or 'no choice'} beat{'s' * (len(ahead) < 2)} the closest rival"
    )
    draws = {n for row in tables.values() for n in row["draws"]}
    return f"{found}; {rival}. {'One network per row, uncorrected' if draws == {1} else 'Uncorrected'}."


def missing(table: pd.DataFrame, number: str) -> str:
    """The rows of the paper's table without a run in ``ablation_table``."""
    gone = [row_name(number, row) for row in ORDER[number] if row not in set(table["row"])]
    return f"Without a run here: {listed(gone)}." if gone else ""


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
        f"All runs are smaller than the paper's; rows keep the paper's labels: {'; '.join(told)}. Accuracies are of "
        f"{runs['n'].iloc[0]:,} test images; ours minus printed is "
        f"{rows['difference'].min():+.1f} to {rows['difference'].max():+.1f} points."
    )


def _made(row: pd.Series) -> str:
    """What was trained, and the paper's network in whose place."""
    row_of_paper, own = names.paper_row(row["model"]), names.trained(row.drop("model"))
    return own if own.startswith(row_of_paper) else f"{own}, in place of {row_of_paper}"


FINDINGS = {
    "03_abdulqader2026/phase_effects": phases,
    "05_ablations/choices": choices,
}
