"""One name for what was trained, in every row, legend and axis: ``ConvNeXt-Tiny ← ViT-Tiny, frozen, 224 px``."""

import functools
import re
from collections.abc import Mapping

import pandas as pd
import yaml

from lib.core.paths import REPO

FILE = REPO / "params" / "settings" / "names.yaml"
HOW = {"head": "frozen", "none": "from scratch"}  # by trained part, then by weights


@functools.cache
def _names() -> dict[str, dict[str, str]]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def network(backbone: str) -> str:
    """Plain name of a network: timm's id (a tag after a dot is dropped) or the study's own; others stay."""
    plain = str(backbone).split(".")[0]
    return _names()["networks"].get(plain, plain)


def paper_row(model: str) -> str:
    """Name of the paper's row that a run stands beside."""
    return _names()["rows"].get(model) or network(model)


def paper(name: str) -> str:
    """Name of a paper, or of the study outside them that has claims too."""
    return _names()["papers"].get(name, name)


def data_set(data: str) -> str:
    """``ham10000, melanoma against …`` with the data set's name as a reader knows it."""
    first, comma, rest = str(data).partition(",")
    return _names()["data"].get(first, first) + comma + rest


def column(name: str) -> str:
    """A table's column in words."""
    names = _names()["columns"]
    for end in ("_paper", "_grouped", "_published", "_seen", "_unseen", "_before", "_after"):  # macro_auc_ovr_paper
        if name.endswith(end) and name.removesuffix(end) in names:
            return names[name.removesuffix(end)] + f", {end[1:]}"
    return names.get(name, name.replace("_", " "))


def in_text(text: str) -> str:
    """``text`` with every network's id in it replaced by its name."""
    names = _names()["networks"]
    pattern = r"(?<![\w.])(" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")(\.\w+)?(?!\w)"
    return re.sub(pattern, lambda found: names[found[1]], text)


def how_trained(trained: str, weights: str) -> str:
    """``frozen`` (only the head was trained), ``from scratch`` or ``fine-tuned``; nothing of several unlike models."""
    if ", " in trained + weights:
        return ""
    return HOW.get(trained) or HOW.get(weights) or "fine-tuned"


def trained(labels: Mapping[str, object]) -> str:
    """The name of what was trained, from labels as ``lib.records.seeds.Recipe.labels`` gives them.

    The paper's row stands before an arrow where another network was trained in its place. How it was trained and its
    input are named as far as ``labels`` have them, so that a caption may say them instead.
    """
    known = {key: str(value) for key, value in labels.items() if not pd.isna(value)}
    if "backbone" not in known:
        return str(known["model"])
    own, row = network(known["backbone"]), paper_row(known.get("model", known["backbone"]))
    how = how_trained(known["trained"], known["weights"]) if {"trained", "weights"} <= set(known) else known.get("how")
    size = f"{known['px'].removesuffix('.0')} px" if "px" in known else ""
    return ", ".join(filter(None, (own if row == own else f"{row} ← {own}", how, size)))
