"""What xia2025 comes to: sentences whose numbers are those of the committed tables."""

import pandas as pd


def subject_leak(table: pd.DataFrame) -> str:
    trained = table[table["lr"].notna() & (table["data"] == "alzheimer")]
    largest = table[table["model"] == "largest class"].iloc[0]
    means = trained[["accuracy_paper", "accuracy_grouped"]].mean()
    return f"""On MRI slices {len(trained)} recipes score **{means["accuracy_paper"]:.0%}** when slices of one brain may
        be on both sides and **{means["accuracy_grouped"]:.0%}** when they may not; always answering the commonest class
        scores {largest["accuracy_grouped"]:.0%}."""


def parts(table: pd.DataFrame) -> str:
    rows = table[table["gain"].notna() & ~table["part"].str.startswith("none")]
    whole, loss = (100 * rows.loc[rows["part"] == part, "gain"] for part in ("all (ICN-T)", "smoothing loss"))
    return f"""xia2025's parts against the plain network: of {len(rows)} comparisons **{(rows["gain_low"] > 0).sum()}
        gain accuracy and {(rows["gain_high"] < 0).sum()} lose it** beyond chance; all parts together change it by
        {whole.mean():+z.1f} points on average, the smoothing loss alone by {loss.mean():+z.1f}."""


FINDINGS = {
    "08_xia2025/subject_leak": subject_leak,
    "08_xia2025/ablation": parts,
}
