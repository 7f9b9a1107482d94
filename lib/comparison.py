"""Published values beside measured ones: difference, tolerance, verdict."""

import pandas as pd

from lib.grid import reference
from lib.published import load_published, verdict
from lib.spec import RunSpec

COLUMNS = (
    *("paper", "published_id", "where", "quantity", "model", "dx", "printed", "unit"),
    *("data", "split", "n", "ours", "low", "high", "difference", "within_tolerance", "deviations", "verdict"),
)


WITHIN = {
    "reproduced": "inside",
    "undecided": "interval reaches it",
    "not reproduced": "outside",
    "not testable": "no tolerance",
}


def deviations(paper: str, stands_for: str, spec: RunSpec) -> str:
    """What sets a run apart from the paper's description, as a sentence part; empty if nothing does."""
    paper_spec = reference(paper)
    found = []
    backbone = spec.model.backbone.split(".")[0]
    if backbone != stands_for:
        found.append(f"{backbone} in place of {stands_for}")
    if spec.model.weights != "imagenet":
        found.append({"none": "no pretrained weights", "local": "other pretrained weights"}[spec.model.weights])
    if spec.model.train == "head":
        found.append("only a linear head trained")
    if spec.image_size != paper_spec["image_size"]:
        found.append(f"{spec.image_size} px, not {paper_spec['image_size']}")
    if spec.epochs < paper_spec["epochs"]:
        found.append(f"{spec.epochs} epochs, not {paper_spec['epochs']}")
    if spec.optimizer.lr != paper_spec["optimizer"]["lr"]:
        found.append(f"learning rate {spec.optimizer.lr:g}, not {paper_spec['optimizer']['lr']:g}")
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
