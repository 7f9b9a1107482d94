"""What the planned runs cost: measured where records tell, estimated from arithmetic elsewhere.

An estimate counts the arithmetic of all passes (three times the forward pass for training, Kaplan et al. 2020,
appendix B; once for frozen backbones, whose features are kept) and divides it by what a device achieves.
"""

import functools
from pathlib import Path

import numpy as np
import pandas as pd

from lib.data.catalogue import SOURCES
from lib.plan.grid import papers, planned_runs
from lib.plan.spec import RunSpec
from lib.records.runs import Record, all_records
from lib.records.seeds import split_key
from lib.report.parameters import REAL

PX = 224
# Training of ConvNeXt-T at 224 px on an RTX 3090 (936 GB/s, 142 TFLOP/s in half precision), images/s:
# timm's results/benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv.
REFERENCE = 819.24
# Bandwidth and half-precision arithmetic against that card, by the makers' data sheets; the scarcer one decides.
SHARES = {
    "T4": min(320 / 936, 65 / 142),
    "P100": min(732 / 936, 18.7 / 142),
    "H100": min(3350 / 936, 989 / 142),
}


def measured(results: Path) -> pd.DataFrame:
    """Stored runs and their hours: one row per paper and profile, with the devices that made them.

    A resumed run knows the length of its last session and that of all its epochs: the longer counts.
    """
    by_id = {r.spec.run_id: r for r in all_records(results)}
    rows = []
    for profile in REAL:
        for paper in papers():
            planned = planned_runs(paper, profile)
            found = [by_id[p.spec.run_id] for p in planned if p.spec.run_id in by_id]
            times = [r.info["timing"] for r in found]
            hours = sum(max(t["seconds_here"], t["seconds_training"]) for t in times) / 3600
            devices = dict.fromkeys(r.device for r in found)
            row = {"paper": paper, "profile": profile, "planned": len(planned), "stored": len(found)}
            spent = _hours(hours if found else np.nan, whole=np.inf)
            rows.append({**row, "hours": spent, "device": "; ".join(devices) or "–"})
    return pd.DataFrame([row for row in rows if row["planned"]])


def estimated(results: Path) -> pd.DataFrame:
    """Hours of all planned runs by paper: profile gpu on two cores and one H100, profile p100 on one T4 or P100."""
    records = all_records(results)
    cores = _cpu_speed(records)
    sizes = {split_key(r.spec): r.info["n"]["train"] for r in records}  # training images
    rows = []
    for paper in papers():
        row: dict[str, object] = {"paper": paper}
        for profile, devices in (("gpu", ("2 cores", "H100")), ("p100", ("T4", "P100"))):
            planned = planned_runs(paper, profile)
            row[f"runs, {profile}"] = len(planned)
            work = arithmetic([p.spec for p in planned], sizes)
            row |= {f"{d}, h": _hours(work / (card_speed(d) if d in SHARES else cores) / 3600) for d in devices}
        rows.append(row)
    return pd.DataFrame(rows)


def card_speed(card: str) -> float:
    """Operations per second of training on ``card`` (a key of ``SHARES``)."""
    return REFERENCE * SHARES[card] * 3 * forward("convnext_tiny", PX)


def arithmetic(specs: list[RunSpec], sizes: dict[tuple, int]) -> float:
    """Floating-point operations of the runs, at most: no early stopping, every image of an unknown split trained on.

    Runs on the same frozen features share them; their heads are not counted.
    """
    work, shared = 0.0, {}
    for spec in specs:
        everything = sum(SOURCES[spec.dataset].counts.values())
        once = forward(spec.model.backbone, spec.image_size)
        if spec.model.train == "head":
            shared[spec.dataset, spec.preprocessing, spec.model.backbone, spec.image_size] = everything * once
        else:
            work += 3 * sizes.get(split_key(spec), everything) * once * spec.epochs
    return work + sum(shared.values())


@functools.cache
def forward(backbone: str, px: int) -> float:
    """Floating-point operations of one image's forward pass; nothing is computed for it."""
    from lib.models.cost import backbone_cost  # torch only where something is counted

    if px != PX:
        return forward(backbone, PX) * (px / PX) ** 2
    return 2e9 * backbone_cost(backbone, PX, 1000)["gmacs"]


def _cpu_speed(records: list[Record]) -> float:
    """Median operations per second of the stored trainings of whole networks on two CPU threads; NaN without any."""
    found = [
        3 * forward(r.spec.model.backbone, r.spec.image_size) * r.info["timing"]["images_per_second"]
        for r in records
        if r.spec.model.train == "all" and r.device.startswith("CPU, 2 threads")
        if r.info["timing"].get("images_per_second")
    ]
    return float(np.median(found)) if found else float("nan")


def _hours(hours: float, whole: float = 10) -> str:
    """A dash for NaN; with a decimal below ``whole`` hours."""
    if np.isnan(hours):
        return "–"
    return "< 0.1" if hours < 0.05 else f"{hours:.1f}" if hours < whole else f"{hours:,.0f}"
