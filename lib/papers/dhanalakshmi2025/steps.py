"""What one training step of the paper's five sizes costs, where two of them were not trained."""

import pandas as pd

from lib.studies import Study

SIZES = ("convnext_tiny", "convnext_small", "convnext_base", "convnext_large", "convnext_xlarge")
SMALLEST = ("test_convnext",)  # of profile smoke
PX, BATCH = 224, 2


def training_steps(study: Study) -> pd.DataFrame:
    """One row per size: parameters (millions), GMACs, and ``lib.models.cost.training_step`` of it."""
    rows = []
    for name in SMALLEST if study.profile == "smoke" else SIZES:
        key = {"backbone": name, "px": PX, "batch": BATCH, "version": 1}
        found = study.measure("step", f"{name}-{PX}px", key, lambda name=name: {"step": _measured(name)})
        if found:
            rows.append(found.table("step").assign(model=name, px=PX, batch=BATCH))
    columns = ["model", "px", "batch", "parameters", "gmacs", "seconds", "cpu_seconds", "peak_GiB", "threads",
               "load_average"]  # fmt: skip
    return pd.concat(rows)[columns] if rows else pd.DataFrame()


def _measured(name: str) -> pd.DataFrame:
    from lib.models.cost import backbone_cost, training_step  # torch only where something is measured

    return pd.DataFrame([{**backbone_cost(name, PX, 1), **training_step(name, PX, BATCH)}])
