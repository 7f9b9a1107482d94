"""Evidence from ensembles: pools of stored recipes, as a claim's contrast asks for them."""

import itertools
from collections.abc import Iterator, Sequence

from lib.core.gather import gather_by
from lib.evaluation.estimates import Estimate, mean
from lib.records.draws import over_draws
from lib.records.names import network
from lib.records.runs import Draw
from lib.studies.claims.effects import measured, metric_of, pooled
from lib.studies.claims.recipes import DrawnRecipe, common_draws, families
from lib.studies.claims.rows import Evidence, Side, evidence, said
from lib.studies.ensembles.pools import family

Pool = list[DrawnRecipe]


def ensembles(claim, paper, recipes, first: Side, rivals: list[Side], subset) -> Iterator[Evidence]:
    """Pools among recipes that differ in their model alone: the paper's members, else those of the same kind."""
    for alike in families([r for r in recipes if r.holds(subset)]):
        for side in rivals:
            for pools, other in _matched(alike, first, side):
                if row := _pool_row(claim, paper, pools, first, other, side, subset):
                    yield row


def _matched(alike: list[DrawnRecipe], first: Side, side: Side) -> Iterator[tuple[list[Pool], Pool]]:
    """Pools of the first side, whose mean counts, and the one that they are compared with."""
    own = _own(alike, first)
    if "ensemble" not in side:
        yield from (([pool], pool) for pool in _pools(alike, first))
    elif own or first.get("families") == side.get("families"):
        yield from (([pool], other) for pool in _pools(alike, first) for other in _pools(alike, side))
    else:  # of several families against one: as many networks on both sides
        for other in _pools(alike, side):
            pools = [list(pool) for pool in itertools.combinations(alike, len(other)) if len(_kinds(pool)) > 1]
            if pools:
                yield pools, other


def _pools(alike: list[DrawnRecipe], side: Side) -> list[Pool]:
    if own := _own(alike, side):
        return [own]
    kinds = _kinds(alike)
    if side.get("families") == "same":
        return [members for members in kinds.values() if len(members) > 1]
    return [alike] if len(kinds) > 1 else []


def _own(alike: list[DrawnRecipe], side: Side) -> Pool:
    """The paper's own members, or what stands for them, if all are there."""
    own = [r for r in alike if r.planned.paper_model in side.get("members", ())]
    return own if len(own) == len(side.get("members", ())) else []


def _kinds(alike: Sequence[DrawnRecipe]) -> dict[str, Pool]:
    """Recipes by their family of architectures."""
    return gather_by(alike, lambda recipe: family(recipe.spec.model.backbone))


def _pool_row(claim, paper, pools: list[Pool], first: Side, others: Pool, side: Side, subset: str) -> Evidence | None:
    members = list(dict.fromkeys(itertools.chain(*pools)))
    draws = common_draws([*members, *others])
    if not draws:
        return None

    def measure(pool: Pool, draw: Draw, asked: Side) -> Estimate:
        records = [r.records[draw] for r in pool]
        metric = metric_of(claim.contrast.measure, claim.contrast.dx, records[0].classes)
        return measured(metric, pooled(records, asked, subset))

    by_draw = {d: mean([measure(p, d, first) for p in pools]) - measure(others, d, side) for d in draws}
    estimate = over_draws(by_draw, members[0].records)
    each = f"{len(pools[0])} of several families among " if len(pools) > 1 else ""
    trained = f"{first['ensemble'].replace('_', ' ')} of {each}{_named_in(members)}"
    against = f"{side['ensemble'].replace('_', ' ')} of {_named_in(others)}" if "ensemble" in side else said(side)
    asked = {r.planned.paper_model for r in members} & set(first.get("members", ()))
    return evidence(paper, claim, [*members, *others], subset, trained, against, estimate, len(asked))


def _named_in(pool: Pool) -> str:
    return ", ".join(network(r.spec.model.backbone) for r in pool)
