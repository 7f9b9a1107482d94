"""Tables of compressed networks from stored measurements; needs neither images nor weights."""

import numpy as np
import pandas as pd

from lib.evaluation.draws import Plan
from lib.evaluation.measure import estimate
from lib.evaluation.metrics import balanced_accuracy
from lib.evaluation.significance import holm, mcnemar

MIB = 2**20


def accuracy_table(variants: pd.DataFrame, predictions: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """Every variant on the whole test set, and against the base (the first) on the same images.

    Accuracy and difference (variant minus base) with 95 % intervals over lesions; ``only_base`` and
    ``only_variant``: images that one of the two alone classifies correctly; ``p``: McNemar's test, exact where their
    sum is below 25; ``p_holm``: adjusted for the number of variants (Holm 1979).
    """
    targets, lesions = (predictions[k].to_numpy() for k in ("target", "group"))
    classes = {name: one_hot(predictions, name) for name in variants["name"]}
    accuracies = {name: estimate("accuracy", targets, probs, lesions, Plan(repeats)) for name, probs in classes.items()}
    base = variants["name"].iloc[0]
    rows = []
    for v in variants.to_dict("records"):
        ours, probs = accuracies[v["name"]], classes[v["name"]]
        row = {"variant": v["label"], "origin": v["origin"], "n": len(targets), **ours.row("accuracy", "low", "high")}
        row |= {"balanced_accuracy": balanced_accuracy(targets, probs)}
        row |= {k: v[k] for k in ("macro_auc_ovr", "largest_change")}
        if rows:
            row |= (ours - accuracies[base]).row("difference")
            test = mcnemar(targets, classes[base], probs)
            row |= {"only_base": test.b, "only_variant": test.c, "test": test.method, "p": test.p}
        rows.append(row)
    table = pd.DataFrame(rows)
    if len(table) > 1:
        table.loc[1:, "p_holm"] = holm(table["p"].iloc[1:])
    return table.astype({k: "Int64" for k in ("only_base", "only_variant") if k in table})


def beside_constant(table: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """``table`` below the commonest class's share of the images; ``learned``: ``low`` of its accuracy lies above it."""
    share = constant(predictions)
    table = table.assign(learned=table["low"] > share)
    first = pd.DataFrame([{"variant": "always the commonest class", "accuracy": share}], columns=list(table))
    return pd.concat([first.astype(object), table], ignore_index=True).infer_objects()


def constant(predictions: pd.DataFrame) -> float:
    """Accuracy of always answering the commonest class of the test images."""
    return float(predictions["target"].value_counts(normalize=True).iloc[0])


def one_hot(predictions: pd.DataFrame, name: str) -> np.ndarray:
    """The stored classes of a variant as probabilities 0 and 1, float64 [N, K]."""
    classes = predictions.drop(columns=["image_id", "group"]).to_numpy().max() + 1
    return np.eye(classes)[predictions[name].to_numpy()]


def size_table(variants: pd.DataFrame) -> pd.DataFrame:
    """File sizes in MiB, as saved and after gzip; weights stored, of them not zero; what ``parameters()`` would say."""
    table = variants[["label", "origin"]].rename(columns={"label": "variant"})
    return table.assign(
        file_MiB=variants["bytes"] / MIB,
        of_base=variants["bytes"] / variants["bytes"].iloc[0],
        gzip_MiB=variants["gzip_bytes"] / MIB,
        weights_stored=variants["stored_weights"],
        not_zero=variants["stored_weights"] - variants["zeros"],
        float_weights=variants["float_parameters"],
        seconds_to_make=variants["seconds"],
    )


def latency_table(variants: pd.DataFrame, times: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """Milliseconds a call of every variant and batch size: median, quartiles and least of n calls, and speed-up.

    On a machine with other work the least is closer to what the network itself needs.

    ``speedup``: the base's median over the variant's, with a 95 % percentile interval over resampled rounds, the same
    rounds for both, since calls of one round share what else the machine did.
    """
    labels = variants.set_index("name")["label"]
    rows = []
    for batch, part in times.groupby("batch"):
        base = by_round(part, labels.index[0])
        for name in labels.index.intersection(part["name"], sort=False):
            own = by_round(part, name)
            q1, median, q3 = np.percentile(own, [25, 50, 75])
            row = {"variant": labels[name], "batch": batch, "n": own.size, "median_ms": median, "q1": q1, "q3": q3}
            row |= {"least_ms": own.min(), "ms_per_image": median / batch, "images_per_second": 1000 * batch / median}
            low, high = np.percentile(drawn_ratios(base, own, repeats), [2.5, 97.5])
            rows.append(row | {"speedup": np.median(base) / median, "low": low, "high": high})
    return pd.DataFrame(rows)


def by_round(times: pd.DataFrame, name: str) -> np.ndarray:
    """Times of one variant, [rounds, calls]."""
    own = times[times["name"] == name]
    return np.stack([part["ms"].to_numpy() for _, part in own.groupby("round")])


def drawn_ratios(first: np.ndarray, second: np.ndarray, repeats: int) -> np.ndarray:
    """Median of ``first`` over that of ``second``, both [rounds, calls], over resampled rounds: float64 [repeats]."""
    drawn = np.random.default_rng(0).integers(len(first), size=(repeats, len(first)))
    return np.median(first[drawn], axis=(1, 2)) / np.median(second[drawn], axis=(1, 2))


def pareto_front(costs: np.ndarray) -> np.ndarray:
    """Bool [N]: no other row of ``costs`` [N, M] is as low in every column and lower in one."""
    no_worse = (costs[:, None] <= costs).all(axis=2)  # [i, j]: i is no worse than j
    return ~(no_worse & (costs[:, None] < costs).any(axis=2)).any(axis=0)


def trade_off(
    accuracies: pd.DataFrame, sizes: pd.DataFrame, latency: pd.DataFrame, batch: int, least: float
) -> pd.DataFrame:
    """Accuracy (and its difference to the base's), latency at one batch size and file size of each timed variant.

    ``learned``: the interval of its accuracy lies above ``least``, the constant answer's. ``front``: of these not
    dominated, by the point values alone: variants whose intervals overlap may change places.
    """
    timed = latency[latency["batch"] == batch][["variant", "median_ms", "q1", "q3"]]
    scores = ["accuracy", "low", "high", "balanced_accuracy", "difference", "difference_low", "difference_high"]
    table = accuracies.reindex(columns=["variant", "origin", "n", *scores]).merge(timed, on="variant")
    table = table.merge(sizes[["variant", "file_MiB"]], on="variant")
    table = table.assign(learned=table["low"] > least, front=False)
    costs = table.assign(wrong=-table["accuracy"]).loc[table["learned"], ["wrong", "median_ms", "file_MiB"]]
    table.loc[table["learned"], "front"] = pareto_front(costs.to_numpy())
    return table[["variant", "origin", *scores, "median_ms", "q1", "q3", "file_MiB", "n", "learned", "front"]]
