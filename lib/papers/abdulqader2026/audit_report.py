"""Tables that tell the findings on abdulqader2026."""

import pandas as pd

from lib.audit import facts
from lib.audit.checks import marginals
from lib.audit.checks.compression import results
from lib.audit.checks.networks import MIB
from lib.audit.values import published


def rebuilt_counts() -> pd.DataFrame:
    """Table 8: support, right answers and predictions of each class, and F1 printed and rebuilt."""
    paper, rows = published("abdulqader2026"), []
    n, supports = paper.count("table2.total.test"), paper.counts("table2", "test")
    for c in facts.HAM10000:
        cells = paper.cells(f"table8.{c}", ("recall", "precision"))
        found = marginals.class_marginals(supports[c], n, **cells)
        row = {"dx": c, "support": supports[c], "right": found[0].tp, "predicted": found[0].predicted}
        row |= {"f1_rebuilt": found[0].f1, "f1_printed": paper.value(f"table8.{c}.f1").value, "solutions": len(found)}
        rows.append(row)
    return pd.DataFrame(rows)


def compressed_sizes() -> pd.DataFrame:
    """Table 11: sizes (MiB) and counts printed and measured on the real architecture."""
    paper, rows = published("abdulqader2026"), []
    printed = paper.table("table11", "model_size")
    for name, measured in results(
        "convnext_tiny", len(facts.HAM10000), paper.value("compression.sparsity").value
    ).items():
        row = {"model": name, "printed_MB": printed[name].value if name in printed else None}
        row |= {"saved_MiB": measured.bytes / MIB, "weights_stored": measured.stored_weights}
        row |= {"in_parameters()": measured.float_parameters}
        rows.append(row)
    return pd.DataFrame(rows)
