"""One training step of architectures that were not trained at the papers' size: time and memory on a CPU."""

from collections.abc import Iterable

import pandas as pd

from lib.studies import Study

SMALLEST = ("test_convnext",)  # of profile smoke
PX = 224


def training_steps(study: Study, backbones: Iterable[str], batch: int) -> pd.DataFrame:
    """One row per backbone: parameters (millions), GMACs, and ``lib.models.cost.training_step`` of it at 224 px."""
    rows = []
    for name in SMALLEST if study.profile == "smoke" else backbones:
        key = {"backbone": name, "px": PX, "batch": batch, "version": 1}
        found = study.measure("step", f"{name}-{PX}px", key, lambda name=name: {"step": _measured(name, batch)})
        if found:
            rows.append(found.table("step").assign(model=name, px=PX, batch=batch))
    steps = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"model": []})
    return steps.set_index("model").rename(columns={"parameters": "million_parameters"}).reset_index()


def _measured(name: str, batch: int) -> pd.DataFrame:
    from lib.models.cost import backbone_cost, training_step  # torch only where something is measured

    return pd.DataFrame([{**backbone_cost(name, PX, 1), **training_step(name, PX, batch)}])
