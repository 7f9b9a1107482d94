"""Published values beside measured ones: difference, tolerance, verdict."""

import pandas as pd

from lib.evaluation.estimates import Estimate
from lib.plan.grid import beside, merge, reference
from lib.plan.spec import RunSpec
from lib.published.values import load_published, published_values, verdict

COLUMNS = (
    *("paper", "published_id", "where", "quantity", "model", "dx", "printed", "unit"),
    *("data", "split", "n", "ours", "low", "high", "interval_of", "difference", "within_tolerance", "deviations"),
    *("learned", "read_as_audited", "verdict"),
)


NUMBERS = {"image_size": "px", "epochs": "epochs", "batch_size": "images per batch"}
PARTS = ("preprocessing", "augmentation", "offline", "mixing", "loss", "sampler", "schedule", "early_stopping_patience",
         "monitor")  # fmt: skip
MODEL_PARTS = ("pooling", "attention", "head")
WITHIN = {
    "reproduced": "inside",
    "undecided": "interval reaches it",
    "not reproduced": "outside",
    "not testable": "no tolerance",
}


def deviations(paper: str, paper_model: str, spec: RunSpec, row: dict | None = None) -> str:
    """What sets a run apart from the paper's description, as a sentence part; empty if nothing does.

    The paper's settings are the ``base`` of ``params/papers/<paper>/runs.yaml``, with what its ``models`` say of the
    row and with ``row`` where a published row has settings of its own; data, split and seed are not compared. A random
    crop counts by its share of the image. A learning rate or number of epochs that the paper states elsewhere
    (``also_stated``) is no deviation.
    """
    own = {k: v for k, v in spec.model_dump().items() if k in ("dataset", "task", "split", "external")}
    theirs = merge(reference(paper, model=paper_model), row or {})
    kept = {k: v for k, v in spec.model_dump()["model"].items() if k not in MODEL_PARTS}
    model = {**kept, "train": "all", "backbone": f"{paper_model}.", "weights": "imagenet"}
    paper_spec = RunSpec.parse({**theirs, **own, "model": {**model, **theirs.get("model", {})}})
    found = []
    names = [s.model.backbone.split(".")[0] for s in (spec, paper_spec)]
    if names[0] != names[1]:
        found.append(f"{names[0]} in place of {names[1]}")
    if spec.model.weights != paper_spec.model.weights:
        found.append({"none": "no pretrained weights", "local": "other pretrained weights"}[spec.model.weights])
    if spec.model.train != paper_spec.model.train:
        found.append("only a linear head trained" if spec.model.train == "head" else "all layers trained")
    elif spec.model.head != paper_spec.model.head:
        found.append(f"head {spec.model.head}")
    if spec.model.feature_grid != paper_spec.model.feature_grid:
        grid = spec.model.feature_grid
        found.append(f"feature map averaged to {grid}x{grid}" if grid else "head on pooled features")
    for name in ("pooling", "attention"):
        ours, theirs = getattr(spec.model, name), getattr(paper_spec.model, name)
        if ours != theirs:
            found.append(f"{name} {ours}, not {theirs}")
    stated = beside(paper, "also_stated")
    for name, unit in NUMBERS.items():
        ours, theirs = getattr(spec, name), getattr(paper_spec, name)
        if ours not in (theirs, *stated.get(name, ())):
            found.append(f"{ours} {unit}, not {theirs}")
    if spec.optimizer.lr not in (paper_spec.optimizer.lr, *stated.get("lr", ())):
        found.append(f"learning rate {spec.optimizer.lr:g}, not {paper_spec.optimizer.lr:g}")
    optimizers = [s.optimizer.model_copy(update={"lr": 1.0}) for s in (spec, paper_spec)]
    if optimizers[0] != optimizers[1]:
        found.append("other optimizer settings")
    for name in PARTS:
        if name == "offline" and spec.offline and paper_spec.offline:
            if spec.offline.target != paper_spec.offline.target:
                targets = spec.offline.target, paper_spec.offline.target
                found.append("offline phase to {} images per class, not {}".format(*targets))
        elif _part(spec, name, spec.image_size) != _part(paper_spec, name, spec.image_size):
            found.append(f"other {name.replace('_', ' ')}")
    if chosen := beside(paper, "chosen").get(paper_model):
        found.append(chosen)
    if spec.dataset == "synthetic":
        found.append("synthetic images")
    return "; ".join(found)


def _part(spec: RunSpec, name: str, size: int):
    part = getattr(spec, name)
    if name == "augmentation" and part.random_crop:
        return part.model_copy(update={"random_crop": round(part.random_crop * size / spec.image_size)})
    return part


def answers(paper: str, rows: list[dict]) -> pd.DataFrame:
    """Those of ``rows``, as :func:`compare` takes them, whose ``published_id`` the paper prints."""
    return pd.DataFrame([row for row in rows if row["published_id"] in published_values(paper).index])


def compare(paper: str, measured: pd.DataFrame, draws: bool = False) -> pd.DataFrame:
    """Join measured values with published ones.

    Args:
        measured: columns ``published_id, data, split, n, deviations`` and ``estimate``, in fractions where the
            published value is a proportion; a row without one has ``ours``, ``low`` and ``high`` instead. ``learned``:
            whether the networks beat the constant answer. ``read_as_audited``: where a paper can be read in several
            ways, whether the run follows the one that its numbers fit (both true where there is no such column).
        draws: keep the column ``estimate``, in the published unit.

    ``interval_of`` is what the interval speaks of, the recipe or these networks. ``within_tolerance`` applies the
    tolerance fixed in ``params/papers``; ``verdict`` is that result where the run follows the paper's protocol on
    the paper's split, and ``not testable`` where it deviates from it or learned nothing: a smaller run that falls
    short says nothing against the paper, nor does one that happens to agree say much for it.
    """
    published = load_published(paper).set_index("id", drop=False).assign(value=published_values(paper))
    meant = published["corrected"] + " (misprinted as " + published["printed"] + ")"
    published["printed"] = published["printed"].where(published["corrected"].isna(), meant)
    rows = []
    for m in measured.to_dict("records"):
        p = published.loc[m["published_id"]]
        scale = 100.0 if p["unit"] == "percent" else 1.0
        estimate = scale * m["estimate"] if isinstance(m.get("estimate"), Estimate) else None
        row = estimate.row("ours", "low", "high") if estimate else {k: scale * m[k] for k in ("ours", "low", "high")}
        within = verdict(p, row["ours"], row["low"], row["high"])
        marks = {k: m.get(k) is not False for k in ("learned", "read_as_audited")}
        follows = not m["deviations"] and m["split"] == "paper" and marks["learned"]
        rows.append(
            {
                "paper": paper,
                **{k: p[k] for k in ("where", "quantity", "model", "dx", "printed", "unit")},
                **{k: m[k] for k in ("published_id", "data", "split", "n", "deviations")},
                **row,
                "interval_of": estimate.speaks_of if estimate else "",
                "difference": row["ours"] - p["value"],
                "within_tolerance": WITHIN[within],
                **marks,
                "verdict": within if follows else "not testable",
                "estimate": estimate,
            }
        )
    return pd.DataFrame(rows, columns=[*COLUMNS, *(["estimate"] if draws else [])])
