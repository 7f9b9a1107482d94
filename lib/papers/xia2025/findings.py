"""What xia2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def _names(table: pd.DataFrame) -> str:
    return ", ".join(table["backbone"].unique())


def subject_leak(table: pd.DataFrame) -> str:
    trained = table[table["lr"].notna() & (table["data"] == "alzheimer")]
    largest = table[table["model"] == "largest class"].iloc[0]
    means = trained[["accuracy_paper", "accuracy_grouped"]].mean()
    return f"""MRI slices of xia2025, {len(trained)} recipes ({_names(trained)}): mean accuracy
        **{means["accuracy_paper"]:.1%}** on the paper's division by slice, **{means["accuracy_grouped"]:.1%}** by
        subject, where always naming the commonest class gives {largest["accuracy_grouped"]:.1%}; the difference is
        above zero beyond chance in {(trained["difference_low"] > 0).sum()} of them."""


def parts(table: pd.DataFrame) -> str:
    rows = table[table["gain"].notna() & ~table["part"].str.startswith("none")]
    whole, loss = (100 * rows.loc[rows["part"] == part, "gain"] for part in ("all (ICN-T)", "smoothing loss"))
    return f"""The parts of xia2025's network against the plain one ({_names(rows)}; {", ".join(rows["data"].unique())};
        both splits): of {len(rows)} comparisons **{(rows["gain_low"] > 0).sum()} gain accuracy and
        {(rows["gain_high"] < 0).sum()} lose it** beyond chance. All parts together: {whole.min():+z.1f} to
        {whole.max():+z.1f} points, the smoothing loss alone {loss.min():+z.1f} to {loss.max():+z.1f}."""


FINDINGS = {
    "08_xia2025/subject_leak": subject_leak,
    "08_xia2025/ablation": parts,
}
