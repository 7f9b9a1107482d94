"""What combinations of a pool's models give.

Ensembles are fitted on the pool's validation images and scored once on its test images. Intervals are over lesions and
speak of these networks, not of their recipes.
"""

import itertools

import numpy as np
import pandas as pd

from lib.evaluation.curves import ratio
from lib.evaluation.draws import Plan
from lib.evaluation.ensembles import DECIMALS, STRATEGIES, combine, disagreement, q_statistic
from lib.evaluation.estimates import Estimate
from lib.evaluation.measure import estimate, from_sums
from lib.evaluation.metrics import METRICS, accuracy
from lib.records.runs import stacked
from lib.studies.ensembles.pools import Pool, family

MEASURES = ("accuracy", "balanced_accuracy", "macro_auc_ovr", "ece")
KINDS = ("two seeds", "one family", "two families")
REFITTED = "best_member_refitted"
STEP = 0.1  # of disagreement: ten images in a hundred
MOST_SETS = 40  # sets of recipes that are looked at a pool, the first of them in the pool's order


def strategy_table(pool: Pool, repeats: int) -> pd.DataFrame:
    """One row per strategy: its measures, and the gain over the member that was best on validation.

    ``gain`` is in accuracy, with its 95 % interval and as an ``estimate``, ``balanced_gain`` in balanced accuracy.
    ``REFITTED`` is no ensemble but that member alone under a logistic regression fitted on validation: what stacking
    gains by learning how frequent the classes are, which members trained with balanced sampling do not know.
    """
    val_targets, val, _ = pool.stack("val")
    targets, test, lesions = pool.stack("test")
    best = pool.best()
    combined = {}
    for strategy in STRATEGIES:
        if strategy != "stacking" or len(np.unique(val_targets)) == val.shape[2]:
            combined[strategy] = combine(strategy, val_targets, val, test)
            if strategy == "stacking":
                refitted = STRATEGIES[strategy](val_targets, val[[best]])(test[[best]])
                combined[REFITTED] = np.round(refitted, DECIMALS)
    *found, alone = _accuracies(targets, [*combined.values(), test[best]], lesions, repeats)
    own = METRICS["balanced_accuracy"](targets, test[best])
    rows = []
    for (strategy, probs), gain in zip(combined.items(), (each - alone for each in found), strict=True):
        values = {m: METRICS[m](targets, probs, lesions) for m in MEASURES}
        row = {**pool.labels, "draw": pool.draw, "strategy": strategy, **values, "best_member": pool.names[best]}
        row |= {**_rounded(gain), "estimate": gain}
        rows.append(row | {"balanced_gain": round(values["balanced_accuracy"] - own, DECIMALS)})
    return pd.DataFrame(rows)


def pair_table(pool: Pool, repeats: int) -> tuple[pd.DataFrame, dict[str, Estimate]]:
    """Every pair of recipes (first seeds), and of a recipe's first two seeds: diversity of errors, gain of the mean;
    and :func:`_pair_effects` of them.

    ``kind``: one of ``KINDS``. ``gain_over_mean`` is the pair's accuracy minus the average of its members',
    ``gain_over_better`` minus that of the member with the higher validation accuracy.
    """
    pairs = [((a, 0), (b, 0)) for a, b in itertools.combinations(range(len(pool.members)), 2)]
    pairs += [((m, 0), (m, 1)) for m, group in enumerate(pool.members) if len(group.records) > 1]
    records = {run: pool.members[run[0]].records[run[1]] for run in dict.fromkeys(itertools.chain(*pairs))}
    targets, _, lesions = pool.stack("test")
    probs = {run: record.arrays("test")[1] for run, record in records.items()}
    right = {run: (p.argmax(axis=1) == targets).astype(float) for run, p in probs.items()}
    val = {run: accuracy(*record.arrays("val")[:2]) for run, record in records.items()}
    both = np.stack([_mean(*(probs[run] for run in pair)).argmax(axis=1) == targets for pair in pairs])
    gains = {
        "gain_over_mean": both - np.stack([(right[a] + right[b]) / 2 for a, b in pairs]),
        "gain_over_better": both - np.stack([right[max(pair, key=val.get)] for pair in pairs]),
    }
    rows = []
    for pair in pairs:
        a, b = (probs[run] for run in pair)
        row = {"first": pool.names[pair[0][0]], "second": pool.names[pair[1][0]], "kind": _kind(pool, *pair)}
        row |= {"disagreement": disagreement(a, b), "q_statistic": q_statistic(targets, a, b)}
        rows.append(pool.labels | row | {"accuracy_gap": abs(right[pair[0]].mean() - right[pair[1]].mean())})
    table = pd.DataFrame(rows).assign(**{name: each.mean(axis=1) for name, each in gains.items()})
    return table, _pair_effects(table, gains, lesions, repeats)


def _pair_effects(table: pd.DataFrame, gains: dict, lesions: np.ndarray, repeats: int) -> dict[str, Estimate]:
    """How gains [P, N] of pairs go with their diversity: the least-squares slope of each for ``STEP`` more
    disagreement, and the gain over the better of two families less that of one; without those that are undefined."""
    unlike = table["disagreement"] - table["disagreement"].mean()
    kinds = pd.get_dummies(table["kind"]).reindex(columns=KINDS[1:]).astype(float)
    families = kinds / kinds.sum()
    weights = {name: (STEP * unlike / (unlike**2).sum(), gain) for name, gain in gains.items()}
    weights["two_families"] = (families["two families"] - families["one family"], gains["gain_over_better"])
    columns = {name: w.to_numpy() @ gain for name, (w, gain) in weights.items() if w.notna().all()}
    return dict(zip(columns, _shares(np.stack([*columns.values()]), lesions, repeats), strict=True)) if columns else {}


def seeds_against_architectures(pool: Pool, repeats: int, size: int = 3) -> pd.DataFrame:
    """The mean of ``size`` seeds of one recipe against that of ``size`` recipes, over the same recipes.

    Gains over the members' average accuracy, averaged over all such sets (at most ``MOST_SETS``), with 95 % intervals;
    ``accuracy`` is the ensembles' own. Empty unless ``size`` recipes have as many seeds.
    """
    rich = [m for m, group in enumerate(pool.members) if len(group.records) >= size]
    if len(rich) < size:
        return pd.DataFrame()
    others = itertools.islice(itertools.combinations(rich, size), MOST_SETS)
    sets = {
        "seeds of one recipe": [[(m, s) for s in range(size)] for m in rich],
        "different recipes": [[(m, 0) for m in chosen] for chosen in others],
    }
    rows = []
    for kind, chosen in sets.items():
        ensemble, members = [], []
        for one in chosen:
            targets, probs, lesions = stacked([pool.members[m].records[s] for m, s in one], "test")
            ensemble.append(_mean(*probs).argmax(axis=1) == targets)
            members.append((probs.argmax(axis=2) == targets).mean(axis=0))
        own, single = _shares(np.stack([np.mean(ensemble, axis=0), np.mean(members, axis=0)]), lesions, repeats)
        row = {**pool.labels, "members": size, "kind": kind, "ensembles": len(chosen), "accuracy": own.value}
        rows.append(row | {"member_accuracy": single.value} | _rounded(own - single))
    return pd.DataFrame(rows)


def cost_curve(pool: Pool, costs: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """The mean of the best 1, 2, ... members (by validation accuracy): gain over the best alone, and what it costs.

    Args:
        costs: columns ``backbone``, ``px``, ``parameters`` (millions), ``gmacs`` (per image).
    """
    targets, test, lesions = pool.stack("test")
    val_targets, val, _ = pool.stack("val")
    order = np.argsort([-accuracy(val_targets, p) for p in val], kind="stable")
    price = costs.set_index(["backbone", "px"])
    specs = [pool.members[m].spec for m in order]
    each = [price.loc[(s.model.backbone, s.image_size), ["parameters", "gmacs"]].astype(float) for s in specs]
    total = np.cumsum(each, axis=0)
    sizes = range(1, len(order) + 1)
    found = _accuracies(targets, [_mean(*test[order[:size]]) for size in sizes], lesions, repeats)
    rows = []
    for size, own, (parameters, gmacs) in zip(sizes, found, total, strict=True):
        gain, extra = _rounded(own - found[0]), gmacs - total[0, 1]
        row = {**pool.labels, "size": size, "added": pool.names[order[size - 1]], "accuracy": own.value, **gain}
        row |= {"parameters": parameters, "gmacs": gmacs}
        rows.append(row | {"points_per_gmac": 100 * gain["gain"] / extra if extra else np.nan})
    return pd.DataFrame(rows)


def mean_against_members(pool: Pool, repeats: int) -> pd.DataFrame:
    """The mean of all members minus each member: accuracy and balanced accuracy, with 95 % intervals."""
    targets, test, lesions = pool.stack("test")
    rows = [{**pool.labels, "member": name} for name in pool.names]
    for measure in ("accuracy", "balanced_accuracy"):
        whole, *single = (estimate(measure, targets, p, lesions, Plan(repeats)) for p in (_mean(*test), *test))
        for row, own in zip(rows, single, strict=True):
            row |= (whole - own).row(measure)
    return pd.DataFrame(rows)


def _mean(*probs: np.ndarray) -> np.ndarray:
    """Averaged probabilities, without the last bits that differ between machines."""
    return np.round(np.mean(probs, axis=0), DECIMALS)


def _accuracies(targets: np.ndarray, probs, lesions: np.ndarray, repeats: int) -> list[Estimate]:
    """Accuracy of each of ``probs`` [M][N, K]."""
    return _shares(np.stack([p.argmax(axis=1) == targets for p in probs]), lesions, repeats)


def _shares(values: np.ndarray, lesions: np.ndarray, repeats: int) -> list[Estimate]:
    """Mean over images of each row of ``values`` [M, N]."""
    columns = np.vstack([values, np.ones(values.shape[1])])
    return from_sums(lambda sums: ratio(sums[:-1], sums[-1]), columns, lesions, Plan(repeats))


def _rounded(gain: Estimate) -> dict[str, float]:
    """Cells of ``gain`` without the last bits that differ between machines: of none it is exactly 0."""
    return {key: round(cell, DECIMALS) for key, cell in gain.row("gain").items()}


def _kind(pool: Pool, first: tuple[int, int], second: tuple[int, int]) -> str:
    if first[0] == second[0]:
        return KINDS[0]
    names = [family(pool.members[m].spec.model.backbone) for m, _ in (first, second)]
    return KINDS[1] if names[0] == names[1] else KINDS[2]
