"""Pairs of stored recipes that a claim's contrast asks for, and what they show."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lib.evaluation.estimates import Estimate
from lib.published.claims import MEASURES, METRICS, Claim, by_id
from lib.published.claims_rules import verdict
from lib.records.draws import difference, over_draws
from lib.records.names import network
from lib.records.runs import Record
from lib.records.seeds import learned
from lib.studies.claims.effects import MEASURED, class_mix, kind_of, measurement_of, of_side, order_agreement, timed_on
from lib.studies.claims.pools import ensembles
from lib.studies.claims.recipes import BY_MODEL, DrawnRecipe, common_draws, families, grouped_partner
from lib.studies.claims.rows import WHOLE, Evidence, Side, evidence, said

ANSWERED = {*METRICS, *MEASURES} - {"size_reduction"}
FEWEST_RANKED = 3
TRAINED = ("paper_model", "detail_px", "offline", "sampler", "image_size", "batch_size", "epochs")
OUTSIDE = "outside"  # claims of no paper: any run may bear on them

Gathered = Mapping[tuple[str, str, bool], list[Evidence]]


def collect(recipes: Sequence[DrawnRecipe], claims: Mapping[str, Sequence[Claim]]) -> Gathered:
    """All evidence by (paper, claim's id, whether on grouped splits)."""
    rules = by_id(claims)
    found = {
        (paper, name, grouped): gather(claim, paper, recipes, grouped)
        for (paper, name), claim in rules.items()
        for grouped in (False, True)
    }
    for (paper, name), claim in rules.items():
        for grouped in (False, True) if claim.given else ():
            given = rules[paper, claim.given]
            shown = {e.of for e in found[paper, claim.given, grouped]
                     if verdict(e.estimate.value, *e.estimate.interval(), given) == "supported"}  # fmt: skip
            found[paper, name, grouped] = [e for e in found[paper, name, grouped] if e.of in shown]
    return found


def gather(claim: Claim, paper: str, recipes: Sequence[DrawnRecipe], grouped: bool = False) -> list[Evidence]:
    """All rows of evidence on ``claim`` among ``recipes`` of its paper's grid, strongest first.

    None for a measure that neither runs nor their measurements give.

    ``grouped``: on the splits without shared lesions or subjects that go with the paper's.
    """
    contrast = claim.contrast
    if contrast.population is None or contrast.measure not in ANSWERED:
        return []
    splits = [grouped_partner(s) if grouped else s for s in contrast.population.splits]
    splits = list(dict.fromkeys(s for s in splits if s))
    recipes = [r for r in recipes if paper in (r.planned.paper, OUTSIDE)]
    found = []
    rivals = [side for one in contrast.second for side in _sides(one)]
    for first in _sides(contrast.first):
        if "split.name" in first:
            found += [] if grouped else _between_splits(claim, paper, recipes, first, rivals)
            continue
        here = [r for r in recipes if r.split in splits and r.spec.task in contrast.population.tasks]
        for subset in contrast.population.subsets:
            found += _within(claim, paper, here, first, rivals, subset)
    return sorted((e for e in found if e), key=lambda e: e.strength)


def _sides(side: Side) -> Iterator[Side]:
    """One side for each combination of its listed values."""
    listed = {k: v if isinstance(v, list) and k not in WHOLE else [v] for k, v in side.items()}
    for values in itertools.product(*listed.values()):
        yield dict(zip(listed, values, strict=True))


def _within(claim, paper, recipes, first: Side, rivals: list[Side], subset: str) -> Iterator[Evidence]:
    if "ensemble" in first:
        yield from ensembles(claim, paper, recipes, first, rivals, subset)
        return
    if "order" in first:
        yield from _orders(claim, paper, recipes, first["order"], subset)
        return
    named = _named(claim, first, rivals)
    if unsized := [k for k, v in first.items() if v == "largest"]:
        yield from _largest(claim, paper, recipes, unsized[0], named, subset)
        return
    recipes = _measured(recipes, kind_of(claim.contrast.measure, first))
    for one in recipes:
        if not one.has(first) or not one.holds(subset):
            continue
        pairs = []
        for side in rivals:
            partners = [one] if _same_run(side) else [r for r in recipes if _is_partner(one, r, side, named)]
            pairs += [(other, side) for other in partners if "constant" in side or other.holds(subset)]
        if pairs:
            yield _row(claim, paper, one, first, pairs, subset)


def _named(claim: Claim, first: Side, rivals: list[Side]) -> tuple[str, ...]:
    named = {*first, *(key for side in rivals for key in side), *claim.contrast.may_differ}
    if "paper_model" in named:
        named |= set(BY_MODEL)
    return tuple(named)


def _same_run(side: Side) -> bool:
    """Whether a side asks for nothing that another training would give."""
    return not any("." in key or key in TRAINED for key in side)


def _is_partner(one: DrawnRecipe, other: DrawnRecipe, side: Side, named: tuple[str, ...]) -> bool:
    return other is not one and other.has(side) and other.rest(named) == one.rest(named)


def _measured(recipes: list[DrawnRecipe], kind: str | None) -> list[DrawnRecipe]:
    """Recipes with the draws that have a measurement of ``kind``, if one is asked for."""
    if kind is None:
        return recipes
    kept = [(r, {d: record for d, record in r.records.items() if measurement_of(record, kind)}) for r in recipes]
    return [replace(r, records=records) for r, records in kept if records]


def _row(
    claim: Claim, paper: str, one: DrawnRecipe, first: Side, pairs: list[tuple[DrawnRecipe, Side]], subset: str
) -> Evidence | None:
    """First against the strongest of its rivals."""

    def measure(mix: tuple, side: Side, record: Record) -> Estimate:
        name = side.get("measure", claim.contrast.measure)
        return of_side(record, name, tuple(claim.contrast.dx), mix, subset, tuple(sorted(_plain(side).items())))

    effects = []
    for other, side in pairs:
        standardized = claim.contrast.measure == "accuracy_at_one_class_mix"
        mix = tuple(class_mix(next(iter(other.records.values())), subset)) if standardized else ()
        if effect := difference(one.records, other.records, partial(measure, mix, first), partial(measure, mix, side)):
            effects.append((effect, other, side))
    if not effects:
        return None
    strongest = min if claim.predicts.sign in ("higher", "not lower") else max
    estimate, other, side = strongest(effects, key=lambda found: found[0].value)
    record = next(iter(one.records.values()))
    timed = f" (timed on {timed_on(record)})" if claim.contrast.measure == "latency" else ""
    rivals = len({said(side) for _, _, side in effects})
    return evidence(paper, claim, [one, other], subset, said(first) + timed, said(side), estimate, rivals=rivals)


def _largest(claim, paper, recipes, key: str, named, subset) -> Iterator[Evidence]:
    """The largest value of ``key`` that was run against the best of the smaller ones."""
    for alike in families(recipes, named):
        top = max(alike, key=lambda r: r.fields[key])
        smaller = [(r, {key: r.fields[key]}) for r in alike if r.fields[key] < top.fields[key]]
        if smaller and top.holds(subset):
            yield _row(claim, paper, top, {key: top.fields[key]}, smaller, subset)


def _between_splits(claim, paper, recipes, first: Side, rivals: list[Side]) -> Iterator[Evidence]:
    """One recipe on two splits; nothing else differs. ``common``: on the test images that both splits share."""
    for one in recipes:
        pairs = [(r, side) for side in rivals for r in recipes if _is_partner(one, r, side, ("split.name",))]
        for subset in claim.contrast.population.subsets if one.has(first) and pairs else ():
            whole = [one, *(other for other, _ in pairs)]
            own, *others = _on_common(whole) if subset == "common" else whole
            sides = [side for _, side in pairs]
            row = _row(claim, paper, own, first, list(zip(others, sides, strict=True)), subset)
            # Whether anything was learned shows on the second side: that nothing carries over is the finding.
            yield row and replace(row, learned=all(learned(record) for r in whole[1:] for record in r.records.values()))


def _on_common(recipes: list[DrawnRecipe]) -> list[DrawnRecipe]:
    """The same with the subset ``common``: the test images that are in all of them."""
    of_each = [set(record.rows("test")["image_id"]) for r in recipes for record in r.records.values()]
    shared = set.intersection(*of_each)

    def longer(record: Record) -> Record:
        rows = record.rows("test")
        kept = rows["image_id"].isin(shared)
        return record.with_images(rows[kept].assign(subset="common"), {"common": record.logits("test")[kept]})

    return [replace(r, records={draw: longer(record) for draw, record in r.records.items()}) for r in recipes]


def _orders(claim, paper, recipes, order: list[str], subset: str) -> Iterator[Evidence]:
    """Agreement of three networks or more with the published ``order``, over the draws that all of them have."""
    for alike in families([r for r in recipes if r.holds(subset)]):
        models = {r.planned.paper_model: r for r in reversed(alike)}
        ranked = [models[name] for name in order if name in models]
        if len(ranked) < FEWEST_RANKED or not (draws := common_draws(ranked)):
            continue
        accuracies = {d: [of_side(r.records[d], "accuracy", (), (), subset, ()) for r in ranked] for d in draws}
        said_order = ", ".join(network(r.spec.model.backbone) for r in ranked)
        estimate = over_draws({d: order_agreement(own) for d, own in accuracies.items()}, ranked[0].records)
        yield evidence(paper, claim, ranked, subset, f"order of {said_order}", "chance", estimate)


def _plain(side: Side) -> dict[str, Any]:
    """What of a side decides how a record is measured."""
    return {k: side[k] for k in ("subset", "epoch", "constant", "temperature", *MEASURED) if k in side}
