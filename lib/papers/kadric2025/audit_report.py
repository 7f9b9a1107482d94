"""What decides which version of DermaMNIST-C kadric2025's accuracies belong to."""

import pandas as pd

from lib.audit import facts
from lib.audit.checks.rounding import counts_behind
from lib.audit.values import published


def version_counts() -> pd.DataFrame:
    """The whole counts behind each accuracy on DermaMNIST-C, for both versions' test sizes."""
    paper, rows = published("kadric2025"), []
    for variant in ("effv1", "effv3", "effv4"):
        value = paper.value(f"architecture.{variant}.accuracy")
        row = {"head": variant, "accuracy": str(value)}
        for version, n in facts.DERMAMNIST_C_TEST.items():
            counts = counts_behind(value, n)
            row[f"{version}, n = {n}"] = ", ".join(f"{k}/{n}" for k in counts) or "none"
        rows.append(row)
    return pd.DataFrame(rows)
