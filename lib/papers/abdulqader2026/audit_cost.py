"""Checks of abdulqader2026, continued: architecture, inference times, quantization and pruning."""

import pandas as pd

from lib.audit import facts
from lib.audit.checks import arithmetic, compression, networks, statements
from lib.audit.checks.rounding import Rounded
from lib.audit.finding import Ledger, judged
from lib.audit.values import Published, published
from lib.studies.compression.sizes import Size

MODEL, CLASSES = "convnext_tiny", len(facts.HAM10000)


def audit_cost(paper: Published, ledger: Ledger) -> None:
    """Add the findings of Tables 4, 5, 10 and 11 and of the sections around them."""
    _architecture(paper, ledger)
    _times(paper, ledger)
    _compression(paper, ledger)


def _architecture(paper: Published, ledger: Ledger) -> None:
    size = paper.count("table6.image_size.value.height")
    real = networks.layers(MODEL, CLASSES, size)
    total = networks.parameters(MODEL, CLASSES)
    for name in ("parameters", "trainable_parameters"):
        ident = f"table4.{name}.amount"
        outcome = networks.parameter_count(paper.count(ident), total, f"timm's {MODEL} with {CLASSES} classes")
        ledger.add(ident, "parameter count", paper.printed(ident), outcome)
    five = {i: row for i, row in paper.rows.items() if row["table"] == "5"}
    for key in dict.fromkeys(i.split(".")[1] for i in five):
        rows = {i: row for i, row in five.items() if i.startswith(f"table5.{key}.")}
        setting = next(iter(rows.values()))["setting"]
        layer = real["" if setting == "whole model" else setting]
        for which, actual in (("input_shape", layer.input), ("output_shape", layer.output)):
            printed = [int(row["value"]) for i, row in rows.items() if f".{which}." in i]
            outcome = networks.shape(tuple(printed), actual, f"{which.replace('_', ' ')} of {setting}")
            ledger.add(f"table5.{key}.{which}", "layer shape", printed, outcome, "detail")
        count = f"table5.{key}.parameters"
        if count in rows:
            outcome = networks.parameter_count(paper.count(count), layer.parameters, f"timm's {setting}")
            ledger.add(count, "parameter count", paper.printed(count), outcome, "detail")
    counts = [int(row["value"]) for row in five.values() if row["quantity"] == "parameters"]
    outcome = arithmetic.total(paper.count("table4.parameters.amount"), counts)
    ledger.add("table5 parameters against table4", "total", paper.printed("table4.parameters.amount"), outcome)

    model = networks.build(MODEL, CLASSES)
    blocks = [len(stage.blocks) for stage in model.stages]
    channels = [info["num_chs"] for info in model.feature_info]
    for name, actual in (("blocks", blocks), ("channels", channels)):
        printed = [paper.count(f"table4.{name}.amount.{i + 1}") for i in range(len(actual))]
        outcome = judged(printed == actual, str(actual), f"timm's {MODEL} has {actual}; printed are {printed}.")
        ledger.add(f"table4.{name}", name, printed, outcome, "detail")
    text = [paper.count(f"convnext_tiny.blocks.{i + 1}") for i in range(len(blocks))]
    outcome = judged(text == blocks, str(blocks), f"The text names {text}, timm's {MODEL} has {blocks}.")
    ledger.add("convnext_tiny.blocks", "blocks", text, outcome, "detail")
    kernel = tuple(model.stages[1].downsample[1].kernel_size)
    text = f"The down-sampling convolution is {kernel} in timm."
    outcome = judged(kernel == (1, 1), f"{kernel[0]}x{kernel[1]}", text)
    quote = "a stride-2 pointwise convolution"
    ledger.add("Down-Sample module: " + quote, "layer shape", quote, outcome, "detail")

    # Two backbones together, without the attention modules that the cited work adds.
    stated = paper.value("related_work.wei2023.parameters")
    both = networks.parameters("convnext_large", CLASSES) + networks.parameters("densenet201", CLASSES)
    text = (
        f"ConvNeXt-L and DenseNet201 have {both / 1e6:.0f} million together, without added modules; printed: {stated}."
    )
    outcome = judged(0.9 < both / 1e6 / stated.value <= 1, f"{both / 1e6:.0f} million", text, "ambiguous")
    ledger.add("related_work.wei2023.parameters", "parameter count", stated, outcome, "detail")


def _times(paper: Published, ledger: Ledger) -> None:
    batch = paper.count("computational.batch_size")
    times = paper.table("table11", "time_per_batch")
    per_batch, per_image = paper.value("table10.per_batch.value"), paper.value("table10.per_image.value")
    outcome = arithmetic.ratio(per_image, per_batch, Rounded(batch, 0.0, str(batch)))
    ledger.add("table10.per_image.value", "per batch against per image", per_image, outcome)
    ident = "optimized.pruned.speedup"
    outcome = arithmetic.ratio(paper.value(ident), times["base"], times["pruned"])
    ledger.add(ident, "ratio", paper.value(ident), outcome)
    flops = 2 * batch * networks.multiply_accumulates(MODEL, CLASSES, paper.count("table6.image_size.value.height"))
    for key in ("base", "pruned"):
        rate = flops / (times[key].value / 1e3)
        text = f"{flops / 1e12:.2f} TFLOP in {times[key]} ms are {rate / 1e12:.1f} TFLOP/s; the P100's peak in single "
        text += f"precision, which the text does not name, is {facts.P100_PEAK_FLOPS / 1e12:.1f}."
        outcome = judged(rate < facts.P100_PEAK_FLOPS, f"{rate / 1e12:.1f} TFLOP/s", text, "ambiguous")
        ledger.add(f"table11.{key}.time_per_batch", "rate below the device's peak", times[key], outcome)
    ratio = times["quantized"].value / times["base"].value
    why = f"The quantized time is a CPU's, {ratio:.0f} times the base model's on a GPU, so neither gain nor loss shows."
    outcome = statements.reported("Base model on the same CPU", False, why)
    ledger.add("table11.quantized.time_per_batch", "same device compared", times["quantized"], outcome)


def _compression(paper: Published, ledger: Ledger) -> None:
    real = _compressed(paper)
    sizes = paper.table("table11", "model_size")
    for key in ("base", "pruned"):
        what = f"4 bytes for each weight of the {key} model"
        outcome = networks.size_in_mb(sizes[key], 4 * real[key].stored_weights, what)
        ledger.add(f"table11.{key}.model_size", "size in MB", sizes[key], outcome)
        outcome = compression.weights_stored(paper.count(f"table11.{key}.parameters"), real[key])
        ledger.add(f"table11.{key}.parameters", "weights stored", paper.printed(f"table11.{key}.parameters"), outcome)
    ident = "table11.quantized.model_size"
    outcome = compression.quantized_size(sizes["quantized"], real["quantized"])
    ledger.add(ident, "size after the same operation", sizes["quantized"], outcome, "headline")
    ident = "table11.quantized.parameters"
    outcome = compression.weights_stored(paper.count(ident), real["quantized"])
    ledger.add(ident, "weights stored", paper.printed(ident), outcome)
    ident = "optimized.quantized.size_reduction"
    outcome = arithmetic.relative_change(paper.value(ident), sizes["quantized"], sizes["base"])
    ledger.add(ident, "ratio", paper.value(ident), outcome)
    outcome = compression.size_reduction(paper.value(ident), real["base"], real["quantized"])
    ledger.add(ident, "reduction by the same operation", paper.value(ident), outcome)
    ident = "optimized.pruned.speedup"
    outcome = compression.dense_cost(paper.value(ident), real["base"], real["pruned"])
    ledger.add(ident, "dense cost after pruning", paper.value(ident), outcome)
    accuracy = paper.table("table11", "accuracy")
    for ident, a, b in (
        ("optimized.quantized.accuracy_drop", accuracy["base"], accuracy["quantized"]),
        ("optimized.pruned.accuracy_gain", accuracy["pruned"], accuracy["base"]),
    ):
        outcome = arithmetic.difference(paper.value(ident), a, b)
        ledger.add(ident, "difference of two values", paper.value(ident), outcome)
    combined = "We evaluated ... individually and in a combined approach (pruning followed by quantization)"
    why = f"Table 11 has {', '.join(accuracy)}."
    ledger.number_behind(combined, statements.reported("Pruned and quantized model", "combined" in accuracy, why))


def compressed_sizes() -> pd.DataFrame:
    """Table 11: sizes (MiB) and counts printed and measured on the real architecture."""
    paper = published("abdulqader2026")
    printed = paper.table("table11", "model_size")
    rows = []
    for name, measured in _compressed(paper).items():
        row = {"model": name, "printed_MB": printed[name].value if name in printed else None}
        row |= {"saved_MiB": measured.bytes / networks.MIB, "weights_stored": measured.stored_weights}
        rows.append(row | {"in_parameters()": measured.float_parameters})
    return pd.DataFrame(rows)


def _compressed(paper: Published) -> dict[str, Size]:
    return compression.results(MODEL, CLASSES, paper.value("compression.sparsity").value)
