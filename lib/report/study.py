"""What every notebook does: check parameters, say where its numbers come from, keep tables and figures."""

import time
import warnings
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, Image, Markdown, display
from matplotlib.figure import Figure

from lib.core.environment import git_commit
from lib.core.errors import StudyError, unknown_name
from lib.core.files import write_atomic, write_json
from lib.core.paths import REPO, data_root, weights_dir
from lib.data import load_index
from lib.figures.style import save_figure
from lib.plan.grid import PlannedRun, planned_runs
from lib.published.values import published_papers
from lib.records import names
from lib.records.measurements import Measurement, Outputs, get_or_measure, read_measurement
from lib.records.runs import Record, has_record, read_record
from lib.report.html_table import STYLE, as_html
from lib.report.parameters import Parameters, check_parameters, user_values

ROWS, COLUMNS = 15, 7  # what a table may have to be shown unfolded
PRECISIONS = {"32": "fp32"}  # as Lightning calls it, and as others do
MOST_COMMITS = 4  # of the records, named one by one
PROVENANCE = "provenance"  # key of an output's metadata: the same rows for programs
IN_SHORT = "in-short"  # key of the closing answer's metadata, and tag of the cell at the top that takes it


class Notebook:
    """One notebook's run: parameters, folders, and what it wrote."""

    def __init__(self, name: str, parameters: Parameters):
        self.name, self.parameters, self.profile = name, parameters, parameters.profile
        self.results = (REPO / parameters.results_dir).resolve()
        self.repeats = parameters.bootstrap_repeats
        self.datasets = tuple(parameters.datasets)
        self.started = time.perf_counter()
        self.tables: list[str] = []
        self.figures: list[str] = []
        self.done_file.unlink(missing_ok=True)

    @property
    def done_file(self) -> Path:
        """Written by ``finish``: the only proof that a notebook ran to its end."""
        return self.results / "done" / f"{self.name}.json"

    def index(self, name: str) -> pd.DataFrame:
        """Index of a data set."""
        return load_index(name, data_root(self.parameters.data_root))

    def runs(self, paper: str) -> list[tuple[PlannedRun, Record]]:
        """Records of the paper's runs in this profile; missing ones are trained first, if the parameters say so.

        Without ``train_missing`` a missing run is left out and named, so that what is there can be shown.
        """
        if not planned_runs(paper, self.profile):
            raise StudyError(f"profile {self.profile!r} plans no run of {paper}: see params/papers/{paper}/runs.yaml.")
        found = self.runs_of([paper])[paper]
        if not found:
            raise StudyError(
                f"no run of {paper} has a record in {self.results}: set train_missing or run `make reproduce`."
            )
        return found

    def runs_of(self, grids: Iterable[str]) -> dict[str, list[tuple[PlannedRun, Record]]]:
        """As :meth:`runs` for several grids, with one table of what they were made from; a grid may have none."""
        gathered, missing = {}, 0
        for grid in grids:
            gathered[grid] = found = []
            for p in planned_runs(grid, self.profile):
                if has_record(self.results, p.spec):
                    found.append((p, read_record(self.results, p.spec)))
                elif self.parameters.train_missing:
                    from lib.training.run import get_or_train  # torch and Lightning only where something is trained

                    found.append((p, get_or_train(p.spec, self.folders)))
                else:
                    missing += 1
        self.show_provenance([run for found in gathered.values() for run in found], missing)
        return gathered

    @property
    def folders(self):
        """Folders for ``lib.training.run`` and ``lib.training.checkpoints``."""
        from lib.training.prepare import Folders  # torch and Lightning only where they are needed

        return Folders(data_root(self.parameters.data_root), weights_dir(self.parameters.weights_dir), self.results)

    def measure(self, kind: str, name: str, key: dict[str, Any], compute: Callable[[], Outputs]) -> Measurement | None:
        """A stored measurement, made first if it is missing and the parameters allow it; None if they do not."""
        stored = read_measurement(self.results, kind, name, key)
        if stored is None and self.parameters.train_missing:
            return get_or_measure(self.results, kind, name, key, compute)
        if stored is None:
            display(Markdown(f"*No {kind} measurement of {name} is stored: left out.*"))
        return stored

    def stored(self, grids: Iterable[str]) -> list[tuple[PlannedRun, Record]]:
        """Records at hand of several grids, in this profile and, on two cores, of the campaign that follows it up."""
        profiles = (self.profile, "campaign") if self.profile == "cpu" else (self.profile,)
        planned = (p for grid in grids for profile in profiles for p in planned_runs(grid, profile))
        return [(p, read_record(self.results, p.spec)) for p in planned if has_record(self.results, p.spec)]

    def show_provenance(self, runs: list[tuple[PlannedRun, Record]], missing: int) -> None:
        """What made the numbers below: data, sizes, weights, devices and code of the records."""
        models = [p.spec.model for p, _ in runs]
        rows = {
            "runs": [f"{len(runs)}" + (f" ({missing} planned ones are missing)" if missing else "")],
            "data": _distinct(p.spec.dataset for p, _ in runs),
            "resolution": [f"{px} px" for px in sorted({p.spec.image_size for p, _ in runs})],
            "trained": _distinct(
                f"{names.network(m.backbone)}, {names.how_trained(m.train, m.weights)}" for m in models
            ),
            "device, precision": _distinct(f"{r.device}, {PRECISIONS.get(r.precision, r.precision)}" for _, r in runs),
            "code of the runs": _distinct((r.info["environment"]["commit"] or "unknown")[:10] for _, r in runs),
        }
        commits = rows["code of the runs"]
        shown = rows if len(commits) <= MOST_COMMITS else rows | {
            "code of the runs": [f"{len(commits)} commits: each record names its own"]
        }  # fmt: skip
        display(Markdown("**Made from**\n\n" + _table(shown)), metadata={PROVENANCE: rows})

    def table(
        self,
        frame: pd.DataFrame,
        name: str,
        decimals: int = 3,
        show: bool | pd.DataFrame = True,
        points: Collection[str] = (),
    ) -> None:
        """Write ``frame`` as ``<results>/tables/<notebook>/<name>.csv`` and show it, folded if it is long.

        ``show``: False to write alone; a smaller table to show that one, with the whole folded below it.
        ``points``: columns of shares that are shown times 100, with their intervals.
        """
        if not len(frame.columns):
            display(Markdown(f"*The records at hand give no row of {name}.*"))
            return
        frame = frame.rename_axis(columns=None)
        path = self.results / "tables" / self.name / f"{name}.csv"
        write_atomic(path, lambda p: frame.to_csv(p, index=False, float_format="%.6g"))
        self.tables.append(path.relative_to(self.results).as_posix())
        if show is False:
            return
        part = isinstance(show, pd.DataFrame)
        if part:
            display(HTML(_boxed(_hundredfold(show, points), decimals)))
        whole = _boxed(_hundredfold(frame, points), decimals)
        columns = whole.count("<th>")
        if part or len(frame) > ROWS or columns > COLUMNS:
            size = f"{len(frame)} row{'s' * (len(frame) != 1)}, {columns} columns"
            title = f"{'Whole table' if part else 'Table'}: {name.replace('_', ' ')} ({size})"
            whole = f"<details><summary>{title}</summary>{whole}</details>"
        display(HTML(whole))

    def figure(self, figure: Figure, name: str, title: str = "") -> None:
        """Write the figure to ``<results>/figures/<notebook>`` and show it, its label as caption.

        ``title``: what it shows in one sentence, computed like any other; it stands above the figure.
        """
        file = save_figure(figure, self.results, f"{self.name}/{name}")
        self.figures.append(file.relative_to(self.results).as_posix())
        if title:
            display(Markdown(f"**{title.replace('**', '')}**"))
        said = {"alt": figure.get_label(), "title": title}  # as metadata, since ipython before 8 knows no `alt`
        if file.suffix == ".svg":
            data = {"image/svg+xml": file.read_text(encoding="utf-8"), "text/plain": figure.get_label()}
            display(data, raw=True, metadata={"image/svg+xml": said})
        else:
            display(Image(filename=file, retina=True, metadata=said))

    def in_short(self, *sentences: str, figure: str = "", finding: str = "") -> None:
        """The answer of three to six sentences (Markdown), which moves to the top of the notebook when it is kept.

        ``figure``: one of the figures above, shown there as well under its ``finding``.

        Raises:
            StudyError: fewer than three sentences or more than six, or a figure that this notebook did not draw.
        """
        if not 3 <= len(sentences) <= 6:
            raise StudyError(f"{self.name}: {len(sentences)} sentences in short: give three to six.")
        text = "**In short.**\n\n" + "\n".join(f"- {' '.join(s.split())}" for s in sentences)
        if figure:
            file = next((f for f in self.figures if Path(f).stem == figure), None)
            if file is None:
                raise unknown_name("figure", figure, [Path(f).stem for f in self.figures])
            said = finding.replace("**", "")
            text += f"\n\n**{said}**\n\n![{said}](../{file})"
        display(Markdown(text), metadata={IN_SHORT: True})

    def finish(self) -> None:
        """Say that the notebook ran to its end, for the program that checks it."""
        seconds = round(time.perf_counter() - self.started, 1)
        note = {"notebook": self.name, "parameters": self.parameters.model_dump(), "tables": self.tables}
        write_json(self.done_file, note | {"figures": self.figures, "seconds": seconds, "commit": git_commit()})
        display(Markdown(f"*{len(self.tables)} tables and {len(self.figures)} figures written in {seconds:.0f} s.*"))


def begin(name: str, namespace: dict[str, Any], images: bool = True, papers: Collection[str] = ()) -> Notebook:
    """Check the parameters in ``namespace`` (a notebook's ``globals()``), set the style and show the header.

    ``images``: whether the notebook uses any; one that does not is the same in every profile. ``papers``: whose runs
    it shows (:func:`data_sets`).
    """
    parameters = check_parameters(user_values(namespace))
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="IProgress not found")  # no bars in saved notebooks
    rows = {
        "profile": [parameters.profile],
        "data": data_sets(name, parameters, papers) if images else ["published numbers only, no images"],
        "code": [(git_commit() or "unknown")[:10]],
        "date": [time.strftime("%Y-%m-%d")],
    }
    synthetic = images and "synthetic" in parameters.datasets
    warning = "**Synthetic images: no number below is about real lesions.**\n\n" if synthetic else ""
    display(HTML(STYLE))
    display(Markdown(warning + _table(rows)), metadata={PROVENANCE: rows})
    return Notebook(name, parameters)


def data_sets(name: str, parameters: Parameters, papers: Collection[str] = ()) -> list[str]:
    """Data sets of the planned runs of ``papers``, for a paper's notebook (``07_kadric2025``) its own; of a notebook of
    no paper those of the parameters."""
    shown = set(papers) or {name.partition("_")[2]} & set(published_papers())
    specs = [run.spec for paper in sorted(shown) for run in planned_runs(paper, parameters.profile)]
    return _distinct([s.dataset for s in specs] + [e for s in specs for e in s.external]) or parameters.datasets


def _boxed(frame: pd.DataFrame, decimals: int) -> str:
    """A table in its box, whose cells break lines where they hold sentences."""
    prose = frame.map(lambda value: len(str(value)) > 60).any(axis=None)
    return f'<div class="study-table{" prose" if prose else ""}">{as_html(frame, decimals)}</div>'


def _hundredfold(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    own = [c for c in frame if c.removesuffix("_low").removesuffix("_high") in names]
    return frame.assign(**{c: 100 * frame[c] for c in own})


def _distinct(values) -> list[str]:
    return list(dict.fromkeys(values))


def _table(rows: dict[str, list[str]]) -> str:
    between = {key: "; " if any("," in v for v in values) else ", " for key, values in rows.items()}
    lines = [f"| {key} | {between[key].join(values)} |" for key, values in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])
