"""Which run stands in which cell of which table, told by its specification alone."""

from dataclasses import replace

from lib.plan.grid import beside
from lib.plan.spec import RunSpec
from lib.published.compare import deviations
from lib.records.draws import Drawn, by_draw
from lib.records.seeds import Recipe, on_common_draws

PAPER = "abdulqader2026"
PHASES = ("base", "offline", "online", "proposed")
# What varies within a table; all else of the specification is the same in all of its cells.
FACTORS = {
    "9": {"mixing": True, "offline": True},
    "12": {"model": {"backbone"}},
    "13": {"image_size": True, "augmentation": {"random_crop"}},
    "14": {"optimizer": {"name", "momentum"}},
    "15": {"batch_size": True},
}
SIZES = (128, 192, 256, 384)


def phase(spec: RunSpec) -> str:
    """The row of Table 9: which of the two augmentation phases a run has."""
    online = bool(spec.mixing.mixup or spec.mixing.cutmix)
    return PHASES[2 * online + bool(spec.offline)]


def cell_sets(recipes: list[Recipe], number: str) -> list[dict[str, Drawn]]:
    """Every set of runs that makes table ``number``: row of the paper -> its runs over the draws that all rows have, at
    least two rows.

    Tables 12 to 15 are of runs with both phases. In Table 13 a set's largest size takes the row of 384 px and smaller
    ones the rows of the same proportion, so that reduced sizes stand beside the paper's.
    """
    found: dict[str, dict[str, Drawn]] = {}
    for one in by_draw(recipes):
        spec = one.first.spec
        if number == "9" or phase(spec) == "proposed":
            same = spec.model_dump_json(exclude={"seed": True, "split": {"seed"}, **FACTORS[number]})
            found.setdefault(same, {})[_row(one, number)] = one
    sets = [_by_proportion(s) if number == "13" else s for s in found.values() if len(s) > 1]
    shared = [(s, on_common_draws(list(s.values()))) for s in sets if len(s) > 1]
    return [dict(zip(s, common, strict=True)) for s, common in shared if common]


def proposed(recipes: list[Recipe]) -> list[Drawn]:
    """Runs of the whole method that have an ablated one beside them: what Tables 7 and 8 are about."""
    return [cells["proposed"] for cells in cell_sets(recipes, "9") if "proposed" in cells]


def phase_groups(cells: dict[str, Drawn]) -> dict[str, Recipe]:
    """The first draw of a set of Table 9 named by its rows, for figures that would not tell them apart."""
    firsts = {name: one.first for name, one in cells.items()}
    return {name: replace(one, planned=replace(one.planned, paper_model=name)) for name, one in firsts.items()}


def cell_deviations(one: Drawn, number: str, row: str) -> str:
    """What sets runs apart from the published row that they stand beside."""
    return deviations(PAPER, one.first.paper_model, one.first.spec, beside(PAPER, "rows").get(f"table{number}.{row}"))


def _row(one: Drawn, number: str) -> str:
    spec = one.first.spec
    return {
        "9": phase(spec),
        "12": one.first.paper_model,
        "13": str(spec.image_size),
        "14": spec.optimizer.name,
        "15": str(spec.batch_size),
    }[number]


def _by_proportion(cells: dict[str, Drawn]) -> dict[str, Drawn]:
    largest = max(map(int, cells))
    rescaled = {SIZES[-1] * int(px) / largest: one for px, one in sorted(cells.items(), key=lambda c: int(c[0]))}
    return {str(int(px)): one for px, one in rescaled.items() if px in SIZES}
