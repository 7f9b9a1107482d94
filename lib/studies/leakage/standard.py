"""Accuracies of two parts of a test set at one class mix (direct standardization)."""

import numpy as np
import pandas as pd

from lib.evaluation.resampling import interval, resampled_sums
from lib.records.seeds import SeedGroup, split_kind
from lib.studies.leakage.observed import recipe_labels, recipe_pairs


def common_weights(n: np.ndarray) -> np.ndarray:
    """Shares of the classes in both parts together, float64 [K], 0 for a class that either part lacks.

    ``n`` [K, 2]: images of each class in the two parts. NaN if they have no class in common.
    """
    n = np.asarray(n, float)
    total = np.where((n > 0).all(axis=1), n.sum(axis=1), 0.0)
    return total / total.sum() if total.sum() else np.full(len(n), np.nan)


def standardized(hits: np.ndarray, n: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Accuracy of each part if its classes were as frequent as ``weights`` [K] says.

    ``hits`` and ``n`` are [..., K, 2]; the result is [..., 2], NaN where a class with weight has no image.
    """
    hits, n, used = np.asarray(hits, float), np.asarray(n, float), weights > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = hits[..., used, :] / n[..., used, :]
    return (weights[used][:, None] * rates).sum(axis=-2) if used.any() else np.full((*hits.shape[:-2], 2), np.nan)


def two_parts(
    targets: np.ndarray, hits: np.ndarray, part: np.ndarray, groups: np.ndarray, names: tuple[str, str], repeats: int
) -> dict[str, float]:
    """Class-standardized accuracy of the images with ``part`` (bool [N]) and of the others, and their difference.

    Args:
        targets: int64 [N]; hits: float [N], 0..1 (a mean over seeds); groups: lesions, which are resampled.
        names: of the two parts.

    Returns:
        ``n_<name>``, ``<name>`` with 95 % interval of both, ``difference`` with its own, and ``classes``: how many
        occur in both parts.
    """
    k = int(targets.max()) + 1
    member = np.eye(2 * k)[2 * targets + ~part]  # class by class: with, without
    sums = resampled_sums(np.concatenate([member * hits[:, None], member], axis=1), groups, repeats)
    right, n = (m.sum(axis=0).reshape(k, 2) for m in (member * hits[:, None], member))
    weights = common_weights(n)
    drawn = standardized(sums[:, : 2 * k].reshape(-1, k, 2), sums[:, 2 * k :].reshape(-1, k, 2), weights)
    point = standardized(right, n, weights)
    row = {f"n_{names[0]}": int(part.sum()), f"n_{names[1]}": int((~part).sum()), "classes": int((weights > 0).sum())}
    values = {
        names[0]: (point[0], drawn[:, 0]),
        names[1]: (point[1], drawn[:, 1]),
        "difference": (point[0] - point[1], drawn[:, 0] - drawn[:, 1]),
    }
    for name, (value, resampled) in values.items():
        low, high = interval(resampled)
        row |= {name: float(value), f"{name}_low": low, f"{name}_high": high}
    return row


def seen_lesions(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Stored runs on the paper's splits: lesions that were trained on against lesions never seen, at one class mix."""
    rows = []
    for group in groups:
        found = _seen(group, repeats) if split_kind(group.spec) == "paper" else None
        if found:
            rows.append({**group.labels(), **found})
    return pd.DataFrame(rows)


def memory_of_runs(groups: list[SeedGroup], repeats: int) -> pd.DataFrame:
    """Stored runs with one recipe on both splits: what of ``seen`` minus ``unseen`` is memory, at one class mix.

    ``repeated_minus_single``: on the grouped split, lesions with several photographs in the test set against others,
    none of which was trained on. ``memory``: (seen - unseen) minus that, with the 95 % interval of two independent
    test sets (half-widths in quadrature).
    """
    rows = []
    for pair in recipe_pairs(groups):
        seen = _seen(pair["paper"], repeats)
        targets, stack, lesions = pair["grouped"].arrays("test")
        repeated = pd.Series(lesions).duplicated(keep=False).to_numpy()
        if seen is None or repeated.all() or not repeated.any():
            continue
        control = two_parts(targets, _hits(targets, stack), repeated, lesions, ("repeated", "single"), repeats)
        row = recipe_labels(pair["paper"])
        for name, found in (("seen_minus_unseen", seen), ("repeated_minus_single", control)):
            row |= {name: found["difference"], f"{name}_low": found["difference_low"]}
            row[f"{name}_high"] = found["difference_high"]
        memory = seen["difference"] - control["difference"]
        reach = float(np.hypot(*((d["difference_high"] - d["difference_low"]) / 2 for d in (seen, control))))
        rows.append({**row, "memory": memory, "memory_low": memory - reach, "memory_high": memory + reach})
    return pd.DataFrame(rows)


def _seen(group: SeedGroup, repeats: int) -> dict[str, float] | None:
    targets, stack, lesions = group.arrays("test")
    seen = group.records[0].subset("test")["seen"].to_numpy(bool)
    if seen.all() or not seen.any():
        return None
    return two_parts(targets, _hits(targets, stack), seen, lesions, ("seen", "unseen"), repeats)


def _hits(targets: np.ndarray, stack: np.ndarray) -> np.ndarray:
    """Share of the seeds that are right, float64 [N]."""
    return (stack.argmax(axis=2) == targets).mean(axis=0)
