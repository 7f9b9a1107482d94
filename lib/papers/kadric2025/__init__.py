"""kadric2025: heads on frozen ResNet-50 and EfficientNetV2-L, DermaMNIST against DermaMNIST-C.

Only a summary of the paper by others is at hand; ``params/papers/kadric2025/runs.yaml`` lists what it leaves open.
"""

import pandas as pd

from lib.audit.values import published
from lib.papers.kadric2025.audit import fitting_version
from lib.papers.kadric2025.settings import HEADS, LOW, LOW_VAL, PAPER, is_clean, largest, low_pixels, pixels, setting
from lib.plan.grid import beside
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.published.values import load_published
from lib.records.seeds import Recipe, measure

__all__ = ["PAPER", "measured", "printed_accuracies"]


def printed_accuracies() -> pd.DataFrame:
    """The accuracies that the text gives, each once, with the tolerance fixed before anything was run."""
    published = load_published(PAPER).set_index("id")
    ids = [*HEADS.values(), LOW["efficientnetv2_l"], LOW["resnet50"], LOW_VAL]
    columns = {"model": "model", "setting": "setting", "protocol": "protocol", "printed": "printed"}
    columns |= {"tolerance_value": "tolerance", "unit": "unit", "tolerance_reason": "reason"}
    return published.loc[ids, list(columns)].rename(columns=columns).reset_index()


def measured(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Our values for each published one that a run here answers: the input of ``lib.published.compare.compare``.

    Accuracy at the selected epoch. Effv1, Effv3 and Effv4 on DermaMNIST-C at the full size stand beside the published
    ones, as does Effv3 on DermaMNIST at the lowest resolution (fed as it is, or enlarged) beside the published
    low-resolution accuracies, whose head is not stated.
    """
    found, audited = [], f"dermamnist-c-v{fitting_version(published(PAPER)).removeprefix('version ')}"
    for recipe in recipes:
        spec = recipe.spec
        for ident, subset in _answers(spec, recipe.paper_model):
            found.append(
                {
                    "published_id": ident,
                    "data": _data(spec),
                    "learned": recipe.learned,
                    "read_as_audited": spec.dataset != "dermamnist" or not is_clean(spec) or spec.split.name == audited,
                    "split": "paper",  # the data set's own split, whichever edition the paper's value is for
                    "n": recipe.records[0].info["n"][subset],
                    "estimate": measure(recipe, "accuracy", repeats, subset),
                    "deviations": _deviations(spec, ident),
                }
            )
    return pd.DataFrame(found)


def _answers(spec: RunSpec, model: str) -> list[tuple[str, str]]:
    """(published id, evaluated part) that a run stands beside."""
    name = setting(spec)
    if is_clean(spec):
        full = pixels(spec) == largest(spec)
        return [(HEADS[name], "test")] if full and name in HEADS and model == "efficientnetv2_l" else []
    known = model in LOW and name == "effv3" and pixels(spec) == low_pixels(spec)
    return [(LOW[model], "test"), (LOW_VAL, "val")] if known else []


def _data(spec: RunSpec) -> str:
    """The edition, and what tells two runs beside one published value apart."""
    grid = spec.model.feature_grid
    shown = [f"{grid}x{grid} map"] if grid else []
    if pixels(spec) < largest(spec):
        shown.append(f"{pixels(spec)} px " + ("enlarged" if spec.preprocessing.detail_px else "input"))
    return ", ".join([spec.split.name, *shown])


def _deviations(spec: RunSpec, ident: str) -> str:
    """What sets a run apart from the published row, whose network may be another than the run stands for."""
    own = next(changes for start, changes in beside(PAPER, "rows").items() if ident.startswith(f"{start}."))
    model = load_published(PAPER).set_index("id").loc[ident, "model"]
    return deviations(PAPER, model, spec, own)
