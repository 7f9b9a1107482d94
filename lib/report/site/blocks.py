"""Generated parts of Markdown files: what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lib.core.errors import StudyError, lookup
from lib.core.paths import REPO
from lib.data.catalogue import CLASS_NAMES, SOURCES
from lib.data.splits import SPLITS
from lib.data.tasks import TASKS
from lib.published.claims_rules import VERDICTS
from lib.published.schema import read_yaml
from lib.records import names
from lib.records.baseline import commonest
from lib.records.runs import Record, all_records
from lib.report.parameters import PROFILES
from lib.report.site import costs
from lib.report.site.board import boards, stored_table
from lib.report.site.findings import FRONT, findings
from lib.report.stored import stored_notebooks
from lib.studies.claims.board import MARKS

FILES = ("README.md", *(f"results/cards/{name}_card.md" for name in ("model", "data", "cost")))
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", flags=re.S)
FIGURE = "08_xia2025/subject_leak"


def regenerated(text: str, results: Path) -> str:
    """``text`` with every generated part made anew; StudyError for a name that no part has."""

    def fill(match: re.Match) -> str:
        made = lookup("generated part", match[2], BLOCKS)(results)
        return f"{match[1]}{made.rstrip()}\n{match[3]}"

    if text.count("<!-- generated:") != len(BLOCK.findall(text)):
        raise StudyError("a generated part is not closed: end it with a line <!-- end -->.")
    return BLOCK.sub(fill, text)


def board(results: Path) -> str:
    """The claims by verdict: one row per paper, the claims' names in the cells."""
    rows = []
    for own in boards(results):
        row = {"paper": own.title}
        for verdict in VERDICTS:
            named = [line["id"].replace("_", " ") + " (✓ in our runs)" * (line["own_runs"] == "supported")
                     for line in own.lines if line["verdict"] == verdict]  # fmt: skip
            row[f"{MARKS[verdict]} {verdict}"] = ", ".join(named) or "–"
        rows.append(row)
    return _table(pd.DataFrame(rows)) if rows else "Notebook 11 is not stored yet."


def figure(results: Path) -> str:
    """The figure of one finding, with its sentence."""
    found = {f.table: f.text for f in findings(results)}
    files = sorted((results / "figures").glob(f"{FIGURE.split('/')[0]}/{FRONT[FIGURE]}.*"))
    if FIGURE not in found or not files:
        return "The figure is not stored yet."
    place = f"results/figures/{files[0].parent.name}/{files[0].name}"
    return f"![{found[FIGURE].replace('**', '')}]({place})\n\n{found[FIGURE]}"


def notebooks(results: Path) -> str:
    """One line per notebook."""
    lines = [f"- [{s.name[:2]}](notebooks/{s.name}.ipynb) {s.title.split(' · ')[-1]}" for s in stored_notebooks()]
    return "\n".join(lines)


def profiles(results: Path) -> str:
    """What each profile is, and the hours of its stored runs."""
    hours = costs.measured(results)
    hours = hours.assign(hours=pd.to_numeric(hours["hours"], errors="coerce")).groupby("profile").sum(numeric_only=True)
    rows = []
    for profile in PROFILES:
        own = hours.loc[profile] if profile in hours.index else None
        about = (REPO / "params" / f"{profile}.yaml").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        row = {"profile": f"`{profile}`", "what": about}
        row["runs stored"] = "–" if own is None else f"{own['stored']:.0f} of {own['planned']:.0f}"
        rows.append(row | {"measured hours": "–" if own is None else f"{own['hours']:.1f}"})
    return _table(pd.DataFrame(rows))


def models(results: Path) -> str:
    """The networks behind the stored records, with their test results: one row per network, training, data, kind of
    split and input."""
    rows = [_tested(record) for record in all_records(results)]
    if not rows:
        return "No run is stored yet."
    own = pd.DataFrame(rows)
    keys = list(own)[: list(own).index("px") + 1]
    gathered = own.groupby(keys)
    table = gathered.agg(_spread)
    table.insert(0, "runs", gathered.size())
    return _table(table.reset_index())


def _tested(record: Record) -> dict[str, object]:
    """What a record is of, and its test results in per cent; beside them those of always naming the commonest class."""
    spec, (targets, probs, _) = record.spec, record.arrays("test")
    found = record.info["metrics"]["best"]["test"]
    groups = TASKS[spec.task].groups or {name: [name] for name in record.classes}
    melanomas = np.isin(targets, [k for k, diagnoses in enumerate(groups.values()) if diagnoses == ["mel"]])
    right, edition = probs.argmax(axis=1) == targets, names.data_set(spec.split.name)
    data = names.data_set(spec.dataset) if edition == spec.split.name else edition
    return {
        "network": names.network(spec.model.backbone),
        "trained": names.how_trained(spec.model.train, spec.model.weights),
        "data": ", ".join(filter(None, (data, TASKS[spec.task].label))),
        "split": SPLITS[spec.split.name].kind,
        "px": spec.image_size,
        "always commonest, %": 100 * (targets == commonest(record)).mean(),
        "accuracy, %": 100 * found["accuracy"],
        "balanced accuracy, %": 100 * found["balanced_accuracy"],
        "melanomas found, %": 100 * right[melanomas].mean() if melanomas.any() else np.nan,
    }


def _spread(values: pd.Series) -> str:
    """``72.4 (68.3–75.8)``: the median, the least and the largest; of one alone that one."""
    if values.isna().all():
        return "–"
    low, middle, high = (f"{value:.1f}" for value in values.quantile([0, 0.5, 1]))
    return middle if low == high else f"{middle} ({low}–{high})"


def weights(results: Path) -> str:
    """Every weight file that a stored run started from: its source, digest, and what it was checked to reach."""
    checks = read_yaml(REPO / "params" / "settings" / "weight_checks.yaml")
    files = {
        r.info["weights"]["sha256"]: {
            "network": names.network(r.spec.model.backbone),
            "source": r.info["weights"]["source"],
            "pretraining": "; ".join(filter(None, (r.info["weights"][k] for k in ("pretraining", "precision")))),
            "sha256": f"`{r.info['weights']['sha256'][:12]}…`",
            "check": checks.get(r.info["weights"]["sha256"], "none"),
            "terms": r.info["weights"]["licence"],
        }
        for r in all_records(results)
        if r.info["weights"].get("sha256")
    }
    return _table(pd.DataFrame(files.values()).sort_values("network")) if files else "No run is stored yet."


def sets(results: Path) -> str:
    """Every data set of the catalogue, and the lesions or subjects that notebook 00 counted in those it shows."""
    overview = stored_table(results, "00_data_exploration/overview", "data_set", "groups")
    groups = overview.set_index("data_set")["groups"].to_dict()
    rows = []
    for name, source in SOURCES.items():
        images, largest = sum(source.counts.values()), max(source.counts, key=source.counts.get)
        used = f"{len(source.counts)}" + f" ({len(source.classes)} used)" * (len(source.counts) > len(source.classes))
        row = {"data set": f"`{name}`", "title": source.title, "images": f"{images:,}", "classes": used}
        row |= {"largest class": f"{largest}, {source.counts[largest] / images:.1%}"}
        rows.append(row | {"lesions or subjects": groups.get(name, "–"), "terms": source.licence})
    return _table(pd.DataFrame(rows))


def classes(results: Path) -> str:
    """Names of the classes."""
    return "; ".join(f"`{dx}` {name}" if dx != name else f"`{dx}`" for dx, name in CLASS_NAMES.items()) + "."


BLOCKS: dict[str, Callable[[Path], str]] = {
    **{f.__name__: f for f in (board, figure, notebooks, profiles, models, weights, sets, classes)},
    "runs": lambda results: _table(costs.measured(results)),
    "estimates": lambda results: _table(costs.estimated(results)),
}


def stale(results: Path = REPO / "results") -> list[str]:
    """Those of ``FILES`` whose generated parts are not what they would be now."""
    texts = {name: (REPO / name).read_text(encoding="utf-8") for name in FILES}
    return [name for name, text in texts.items() if regenerated(text, results) != text]


def _table(frame: pd.DataFrame) -> str:
    rows = [list(frame), ["---"] * frame.shape[1], *frame.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
