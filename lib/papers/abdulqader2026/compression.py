"""Tables 10 and 11 of abdulqader2026, and the numbers of its text on quantization and pruning, beside ours.

Sizes and counts hold for the architecture whatever its weights: they are those of ConvNeXt-Tiny with seven classes
itself. Accuracies and times are the compressed run's.
"""

import itertools

import pandas as pd

from lib.data.tasks import TASKS
from lib.plan.grid import PlannedRun
from lib.published.compare import deviations
from lib.published.tables import tolerance_table
from lib.published.values import load_published
from lib.records.measurements import read_measurement
from lib.records.seeds import Recipe
from lib.studies.compression.settings import PROFILES, load_settings
from lib.studies.compression.study import PAPER, VERSION, Timed, candidates, read_stored
from lib.studies.compression.tables import MIB, accuracy_table, latency_table

ARCHITECTURE, CLASSES, SPARSITY, BATCH = "convnext_tiny", 7, 0.3, 64
ROWS = ("base", "quantized", "pruned")
ONNX_TOLERANCE = 1e-4  # largest difference of any probability between an exported network and PyTorch's, in tests
SECTION = "Performance Analysis of Optimized Models"
ARCHITECTURE_KEY = {"architecture": ARCHITECTURE, "classes": CLASSES, "sparsity": SPARSITY, "version": VERSION}


def tolerances() -> pd.DataFrame:
    """What counts as reproduced for Tables 10 and 11 and the text about them, with the reason."""
    rows = load_published(PAPER)
    return tolerance_table(rows[rows["table"].isin(["10", "11"]) | (rows["section"] == SECTION)])


def settings_table(profile: str) -> pd.DataFrame:
    """What ``params/settings/compression.yaml`` says for a profile, one row per value."""
    flat = pd.json_normalize(load_settings(profile).model_dump(mode="json")).iloc[0]
    names = flat.index.str.removeprefix("making.").str.replace(".", ": ").str.replace("_", " ")
    return pd.DataFrame({"setting": names, "value": flat.astype(str).to_numpy()})


def conditions_sentence(timed: Timed) -> str:
    """Device, and whether other programs were at work on it."""
    c = timed.conditions
    text = f"Timed on {timed.where}; load average at the end {c['load_average']:.1f}."
    if c["others"] > 0.2:
        text += (
            f" **The machine was shared**: other programs kept {c['others']:.1f} cores busy, so times scatter and "
            "medians are too long; the least time is nearer to what a network needs."
        )
    return text


def speedup_sentence(latency: pd.DataFrame, variants: pd.DataFrame, timed: Timed) -> str:
    """How much faster the pruned network was than the base at 64 images a call, beside the paper's factor."""
    label = variants.set_index("name").loc["pruned", "label"]
    row = latency[(latency["variant"] == label) & (latency["batch"] == BATCH)].iloc[0]
    printed = load_published(PAPER).set_index("id").loc["optimized.pruned.speedup", "printed"]
    return (
        f"the pruned network runs at {row['speedup']:.2f} times the base's speed [{row['low']:.2f}, {row['high']:.2f}] "
        f"({timed.where}, {BATCH} images a call); the paper prints {printed}."
    )


def architecture_outputs() -> dict[str, pd.DataFrame]:
    """The measurement ``architecture``: counts and sizes of ConvNeXt-Tiny, compressed as the paper says."""
    from lib.audit.checks.compression import results  # torch only where something is measured

    found = results(ARCHITECTURE, CLASSES, SPARSITY)
    rows = [{"form": form, **vars(size)} for form, size in found.items()]
    return {"sizes": pd.DataFrame(rows)}


def architecture_table(sizes: pd.DataFrame) -> pd.DataFrame:
    """Published size and parameters beside those of the architecture itself, after the same operation."""
    published = load_published(PAPER).set_index("id")["printed"]
    rows = []
    for s in sizes.to_dict("records"):
        printed = {c: published.get(f"table11.{s['form']}.{c}") for c in ("model_size", "parameters")}
        row = {"form": s["form"], "printed_MB": printed["model_size"], "file_MiB": s["bytes"] / MIB}
        row |= {"printed_parameters": printed["parameters"], "weights_stored": s["stored_weights"]}
        row["not_zero"] = s["stored_weights"] - s["zeros"]
        rows.append(row | {"in_parameters()": s["float_parameters"]})
    return pd.DataFrame(rows)


def table_11(accuracies: pd.DataFrame, sizes: pd.DataFrame, latency: pd.DataFrame, variants: pd.DataFrame):
    """Table 11 for the compressed run, with the combination that the text names and the table does not print.

    Ours: accuracy with its 95 % interval, median milliseconds of a call with 64 images, file, weights that are stored
    and not zero. The paper timed base and pruned model on a GPU, the quantized one on a CPU; ours are all on one.
    """
    published = load_published(PAPER).set_index("id")["printed"]
    parts = (accuracies, sizes.drop(columns=["origin"]), latency[latency["batch"] == BATCH][["variant", "median_ms"]])
    ours = variants[["name", "label"]].rename(columns={"label": "variant"})
    for part in parts:
        ours = ours.merge(part, on="variant", how="left")
    rows = []
    for o in ours[ours["name"].isin([*ROWS, "pruned_quantized"])].to_dict("records"):
        printed = {c: published.get(f"table11.{o['name']}.{c}") for c in ("accuracy", "time_per_batch", "model_size")}
        own = ("accuracy", "low", "high", "n", "median_ms", "file_MiB", "weights_stored", "not_zero")
        row = {f"printed_{k}": v for k, v in zip(("accuracy", "ms", "MB"), printed.values(), strict=True)}
        rows.append({"variant": o["variant"], **row, **{k: o[k] for k in own}})
    return pd.DataFrame(rows)


def architecture_rows(sizes: pd.DataFrame) -> list[dict]:
    """Rows of ``measured`` on size and parameters; nothing deviates, since weights and training do not matter."""
    common = {"data": "no images", "split": "paper", "n": 1}
    found = sizes.set_index("form")
    values = {}
    for form in ROWS:
        values[f"table11.{form}.model_size"] = found.loc[form, "bytes"] / MIB
        values[f"table11.{form}.parameters"] = found.loc[form, "stored_weights"]
    for form in ("base", "quantized"):
        values[f"optimized.{form}.model_size"] = values[f"table11.{form}.model_size"]
        values[f"optimized.{form}.parameters"] = values[f"table11.{form}.parameters"]
    values["optimized.quantized.size_reduction"] = 1 - found.loc["quantized", "bytes"] / found.loc["base", "bytes"]
    return [_row(common, "", ident, value, value, value) for ident, value in values.items()]


def run_rows(run: PlannedRun, variants: pd.DataFrame, predictions: pd.DataFrame, timed: Timed | None, repeats: int):
    """Rows of ``measured`` on accuracy and time, from the run's stored measurements."""
    reduced = deviations(PAPER, run.paper_model, run.spec)
    data = ", ".join(filter(None, (run.spec.dataset, TASKS[run.spec.task].label)))
    common = {"data": data, "split": "paper", "n": len(predictions)}
    chosen = variants[variants["name"].isin(ROWS)]
    accuracies = accuracy_table(chosen, predictions, repeats).set_index(chosen["name"].to_numpy())
    cells = {form: accuracies.loc[form, ["accuracy", "low", "high"]] for form in ROWS}
    rows = [_row(common, reduced, f"table11.{form}.accuracy", *cell) for form, cell in cells.items()]
    gain = ["difference", "difference_low", "difference_high"]
    drop = 0.0 - accuracies.loc["quantized", [gain[0], gain[2], gain[1]]]  # base minus quantized
    rows.append(_row(common, reduced, "optimized.quantized.accuracy_drop", *drop))
    rows.append(_row(common, reduced, "optimized.pruned.accuracy_gain", *accuracies.loc["pruned", gain]))
    if timed is not None:
        rows += _time_rows(common, reduced, chosen, timed, repeats)
    return rows


def _time_rows(common: dict, reduced: str, variants: pd.DataFrame, timed: Timed, repeats: int) -> list[dict]:
    times = timed.times[timed.times["name"].isin(variants["name"]) & (timed.times["batch"] == BATCH)]
    latency = latency_table(variants, times, repeats)
    if latency.empty:
        return []
    found = latency.set_index(latency["variant"].map(variants.set_index("label")["name"]))
    machine = "; ".join(filter(None, (reduced, f"timed on {timed.conditions['device']}")))
    rows = [_row(common, machine, "optimized.pruned.speedup", *found.loc["pruned", ["speedup", "low", "high"]])]
    for form in found.index:
        quartiles = found.loc[form, ["median_ms", "q1", "q3"]]
        rows.append(_row(common, machine, f"table11.{form}.time_per_batch", *quartiles))
        if form == "base":
            rows.append(_row(common, machine, "table10.per_batch.value", *quartiles))
            rows.append(_row(common, machine, "table10.per_image.value", *quartiles / BATCH))
    return rows


def _row(common: dict, reduced: str, published_id: str, ours: float, low: float, high: float) -> dict:
    values = {"ours": float(ours), "low": float(low), "high": float(high)}
    return {**common, "deviations": reduced, "published_id": published_id, **values}


def stored_rows(recipes: list[Recipe], repeats: int) -> list[dict]:
    """Rows of ``measured`` from whatever notebook 04 has stored beside the groups' records; none where it has not."""
    if not recipes:
        return []
    results = recipes[0].records[0].folder.parents[1]
    rows = []
    if stored := read_measurement(results, "compression", ARCHITECTURE, ARCHITECTURE_KEY):
        rows = architecture_rows(stored.table("sizes"))
    for run, profile in itertools.product(candidates(g.planned for g in recipes), PROFILES):
        found = read_stored(results, run, load_settings(profile))
        if found:
            timed = found.timed.get("cuda") or found.timed.get("cpu")
            return rows + run_rows(run, found.variants, found.predictions, timed, repeats)
    return rows
