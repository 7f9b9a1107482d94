"""Recipes over draws: what several random splits of one data set, and several training seeds, say together."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import pandas as pd

from lib.core.gather import gather_by
from lib.evaluation.draws import Plan
from lib.evaluation.estimates import FEWEST, Estimate, over_seeds, over_splits
from lib.evaluation.measure import estimate
from lib.evaluation.resampled import Metric
from lib.records.runs import Draw, Record
from lib.records.seeds import Recipe, measure, value


@dataclass(frozen=True)
class Drawn:
    """Recipes that differ in the seed of their split alone, in the given order."""

    recipes: tuple[Recipe, ...]

    @property
    def first(self) -> Recipe:
        return self.recipes[0]

    @property
    def records(self) -> dict[Draw, Record]:
        return {r.draw: r for recipe in self.recipes for r in recipe.records}

    @property
    def draws(self) -> list[Draw]:
        return list(self.records)

    def on(self, draws: Set[Draw]) -> "Drawn":
        """Its runs of ``draws``, at least one of which it must have."""
        return Drawn(tuple(own for recipe in self.recipes if (own := recipe.on(draws)).records))

    def labels(self) -> dict[str, object]:
        """As those of a recipe; ``draws``: splits and seeds together."""
        labels = {key: value for key, value in self.first.labels().items() if key != "seeds"}
        return labels | {"draws": len(self.records), "learned": all(recipe.learned for recipe in self.recipes)}

    def place(self) -> dict[str, object]:
        """As that of a recipe."""
        return self.first.place() | {"learned": all(recipe.learned for recipe in self.recipes)}

    def measure(self, metric: str | Metric, repeats: int, subset: str = "test", checkpoint: str = "best") -> Estimate:
        """A metric over all draws (:func:`over_draws`)."""
        if len(self.recipes) == 1:
            return measure(self.first, metric, repeats, subset, checkpoint)
        plan = Plan(repeats)
        by_draw = {d: estimate(metric, *r.arrays(subset, checkpoint), plan) for d, r in self.records.items()}
        return over_draws(by_draw, self.records)


def by_draw(recipes: Sequence[Recipe]) -> list[Drawn]:
    """Recipes gathered by everything but the seed of their split."""

    def undrawn(recipe: Recipe) -> str:
        split = recipe.spec.split.model_copy(update={"seed": 0})
        return recipe.spec.model_copy(update={"seed": 0, "split": split}).hash

    return [Drawn(tuple(members)) for members in gather_by(recipes, undrawn).values()]


def difference(
    first: Mapping[Draw, Record],
    second: Mapping[Draw, Record],
    of_first: Callable[[Record], Estimate],
    of_second: Callable[[Record], Estimate],
) -> Estimate | None:
    """What ``of_first`` gives of the first minus what ``of_second`` gives of the second, over the draws that both have;
    None without one."""
    found = {draw: of_first(own) - of_second(second[draw]) for draw, own in first.items() if draw in second}
    return over_draws(found, first, second) if found else None


def over_draws(estimates: Mapping[Draw, Estimate], *sides: Mapping[Draw, Record]) -> Estimate:
    """Mean of one estimate for each draw, with the variation over draws where there are enough.

    Draws on the same test images differ as training seeds do; those on other test images are splits of one data set,
    each with the mean over its training seeds. ``sides``: the records that the estimates were made of.
    """
    if all(_same_images([side[d] for d in estimates]) for side in sides):
        return over_seeds(dict(enumerate(estimates.values())))
    of_split = gather_by(estimates.items(), lambda item: item[0][0])
    means = {split: over_seeds({seed: own for (_, seed), own in runs}).pooled() for split, runs in of_split.items()}
    if len(means) < FEWEST:
        return over_seeds(means)
    n = sides[0][next(iter(estimates))].info["n"]
    return over_splits(means, n["test"] / n["train"])


def _same_images(records: Sequence[Record]) -> bool:
    if len({r.info["images"] for r in records}) == 1:
        return True
    return len({tuple(r.rows("test")["image_id"]) for r in records}) == 1


def metric_table(recipes: Sequence[Recipe], names: tuple[str, ...], repeats: int) -> pd.DataFrame:
    """One row per recipe over its draws: labels, n, each metric's mean; the first with its interval and spread.

    ``interval_of``: whether the interval speaks of the recipe (three draws or more) or of these networks.
    """
    rows = []
    for drawn in by_draw(recipes):
        first = drawn.measure(names[0], repeats)
        row = {**drawn.labels(), "n": drawn.first.n, **first.row(names[0], "low", "high")}
        row |= {"interval_of": first.speaks_of, "sd_over_draws": first.sd}
        means = {name: sum(value(r, name) * len(r.seeds) for r in drawn.recipes) for name in names[1:]}
        rows.append(row | {name: total / len(drawn.records) for name, total in means.items()})
    return pd.DataFrame(rows)
