"""What xia2025 comes to: sentences whose numbers are those of the committed tables."""

import math

import pandas as pd

from lib.data.splits.subset import SUBSET
from lib.evaluation.words import brief, draws, would_show
from lib.papers.xia2025.scores import LAMBDA
from lib.papers.xia2025.tables import PARTS, shown_parts
from lib.plan.grid import reference
from lib.published.values import published_values
from lib.records import names

TRAIN_SHARE = 0.7  # of the 779 slices, section 2.3


def subject_leak(table: pd.DataFrame) -> str:
    own = _whole(table)
    if own.empty:
        return finding(table)
    row, constant = own.iloc[-1], table[table["model"] == "largest class"].iloc[0]
    return f"""On MRI slices a smaller network with xia2025's parts scores
        **{row["accuracy_paper"]:.0%}** when slices of one brain may be on both sides,
        **{row["accuracy_grouped"]:.0%}** when they may not: {_brief(row, "difference")}, {draws(row["draws"])}. Always
        answering the commonest class scores {constant["accuracy_grouped"]:.0%}."""


def level(table: pd.DataFrame) -> str:
    """Table 1 of notebook 08: how far the recipe with the most draws on the paper's split is from the printed value."""
    rows = table[(table["split"] == "paper") & (table["model"] == "iconvnext_tiny") & table["learned"].eq(True)]
    if rows.empty:
        return "No run of the improved network learned anything on the paper's split."
    row, constant = rows.sort_values("draws", kind="stable").iloc[-1], table["accuracy"].iloc[0]
    low, high = 100 * row["accuracy_low"], 100 * row["accuracy_high"]
    return f"""{trained(row)} with all parts (ICN-T) scores **{100 * row["accuracy"]:.1f} %** [{low:.1f}, {high:.1f}]
        on the paper's split
        ({draws(row["draws"])}); the constant answer scores {100 * constant:.1f} % there, and the paper prints
        {100 * row["published"]:.1f} % for ICN-T."""


def memory(table: pd.DataFrame) -> str:
    """The leak of notebook 08, of the paper's network with the most draws and of the nearest neighbour."""
    copying = table[(table["model"] == "nearest neighbour") & table["data"].isin(("alzheimer779", "synthetic"))]
    own = _whole(table)
    parts = []
    for _, row in own[-1:].iterrows():
        scores = f"""{100 * row["accuracy_paper"]:.1f} % by slice, {100 * row["accuracy_grouped"]:.1f} % by subject,
            where it lies {_brief(row, "grouped_minus_constant")} from the constant answer"""
        parts.append(f"{_brief(row, 'difference')} ({trained(row)}, {draws(row['draws'])}: {scores})")
    parts += [f"{_brief(row, 'difference')} (nearest neighbour on raw pixels)" for _, row in copying[:1].iterrows()]
    return f"Sharing subjects between training and test adds {' and '.join(parts)}."


def finding(table: pd.DataFrame) -> str:
    """The leak of notebook 08 in a line: the paper's network with the most draws beside the constant answer."""
    own = _whole(table)
    if own.empty:
        return "The paper's network was not run on both splits, or learned nothing."
    row, constant = own.iloc[-1], table[table["model"] == "largest class"]
    scores = f"{100 * row['accuracy_paper']:.0f} % by slice, {100 * row['accuracy_grouped']:.0f} % by subject"
    return scores + (
        f", where the constant answer scores {100 * constant['accuracy_grouped'].iloc[0]:.0f} %"
        if len(constant)
        else ""
    )


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of ICN-T on the paper's data, with its weight of the loss, that learned: most draws last."""
    own = table[(table["model"] == "iconvnext_tiny") & (table["lambda"] == LAMBDA) & (table["data"] != "ham10000")]
    return own[own["learned"].eq(True)].sort_values("draws", kind="stable")


def gains(table: pd.DataFrame) -> str:
    """The ablation of notebook 08 by slice: each part and all of them against the plain network, then all of them
    after more epochs."""
    rows = shown_parts(table)
    rows = rows[rows["split"] == "paper"] if len(rows) else rows
    if rows.empty:
        return "xia2025's parts: no run of them beside the plain network is stored."
    most = rows.loc[rows["gain_draws"].astype(int).idxmax()]
    own = rows[rows["epochs"] == most["epochs"]]
    published = published_values("xia2025")
    printed = published["table1.iconvnext_tiny.accuracy"] - published["table1.convnext_tiny.accuracy"]
    whole = rows[rows["part"] == PARTS["iconvnext_tiny"]]
    longer = [_longer(row, whole[whole["epochs"] == most["epochs"]]) for _, row in whole.iterrows()
              if row["epochs"] > most["epochs"]]  # fmt: skip
    return " ".join([
        f"""xia2025's parts against the plain network on MRI slices ({trained(most)}, {most["epochs"]} epochs,
        {draws(most["gain_draws"])}): {_parts(own)}; the paper's table has {100 * printed:+.1f} for all parts.""",
        would_show(100 * own["smallest_seen"]), *longer,
    ])  # fmt: skip


def on_lesions(table: pd.DataFrame) -> str:
    """The ablation on HAM10000, where the paper did not try its parts, by image; empty without runs."""
    own = table[table["gain"].notna() & (table["data"] == "ham10000") & (table["split"] == "paper")]
    if own.empty:
        return ""
    first, seen = own.iloc[0], would_show(100 * own["smallest_seen"])
    return (
        f"On skin lesions, where the paper did not try them ({names.data_set('ham10000')}, {trained(first)}, "
        f"{first['epochs']} epochs, {draws(first['gain_draws'])}): {_parts(own)}. {seen}"
    )


def _parts(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{row['part']} {_brief(row, 'gain')}" + ("" if row["learned"] else " (did not learn)")
        for _, row in rows.iterrows()
    )


def _longer(row: pd.Series, shorter: pd.DataFrame) -> str:
    rises = len(shorter) and row["gain"] > shorter["gain"].iloc[0]
    told = f"After {row['epochs']} epochs ({draws(row['gain_draws'])}) all parts give {_brief(row, 'gain')}"
    return told + (f": {shorter['epochs'].iloc[0]} epochs may be too few for them." if rises else ".")


def epochs(table: pd.DataFrame) -> str:
    """What more epochs change; ``table`` is ``tables.more_epochs``."""
    told = [
        f"{names.paper_row(row['model'])}, {'by slice' if row['split'] == 'paper' else 'by subject'}, {row['epochs']} "
        f"minus {row['fewer']}: {_brief(row, 'difference')} ({draws(row['draws'])})"
        for _, row in table.iterrows()
    ]
    return f"Accuracy after more epochs, all else equal: {'; '.join(told)}." if told else ""


def tighter(table: pd.DataFrame) -> str:
    """Scatter of notebook 08 where the loss alone differs."""
    own = table[(table["differs_in"] == "the loss alone") & (table["split"] == "paper")]
    if own.empty:
        return "Whether the loss makes features tighter is open: no two networks that differ in it alone were kept."
    parts = []
    for row in own.to_dict("records"):
        ratio = "{:.2f} [{:.2f}, {:.2f}]".format(*(row[f"scatter_ratio{end}"] for end in ("", "_low", "_high")))
        parts.append(f"{ratio} ({names.data_set(row['data'])}, {row['trained']}, {draws(row['draws'])})")
    return f"""The smoothing loss multiplies within-class over between-class scatter, as the last layer sees it, by
        {"; ".join(parts)}. Below 1 is tighter."""


def on_a_cpu(step: pd.DataFrame) -> str:
    """Memory and processor time of a training of the paper's size, from one step of it (``tables.paper_step``)."""
    if step.empty:
        return "No training step of the paper's size is stored: its time and memory on a CPU stay open."
    row, own = step.iloc[0], reference("xia2025", model="convnext_tiny")
    steps = own["epochs"] * math.ceil(TRAIN_SHARE * sum(SUBSET.values()) / row["batch"])
    return (
        f"A training step of {names.network(row['model'])} at {row['px']} px with {row['batch']} images takes "
        f"{row['cpu_seconds']:.1f} s of processor time and {row['peak_GiB']:.1f} GiB; the {steps:,} steps of "
        f"{own['epochs']} epochs take about {steps * row['cpu_seconds'] / 3600:.1f} hours of one core."
    )


def trained(row: pd.Series) -> str:
    """What was trained, without the paper's row that it stands beside."""
    return names.trained(row.drop("model", errors="ignore"))


def _brief(row: pd.Series, name: str) -> str:
    return brief(*(100 * row[column] for column in (name, f"{name}_low", f"{name}_high")), " points")


FINDINGS = {
    "08_xia2025/subject_leak": subject_leak,
    "08_xia2025/ablation": gains,
}
