"""README, cards and citation: generated parts, links, and the example that says how to add a paper."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
import yaml

from lib.core.errors import StudyError
from lib.core.paths import REPO, cache_dir
from lib.data.catalogue import SOURCES
from lib.plan.grid import planned_runs
from lib.records.seeds import split_key
from lib.report.site import costs
from lib.report.site.blocks import BLOCKS, FILES, board, figure, models, regenerated, sets, weights
from tests.fakes.records import fake_record, make_spec
from tests.fakes.site import make_study, notebook

SCREENS = ("lib", "params", "results", "notebooks", "profiles")


def test_generated_parts_are_replaced_and_the_rest_kept(tmp_path):
    results, _ = make_study(tmp_path)
    text = "a\n<!-- generated: board -->\nold\n<!-- end -->\nb"
    new = regenerated(text, results)
    assert new.startswith("a\n<!-- generated: board -->\n| paper | ✓ supported |") and new.endswith("\n<!-- end -->\nb")
    assert "| saykat2025 | – | ensemble best (✓ in our runs) | – | – | model order |" in new and "old" not in new
    assert regenerated(new, results) == new


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- generated: boar -->\n<!-- end -->", "unknown generated part 'boar'"),
        ("<!-- generated: board -->\nx", "not closed"),
    ],
)
def test_faulty_marks_are_named(tmp_path, text, message):
    with pytest.raises(StudyError, match=message):
        regenerated(text, tmp_path)


def test_every_generated_part_has_its_place():
    marks = [m for f in FILES for m in re.findall(r"<!-- generated: (\w+) -->", (REPO / f).read_text())]
    assert sorted(marks) == sorted(BLOCKS)


def test_parts_say_what_is_missing(tmp_path):
    (tmp_path / "runs").mkdir()
    assert "No run" in models(tmp_path) and "No run" in weights(tmp_path)
    assert all("not stored" in block(tmp_path) for block in (board, figure))


def test_every_data_set_has_a_row_and_lesions_where_they_were_counted(tmp_path):
    results, _ = make_study(tmp_path)
    folder = results / "tables" / "00_data_exploration"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overview.csv").write_text("data_set,groups\nham10000,7452\n")
    rows = sets(results).splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(SOURCES)
    assert "| 10,015 | 7 | nv, 66.9% | 7452 |" in rows[0] and "| – |" in rows[1]
    assert "| 25,331 | 8 (7 used) | " in next(row for row in rows if "isic2019" in row)


def test_models_and_hours_come_from_the_records(tmp_path):
    for seed in (0, 1):
        record = fake_record(tmp_path, make_spec(seed=seed, model={"backbone": "resnet18", "weights": "none"}))
        file = record.folder / "record.json"
        more = '{"weights": {"sha256": ""}, "environment": {"device": "CPU"}, "timing": {"seconds_here": 360},'
        file.write_text(file.read_text().replace("{", more, 1))
    (line,) = [line for line in models(tmp_path).splitlines() if "from scratch" in line]
    assert line.startswith(
        "| ResNet-18 | from scratch | HAM10000 by image, melanoma against nv, df, bkl | paper | 224 | 2 | "
    )
    assert line.endswith("| 50.0 | 75.0 | 75.0 | 75.0 |")  # of four melanomas three are found
    table = costs.measured(tmp_path).set_index(["paper", "profile"])
    assert (table["planned"] > 0).all() and (table["hours"] == "–").all()  # no such run is planned


def test_the_hours_of_a_resumed_run_are_those_of_all_its_epochs(tmp_path):
    for run, here, training in zip(planned_runs("xia2025", "cpu"), (3600, 600), (1800, 7200), strict=False):
        file = fake_record(tmp_path, run.spec).folder / "record.json"
        timing = f'"timing": {{"seconds_here": {here}, "seconds_training": {training}}},'
        file.write_text(file.read_text().replace("{", '{"environment": {"device": "CPU"},' + timing, 1))
    table = costs.measured(tmp_path).set_index(["paper", "profile"])
    assert table.loc[("xia2025", "cpu"), ["stored", "hours"]].tolist() == [2, "3.0"]


def test_the_arithmetic_of_a_pass_is_the_published_one():
    # He et al. 2016, Table 1: 1.8e9 multiply-adds for ResNet-18 at 224 px; a quarter at half the side.
    assert costs.forward("resnet18", 224) / 2 == pytest.approx(1.8e9, rel=0.02)
    assert costs.forward("resnet18", 112) == costs.forward("resnet18", 224) / 4
    assert costs.card_speed("P100") < costs.card_speed("T4") < costs.card_speed("H100")


def test_frozen_features_are_made_once(monkeypatch):
    monkeypatch.setattr(costs, "forward", lambda backbone, px: 2.0)
    trained = make_spec(epochs=5)
    model = {"backbone": "convnext_tiny.fb_in1k", "weights": "imagenet", "train": "head"}
    frozen = [make_spec(seed=s, augmentation={}, model=model) for s in (0, 1)]
    sizes = {split_key(trained): 100}
    assert costs.arithmetic([trained], sizes) == 3 * 100 * 2.0 * 5
    assert costs.arithmetic(frozen, sizes) == costs.arithmetic(frozen[:1], sizes) == 10015 * 2.0


DOCUMENTS = ["CONTRIBUTING.md", "CHANGELOG.md", *(f"{d}/README.md" for d in SCREENS), *FILES]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", (REPO / name).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (REPO / name).parent.joinpath(link).exists()] == []


def test_the_readme_is_read_in_minutes():
    assert len((REPO / "README.md").read_text(encoding="utf-8").split()) <= 1400


@pytest.mark.parametrize("folder", SCREENS)
def test_a_rooms_page_fits_a_screen(folder):
    assert len((REPO / folder / "README.md").read_text(encoding="utf-8").splitlines()) <= 45


def test_the_citation_is_valid():
    """What the schema of citation-file-format 1.2.0 requires and what GitHub shows."""
    cff = yaml.safe_load((REPO / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["cff-version"] == "1.2.0" and cff["type"] == "software" and cff["license"] == "MIT"
    known = {"cff-version", "message", "type", "title", "abstract", "authors", "version", "license", "keywords",
             "references", "repository-code"}  # fmt: skip
    assert {"message", "title", "authors"} <= cff.keys() <= known
    assert all(a.keys() == {"name"} for a in cff["authors"])
    for reference in cff["references"]:
        assert {"type", "title", "authors"} <= reference.keys()
        assert re.fullmatch(r"10\.\d{4,9}/[A-Za-z0-9:/_;\-.()]+", reference["doi"])
    import lib

    assert cff["version"] == lib.__version__


def example_files() -> dict[str, str]:
    """Path -> content of the example's files, whose blocks begin with their path."""
    text = (REPO / "lib" / "papers" / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", text, flags=re.S))


STUDY = """
import pandas as pd
from lib.commands import main
from lib.core.paths import REPO
from lib.papers import compare_all
from lib.plan.grid import planned_runs
from lib.published.claims import load_claims, papers_with_claims
from lib.published.headlines import grand_table, readable
from lib.records.runs import read_record
from lib.report.site import costs
from lib.studies.claims.evidence import collect
from lib.studies.claims.recipes import by_recipe
from lib.studies.claims.table import all_claims, claims_table
assert main(["audit", "--paper", "example2026", "--out", "audit"]) == 0
assert main(["run", "example2026", "--profile", "smoke"]) == 0
runs = [(p, read_record(REPO / "results" / "smoke", p.spec)) for p in planned_runs("example2026", "smoke")]
comparison = compare_all({"example2026": runs}, 20)
comparison.drop(columns="estimate", errors="ignore").to_csv("comparison.csv", index=False)
folder = REPO / "results" / "tables" / "11_cross_paper_comparison"
folder.mkdir(parents=True)
readable(grand_table(comparison)).to_csv(folder / "grand_table_shown.csv", index=False)
claims = all_claims(["example2026"])
audit = pd.read_csv("audit/audit_findings.csv")
claims_table(claims, collect(by_recipe(runs), claims), audit).to_csv(folder / "claims.csv", index=False)
costs.forward = lambda backbone, px: 1e9  # in place of a pass of every planned network
assert main(["site", "--out", "site"]) == 0
assert "example2026" in papers_with_claims()
print([claim.id for claim in load_claims("example2026")])
"""


@pytest.mark.slow
def test_a_sixth_paper_needs_no_edit_of_anything_that_exists(tmp_path):
    files = example_files()
    assert len(files) == 4
    shutil.copy(REPO / "README.md", tmp_path)
    for part in ("lib", "params"):
        shutil.copytree(REPO / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in files.items():
        assert not (tmp_path / path).exists()
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "notebooks").mkdir()
    for name in ("11_cross_paper_comparison", "12_example2026"):
        nbformat.write(notebook(name[:2], name[3:]), tmp_path / "notebooks" / f"{name}.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DERM_CACHE": str(cache_dir().resolve())}

    command = [sys.executable, "-c", STUDY]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "['accurate']"
    findings = pd.read_csv(tmp_path / "audit" / "audit_findings.csv")
    assert set(findings["paper"]) == {"example2026"} and len(findings)
    (row,) = pd.read_csv(tmp_path / "comparison.csv").to_dict("records")
    assert row["printed"] == "91.2%" and row["verdict"] == "not testable" and 0 <= row["low"] <= row["high"] <= 100
    assert "synthetic images" in row["deviations"] and "convnext_atto in place of convnext_tiny" in row["deviations"]
    front = (tmp_path / "site" / "index.html").read_text()
    assert "notebooks/12_example2026.html" in front and "papers/example2026.html#accurate" in front
    report = (tmp_path / "site" / "papers" / "example2026.html").read_text()
    assert "The network is right nine times in ten." in report and "<td>91.2%</td>" in report
