"""One row of evidence, and whether it is of the paper's own recipe."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.evaluation.estimates import Estimate
from lib.plan.grid import PlannedRun, merge
from lib.published.claims import Claim, Not
from lib.published.compare import deviations
from lib.records import names
from lib.records.seeds import learned
from lib.studies.claims.recipes import DRAWN, DrawnRecipe, flat

WHOLE = ("members", "order")  # lists by nature
SAID = {  # a side's keys in words; None, zero and "none" are said as "no …"
    "batch_size": "batch {}",
    "detail_px": "{} px of detail",
    "epoch": "{} epoch",
    "epochs": "{} epochs",
    "image_size": "{} px",
    "loss.feature_smoothing": "smoothing loss {}",
    "map": "{}",
    "measure": "its {}",
    "member": "its {} member",
    "mixing.cutmix": "CutMix {}",
    "mixing.mixup": "MixUp {}",
    "model.classifier_init": "{} classifier",
    "model.train": "{}",
    "model.weights": "pretrained weights {}",
    "offline.target": "offline copies up to {}",
    "optimizer.lr": "learning rate {}",
    "preprocessing.detail_px": "{} px of detail",
    "offline": "offline copies {}",
    "optimizer.name": "optimizer {}",
    "paper_model": "as the paper's {}",
    "sampler": "{} batches",
    "split.name": "on {}",
    "temperature": "{}",
    "variant": "{}",
}
VALUES = {
    "model.attention": {"sevector": "SEVector"},
    "model.train": {"all": "all weights trained", "head": "the head alone trained"},
    "map": {
        "model": "Grad-CAM",
        "centred_gaussian": "a centred Gaussian",
        "random_network": "Grad-CAM of an untrained network",
        "flat": "a flat map",
    },
    "model.classifier_init": {"model": "its own initial", "torch": "torch's initial"},
    "model.pooling": {"model": "the backbone's", "dual": "mean and maximum"},
    "sampler": {"shuffle": "shuffled"},
    "temperature": {"fitted": "one temperature", "one": "no temperature"},
    "variant": {
        "original": "uncompressed",
        "quantized": "dynamic int8",
        "pruned": "30 % of weights zeroed",
        "pruned_quantized": "30 % zeroed, dynamic int8",
    },
}
NAMED = {"paper_model": names.paper_row, "split.name": names.data_set}
# Drawn, or bound to another setting.
MINOR = (*DRAWN, "recipe", "offline.seed", "optimizer.momentum", "model.feature_grid")
Side = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Evidence:
    """One row of evidence: first minus second in points.

    ``learned``: all networks beat the constant answer. ``predates``: some were trained before the rule was committed as
    it is now; all changes so far came after results.
    ``precision``: what the machines made of the specification's, several where it differs among the runs.
    """

    kind: str
    split: str
    subset: str
    trained: str
    compared: str
    runs: int
    estimate: Estimate
    learned: bool
    predates: bool
    precision: str
    deviations: int
    members: int = 0
    rivals: int = 1

    @property
    def of(self) -> tuple[str, str, str, int]:
        """What it was measured on: networks, split, subset and draws."""
        return (self.trained, self.split, self.subset, self.runs)

    @property
    def strength(self) -> tuple:
        """Order of preference, whatever it shows.

        Direct or not, whether its networks learned, how many ``rivals`` the first side was compared with, draws, the
        paper's ``members`` in an ensemble (or what stands for them), settings of the first side that deviate from the
        paper's, standard error.
        """
        far = (-self.members, self.deviations)
        return (self.kind != "direct", not self.learned, -self.rivals, -self.runs, *far, self.estimate.se)


def evidence(
    paper: str,
    claim: Claim,
    recipes: Iterable[DrawnRecipe],
    subset: str,
    trained: str,
    compared: str,
    estimate: Estimate,
    members: int = 0,
    rivals: int = 1,
) -> Evidence:
    recipes = list(dict.fromkeys(recipes))
    one = recipes[0]
    first = _deviations(claim, paper, one)
    records = [record for r in recipes for record in r.records.values()]
    hows = {names.how_trained(r.spec.model.train, r.spec.model.weights) for r in recipes}
    sizes = {f"{r.spec.image_size} px" for r in recipes}
    how = ", ".join(next(iter(shared)) for shared in (hows, sizes) if len(shared) == 1)
    network = names.network(one.spec.model.backbone) if len(recipes) < 3 else ""
    made = ", ".join(filter(None, (network, how)))
    return Evidence(
        kind="reduced" if first or any(_deviations(claim, paper, r) for r in recipes[1:]) else "direct",
        split=" against ".join(dict.fromkeys(r.split for r in recipes)),
        subset=subset,
        trained=(f"{made}: {trained}" if made else trained) + _where(subset),
        compared=compared,
        runs=max(len(estimate.runs), 1),
        estimate=estimate,
        learned=all(map(learned, records)),
        predates=bool(claim.changed) or any("converted" in record.info for record in records),
        precision=", ".join(sorted({record.precision for record in records})),
        deviations=first.count(";"),
        members=members,
        rivals=rivals,
    )


def _deviations(claim: Claim, paper: str, recipe: DrawnRecipe) -> str:
    """In what a recipe is not the paper's own, but for what the contrast varies, as parts of a sentence."""
    if recipe.planned.paper != paper:
        return "another paper's grid"
    named = {*claim.contrast.first, *(key for side in claim.contrast.second for key in side)}
    own = recipe.spec.model_dump(mode="json")
    row: dict[str, Any] = {}
    for key in named:
        top, _, below = key.partition(".")
        if top in own:
            row = merge(row, {top: {below: own[top][below]} if below and own[top] else own[top]})
    return deviations(paper, recipe.planned.paper_model, recipe.spec, row)


def _where(subset: str) -> str:
    """Images other than a run's own test images, in brackets."""
    known = {"test": "", "val": " (validation images)", "common": " (test images that both have)"}
    return known.get(subset, f" ({names.data_set(subset)})")


def said(side: Side) -> str:
    """A side in words: ``no offline copies, MixUp 0.3``."""
    return ", ".join(_said(key, value) for key, value in side.items() if key not in WHOLE)


def apart(planned: Sequence[PlannedRun], rows_too: bool = True) -> list[str]:
    """What sets each of several runs apart from those of the same paper, data and network, in words.

    The row that it stands for where there are several (``rows_too``: tables whose names hold it need it not), and the
    settings in which the runs of one row differ.
    """
    fields = [flat(p.spec.model_dump(mode="json", exclude={"split"})) for p in planned]
    alike: dict[tuple, dict[str, list[int]]] = {}
    for number, p in enumerate(planned):
        model = p.spec.model
        network = (model.backbone, model.weights, model.train, p.spec.image_size)
        rows = alike.setdefault((p.paper, p.spec.dataset, p.spec.task, network), {})
        rows.setdefault(p.paper_model, []).append(number)
    words = [""] * len(planned)
    for rows in alike.values():
        for row, numbers in rows.items():
            keys = [key for key in dict.fromkeys(k for n in numbers for k in fields[n]) if key not in MINOR]
            differ = [key for key in keys if len({repr(fields[n].get(key)) for n in numbers}) > 1]
            for n in numbers:
                settings = said({key: fields[n][key] for key in differ if key in fields[n]})
                words[n] = ", ".join(filter(None, (names.paper_row(row) * (rows_too and len(rows) > 1), settings)))
    return words


def _said(key: str, value: Any) -> str:
    if key == "preprocessing.detail_px" and value is None:
        return "all detail"
    words = SAID.get(key, key.split(".")[-1].replace("_", " ") + " {}")
    if key != "constant" and value in (None, 0, "none"):
        return "no " + words.replace("{}", "").strip()
    if key in NAMED and isinstance(value, str):
        return words.format(NAMED[key](value))
    plain = VALUES.get(key, {}).get(str(value), str(value).replace("_", " ")) if not isinstance(value, Not) else ""
    return words.format(plain).strip()
