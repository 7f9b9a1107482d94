"""Coverage of the papers' tables and figures, and the papers' reports."""

import os
from pathlib import Path

import pytest

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.published.report import Item, load_coverage, load_report, numbered
from lib.published.values import FOLDER, published_papers, read_paper

PAPERS = published_papers()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_stored_name_exists(paper):
    assert [len(item.files(REPO / "results")) for item in load_coverage(paper)]


@pytest.mark.parametrize("kind", ["table", "figure"])
@pytest.mark.parametrize("paper", PAPERS)
def test_no_number_is_missing(paper, kind):
    numbers = [i.number for i in load_coverage(paper) if i.kind == kind and isinstance(i.number, int)]
    assert numbers == list(range(1, len(numbers) + 1))
    texts = [Path(os.environ.get("DERM_PAPERS", "papers")) / name for name in read_paper(paper, FOLDER).texts]
    found = {n for text in texts if text.is_file() for n in numbered(text.read_text(encoding="utf-8"), kind)}
    assert found <= set(numbers)


def test_captions_are_found_and_mentions_are_not():
    text = "Table 1: a\n**Table 12:** b\nsee Table 3: c\nTable 4 shows\nFig. 2: d\n**Figure 3:** e"
    assert numbered(text, "table") == {1, 12} and numbered(text, "figure") == {2, 3}


def test_faults_are_named(tmp_path):
    with pytest.raises(ValueError, match="table 1 needs 'by' or 'why_not'"):
        Item(kind="table", number=1, shows="x")
    with pytest.raises(StudyError, match="figure 2: no stored table or figure '09_x/gone'"):
        Item(kind="figure", number=2, shows="x", by=["09_x/gone"]).files(tmp_path)
    (tmp_path / "a2026").mkdir()
    (tmp_path / "a2026" / "coverage.yaml").write_text("paper: b\nitems: []\n")
    with pytest.raises(StudyError, match="'paper' is 'b'"):
        load_coverage("a2026", tmp_path)
    (tmp_path / "a2026" / "report.yaml").write_text("paper: a2026\nabout: x\n")
    with pytest.raises(StudyError, match=r"a2026/report.yaml: .*scope"):
        load_report("a2026", tmp_path)
    assert load_report("none", tmp_path) is None and load_coverage("none", tmp_path) == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_has_a_report(paper):
    assert load_report(paper).threats
