"""The site's pages: what they hold, and that a browser finds every fault that is put in."""

import re

import pytest

from lib.commands import main
from lib.core.errors import StudyError
from lib.report.site.browser import check_site, find_browser
from lib.report.site.build import build
from lib.report.site.pages import scrollable, with_ids
from tests.fakes.site import make_study

NOTEBOOK = "notebooks/00_data_exploration.html"


@pytest.fixture
def site(tmp_path):
    results, notebooks = make_study(tmp_path)
    build(tmp_path / "site", results, notebooks)
    return tmp_path / "site"


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


def test_nothing_is_asked_of_other_servers_and_no_script_runs(site):
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert "colab" not in text and "<script" not in text and "<style" not in text and "base64" not in text


def test_the_front_page_tells_findings_and_questions(site):
    page = (site / "index.html").read_text()
    assert "<strong>39.4%</strong>" in page and f'href="{NOTEBOOK}">Notebook 00' in page
    assert "Does <em>data</em> hold?" in page
    assert 'href="data_card.html">Data card' in page


def test_the_grand_table_stands_on_the_front_page(tmp_path, site, monkeypatch):
    assert "Published values beside ours" not in (site / "index.html").read_text()
    monkeypatch.setattr("lib.report.site.build.GRAND", "02_dhanalakshmi2025/grand")
    build(tmp_path / "site", tmp_path / "results", tmp_path / "notebooks")
    page = (site / "index.html").read_text()
    assert "<td>81.2</td>" in page and "<td>–</td>" in page and 'href="tables/02_dhanalakshmi2025/grand.csv"' in page


def test_cards_are_pages(site):
    assert '<h1 id="data-card">Data card</h1>' in (site / "data_card.html").read_text()


def test_the_gallery_leads_to_the_place_in_the_notebook(site):
    page = (site / "figures.html").read_text()
    assert f'<a href="{NOTEBOOK}#figure-' in page
    assert "<figcaption><strong>It holds.</strong> Dots &lt; lines, one row per model.</figcaption>" in page


def test_headings_get_distinct_ids():
    html, sections = with_ids('<h1>A</h1><h2 id="x">A &amp; <em>b</em></h2><h2>A &amp; b</h2><h3>–</h3>')
    assert sections == [("a-b", "A & b"), ("a-b-2", "A & b")]
    assert html.startswith('<h1 id="a">') and '<h3 id="section">' in html


def test_tables_scroll_in_their_own_box_without_empty_heads():
    html = scrollable(f"<table><thead><tr><th></th>\n<th></th></tr></thead><tr><td>{'w ' * 30}</td></tr></table>")
    assert html.startswith('<div class="scroll" tabindex="0"') and html.endswith("</table></div>")
    assert "<th" not in html and '<td class="long">' in html


browser = pytest.mark.skipif(not find_browser(), reason="no Chromium on the PATH")


@browser
def test_a_browser_finds_no_fault(site):
    assert check_site(site) == []


@browser
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


def test_the_command_builds_the_committed_study(tmp_path, capsys):
    assert main(["site", "--out", str(tmp_path / "site")]) == 0
    assert "pages" in capsys.readouterr().out and (tmp_path / "site" / "index.html").is_file()
