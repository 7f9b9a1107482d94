"""The site's pages: what they hold, and that a browser finds every fault that is put in."""

import re
import shutil
import zipfile
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_markdown_cell

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.published.values import load_published, published_papers
from lib.report.site import board
from lib.report.site.browser import check_site, find_browser
from lib.report.site.build import build
from lib.report.site.glossary import linked, terms
from lib.report.site.pages import notebook_body, scrollable, with_ids, within_site
from lib.report.stored import read_stored
from tests.fakes.site import make_study

NOTEBOOK = "notebooks/00_data_exploration.html"


HOURS = pd.DataFrame({"paper": ["saykat2025"], "H100, h": ["1.5"]})


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    results, notebooks = make_study(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.report.site.costs.estimated", lambda results: HOURS)
        build(folder / "site", results, notebooks)
    return folder / "site"


@pytest.fixture
def site(built, tmp_path):
    """A copy, to be changed."""
    return shutil.copytree(built, tmp_path / "site")


def test_every_notebook_has_a_page_between_its_neighbours(site):
    first, second = ((site / f"notebooks/{n}.html").read_text() for n in ("00_data_exploration", "02_dhanalakshmi2025"))
    assert '<a rel="next" href="02_dhanalakshmi2025.html">02 · second →</a>' in first and 'rel="prev"' not in first
    assert '<a rel="prev" href="00_data_exploration.html">← 00 · data</a>' in second and 'rel="next"' not in second


def test_a_page_says_where_its_numbers_come_from_and_shows_tables_figures_and_text(site):
    page = (site / NOTEBOOK).read_text()
    assert "cpu · ham10000 · 2026-01-02" in page and "<dt>device, precision</dt><dd>CPU, bf16</dd>" in page
    (dots,) = re.findall(r"<img[^>]*dots.svg[^>]*>", page)
    assert 'alt="It holds. Dots &lt; lines, one row per model."' in dots and 'width="40"' in dots
    assert "figures/00_data_exploration/figure-2.jpg" in page  # stored, but no longer among the results
    assert '<h2 id="what-is-done-2">' in page and '<a href="#what-is-done-2">' in page
    assert "a &lt; b" in page and 'href="../tables/00_data_exploration/leakage_ham10000.csv"' in page
    assert page.count('<details class="code">') == 3  # setup and header are one fold


def test_nothing_is_asked_of_other_servers_and_only_the_explorer_has_a_script(site):
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert "colab" not in text and "<style" not in text and "base64" not in text
        scripts = ['<script src="explorer.js" defer></script>'] if page.parent.name == "explorer" else []
        assert re.findall(r"<script.*?</script>", text, flags=re.S) == scripts
    assert len((site / "explorer" / "explorer.js").read_text().splitlines()) <= 150


def test_the_front_page_tells_findings_and_questions(site):
    page = (site / "index.html").read_text()
    assert "<strong>39%</strong>" in page and f'href="{NOTEBOOK}">Notebook 00' in page
    assert "Does <em>data</em> hold?" in page
    assert 'href="data_card.html">Data card' in page


def test_the_front_page_says_what_stands_in_words(site):
    page = (site / "index.html").read_text()
    assert "2 claims: 1 contradicted, 1 not run" in page
    assert "Read from the repository of a manuscript under review." in page
    verdict = (
        '<span class="verdict contradicted"><span aria-hidden="true">✗</span> contradicted by its own numbers</span>'
    )
    assert f'{verdict} <span class="verdict supported"><span aria-hidden="true">✓</span> supported in our runs' in page
    assert "numbers say otherwise. In our runs: +3.5 points [+2.3, +4.7]." in page
    assert "<summary>1 not run</summary>" in page and "GPU hours" in page


@pytest.mark.parametrize(
    ("check", "by"), [("parameter count", "by our count"), ("claim in words", "by its own numbers")]
)
def test_a_claim_says_what_excludes_it(tmp_path, monkeypatch, check, by):
    asked = SimpleNamespace(item="x", check=check)
    claim = SimpleNamespace(id="ensemble_best", contrast=SimpleNamespace(audit=[asked]))
    told = pd.DataFrame([{"paper": "saykat2025", "id": "ensemble_best", "by_arithmetic": True,
                          "verdict": "contradicted", "found": ""}])  # fmt: skip
    wrong = {"paper": "saykat2025", "item": "x", "check": check, "verdict": "inconsistent", "explanation": "vit leads."}
    monkeypatch.setattr(board, "all_claims", lambda: {"saykat2025": [claim]})
    monkeypatch.setattr(board, "audit", lambda results: pd.DataFrame([wrong]))
    monkeypatch.setattr(board.claims_board, "told", lambda table, claims, reasons: told.assign(found=reasons.values()))
    (line,) = board.boards(tmp_path)[0].lines
    assert line["by"] == by and line["found"] == "ViT leads."


def test_what_was_tested_under_a_papers_own_protocol_is_counted(tmp_path):
    assert board.tested(tmp_path) == ""
    for name, column in ((board.TABLE, "evidence"), (board.GRAND, "verdict")):
        file = tmp_path / "tables" / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        values = ["reduced", "arithmetic"] if column == "evidence" else ["not testable", "reproduced"]
        pd.DataFrame({column: values}).to_csv(file, index=False)
    assert board.tested(tmp_path) == (
        "No claim was tested under a paper's own training protocol: of 2 headline values 1 is judged."
    )


def test_a_paper_has_a_report(site):
    page = (site / "papers" / "saykat2025.html").read_text()
    assert "No contact with the authors took place." in page and "Threats to validity" in page
    assert '<li id="ensemble_best">' in page and "explorer/claims.html#saykat2025-ensemble_best" in page
    assert "<strong>ImageNet weights of six networks" in page and "about 10 GPU hours, for: The order." in page
    assert "<td>1.5</td>" in page and "vit_base_patch16_224.augreg2_in21k_ft_in1k" in page
    assert "<td>table McNemar</td>" in page and "06_saykat2025/mcnemar" in page


def test_the_explorer_is_whole_without_a_script(site):
    values = (site / "explorer" / "values.html").read_text()
    assert values.count("<tr") == 1 + sum(len(load_published(p)) for p in published_papers())
    claims = (site / "explorer" / "claims.html").read_text()
    assert '<tr role="row" id="saykat2025-ensemble_best">' in claims
    assert 'data-filters="paper|verdict|evidence|runs made"' in claims


def test_every_table_can_be_downloaded(site):
    with zipfile.ZipFile(site / "tables.zip") as archive:
        assert "tables/00_data_exploration/leakage_ham10000.csv" in archive.namelist()
    assert 'href="tables/00_data_exploration/leakage_ham10000.csv"' in (site / "tables.html").read_text()


def test_the_first_use_of_a_word_leads_to_the_glossary():
    html = linked("<h2>Frozen</h2><p>A <code>frozen</code> frozen net, frozen.</p>", ["Frozen", "Stand-in"], "../")
    link = '<a class="term" href="../glossary.html#frozen">frozen</a>'
    assert html == f"<h2>Frozen</h2><p>A <code>frozen</code> {link} net, frozen.</p>"
    assert linked(html, ["Frozen"], "../") == html  # once is enough
    own = terms(REPO / "results")
    assert own == sorted(own, key=str.lower) and "Beyond chance" in own


def test_cards_are_pages(site):
    assert '<h1 id="data-card">Data card</h1>' in (site / "data_card.html").read_text()


def test_the_gallery_leads_to_the_place_in_the_notebook(site):
    page = (site / "figures.html").read_text()
    assert f'<a href="{NOTEBOOK}#figure-' in page
    assert "<figcaption><strong>It holds.</strong> Dots &lt; lines, one row per model.</figcaption>" in page


def test_links_between_notebooks_and_cards_stay_within_the_site():
    given = (
        '<a href="../results/cards/glossary.md#ece">x</a><a href="02_a.ipynb">x</a><a href="https://a.org/b.md">x</a>'
    )
    kept = (
        '<a href="../glossary.html#ece">x</a><a href="../notebooks/02_a.html">x</a><a href="https://a.org/b.md">x</a>'
    )
    assert within_site(given, "../") == kept


def test_headings_get_distinct_ids():
    html, sections = with_ids('<h1>A</h1><h2 id="x">A &amp; <em>b</em></h2><h2>A &amp; b</h2><h3>–</h3>')
    assert sections == [("a-b", "A & b"), ("a-b-2", "A & b")]
    assert html.startswith('<h1 id="a">') and '<h3 id="section">' in html


def test_tables_scroll_in_their_own_box_without_empty_heads():
    html = scrollable(f"<table><thead><tr><th></th>\n<th></th></tr></thead><tr><td>{'w ' * 30}</td></tr></table>")
    assert html.startswith('<div class="scroll" tabindex="0"') and html.endswith("</table></div>")
    assert "<th" not in html and '<td class="long">' in html
    assert scrollable("<pre>long</pre>") == '<pre tabindex="0">long</pre>'


@pytest.mark.skipif(not find_browser(), reason="no Chromium on the PATH")
def test_a_browser_finds_every_fault(site):
    page = site / NOTEBOOK
    faults = """<img src="gone.png" alt="x"><img src="../figures/00_data_exploration/dots.svg" alt="">
    <a href="none.html">x</a><a href="#nowhere">x</a><a href="/etc/hostname">x</a><div style="width: 900px">wide</div>
    <img src="http://127.0.0.1:9/x.png" alt="x"><script>console.error("e")</script><script>throw Error("e")</script>
    <h5>deep</h5><i id="main">x</i></main>"""
    page.write_text(page.read_text().replace("</main>", faults))
    found = "\n".join(check_site(site, widths=(390,)))
    for fault in ("gone.png does not load", "dots.svg has no description", "none.html leads nowhere", "#nowhere",
                  "hostname leads nowhere", "wider than its window", "asks another server for http://127.0.0.1:9/x.png",
                  "writes an error to the console", "script error", "no outline", "the same id twice"):  # fmt: skip
        assert fault in found, f"not found: {fault}\n{found}"
    assert all(line.startswith(NOTEBOOK) for line in found.splitlines())


def test_a_folder_without_pages_is_named(tmp_path):
    with pytest.raises(StudyError, match="holds no page"):
        check_site(tmp_path)


def test_the_figure_of_the_answer_stands_at_the_top_alone(tmp_path):
    results, notebooks = make_study(tmp_path)
    file = notebooks / "00_data_exploration.ipynb"
    content = nbformat.read(file, as_version=4)
    answer = "**In short.**\n\n![It holds.](../results/figures/00_data_exploration/dots.svg)"
    content.cells.insert(1, new_markdown_cell(answer, metadata={"tags": ["in-short"]}))
    nbformat.write(content, file)
    page = notebook_body(read_stored(file), tmp_path / "site", results).html
    assert re.findall(r'<img [^>]*src="([^"]*dots.svg)"', page) == ["../figures/00_data_exploration/dots.svg"]
    assert "This figure stands at the top" in page
