"""Published values beside measured ones: difference, tolerance, verdict."""

import pandas as pd

from lib.grid import reference
from lib.published import load_published, verdict
from lib.spec import RunSpec

COLUMNS = (
    *("paper", "published_id", "where", "quantity", "model", "dx", "printed", "unit"),
    *("data", "split", "n", "ours", "low", "high", "difference", "within_tolerance", "deviations", "verdict"),
)


NUMBERS = {"image_size": "px", "epochs": "epochs", "batch_size": "images a batch"}
PARTS = ("preprocessing", "augmentation", "loss", "sampler", "schedule", "early_stopping_patience")
WITHIN = {
    "reproduced": "inside",
    "undecided": "interval reaches it",
    "not reproduced": "outside",
    "not testable": "no tolerance",
}


def deviations(paper: str, stands_for: str, spec: RunSpec) -> str:
    """What sets a run apart from the paper's description, as a sentence part; empty if nothing does.

    The paper's settings are the ``base`` of ``params/runs/<paper>.yaml``; data, split and seed are not compared.
    """
    own = {k: v for k, v in spec.model_dump().items() if k in ("dataset", "task", "split", "model")}
    own["model"] = {**own["model"], "train": "all"}
    paper_spec = RunSpec.parse({**own, **reference(paper)})
    found = []
    backbone = spec.model.backbone.split(".")[0]
    if backbone != stands_for:
        found.append(f"{backbone} in place of {stands_for}")
    if spec.model.weights != "imagenet":
        found.append({"none": "no pretrained weights", "local": "other pretrained weights"}[spec.model.weights])
    if spec.model.train == "head":
        found.append("only a linear head trained")
    for name, unit in NUMBERS.items():
        ours, theirs = getattr(spec, name), getattr(paper_spec, name)
        if ours != theirs:
            found.append(f"{ours} {unit}, not {theirs}")
    if spec.optimizer.lr != paper_spec.optimizer.lr:
        found.append(f"learning rate {spec.optimizer.lr:g}, not {paper_spec.optimizer.lr:g}")
    optimizers = [s.optimizer.model_copy(update={"lr": 1.0}) for s in (spec, paper_spec)]
    if optimizers[0] != optimizers[1]:
        found.append("other optimizer settings")
    for name in PARTS:
        if getattr(spec, name) != getattr(paper_spec, name):
            found.append(f"other {name.replace('_', ' ')}")
    if spec.dataset == "synthetic":
        found.append("synthetic images")
    return "; ".join(found)


def compare(paper: str, measured: pd.DataFrame) -> pd.DataFrame:
    """Join measured values with published ones.

    Args:
        measured: columns ``published_id, data, split, n, ours, low, high, deviations``; ``ours``, ``low`` and ``high``
            in fractions where the published value is a proportion.

    ``within_tolerance`` applies the tolerance fixed in ``params/published``; ``verdict`` is that result where the run
    follows the paper's protocol on the paper's split, and ``not testable`` where it deviates from it: a smaller run
    that falls short says nothing against the paper, nor does one that happens to agree say much for it.
    """
    published = load_published(paper).set_index("id", drop=False)
    rows = []
    for m in measured.to_dict("records"):
        p = published.loc[m["published_id"]]
        scale = 100.0 if p["unit"] == "percent" else 1.0
        ours, low, high = (scale * m[k] for k in ("ours", "low", "high"))
        within = verdict(p, ours, low, high)
        follows = not m["deviations"] and m["split"] == "paper"
        rows.append(
            {
                "paper": paper,
                **{k: p[k] for k in ("where", "quantity", "model", "dx", "printed", "unit")},
                **{k: m[k] for k in ("published_id", "data", "split", "n", "deviations")},
                "ours": ours,
                "low": low,
                "high": high,
                "difference": ours - p["value"],
                "within_tolerance": WITHIN[within],
                "verdict": within if follows else "not testable",
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
