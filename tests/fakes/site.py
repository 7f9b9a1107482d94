"""A small study as it is committed: two notebooks, tables and figures of one, a card."""

import base64
import io

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from lib.report.study import PROVENANCE

ROWS = {"profile": ["cpu"], "data": ["ham10000"], "date": ["2026-01-02"], "device, precision": ["CPU, bf16"]}
BADGE = "[![Open in Colab](https://colab.research.google.com/badge.svg)](https://colab.research.google.com/x)"
STYLE = "<style>.study-table {color: red}</style>"
TABLE = """<div class='study-table'><table>
<thead><tr><th>model</th></tr></thead><tbody><tr><td>a</td></tr></tbody>
</table></div>"""

CLAIMS = {
    "paper": ["saykat2025"] * 2, "id": ["ensemble_best", "model_order"], "says": ["The mean is best.", "The order."],
    "verdict": ["contradicted", "not run"], "evidence": ["arithmetic", None], "runs_made": ["before the rule", None],
    "effect": [3.52, None], "low": [2.33, None], "high": [4.72, None], "printed": [-1.75, 100.0],
    "without_leakage": ["supported", None], "without_leakage_effect": [3.7, None], "smallest_seen": [1.0, None],
    "needs": ["weights (about 10 GPU hours)"] * 2,
}  # fmt: skip


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, format="jpeg")
    return out.getvalue()


SVG = '<svg width="30pt" height="15pt" viewBox="0 0 30 15" xmlns="http://www.w3.org/2000/svg"><title>Dots</title></svg>'


def shown(**data) -> nbformat.NotebookNode:
    metadata = data.pop("metadata", {})
    return new_output("display_data", {k.replace("_", "/"): v for k, v in data.items()}, metadata=metadata)


def notebook(number: str, title: str, *cells) -> nbformat.NotebookNode:
    first = f"# {number} · {title}\n\n{BADGE}\n\n**Question.** Does *{title}* hold?"
    header = new_code_cell(
        'study = begin("x")',
        outputs=[
            shown(text_html=STYLE),
            shown(text_markdown="| | |\n|---|---|\n| a | b |", metadata={PROVENANCE: ROWS}),
        ],
    )
    return new_notebook(cells=[new_markdown_cell(first), new_code_cell("setup = 1"), header, *cells])


def make_study(folder) -> tuple:
    """(results, notebooks) under ``folder``."""
    results, notebooks = folder / "results", folder / "notebooks"
    notebooks.mkdir(parents=True)
    said = {"alt": "Dots < lines, one row per model.", "title": "It holds."}
    picture = new_output("display_data", {"image/svg+xml": SVG}, metadata={"image/svg+xml": said})
    plain = shown(image_jpeg=base64.b64encode(jpeg()).decode())
    body = [
        new_markdown_cell("## What is done\n\ntext\n\n## What is done"),
        new_code_cell("table()", outputs=[shown(text_html=TABLE), picture]),
        new_markdown_cell("| a | b |\n|---|---|\n| " + "word " * 20 + "| 2 |"),
        new_code_cell("more()", outputs=[plain, new_output("stream", name="stdout", text="a < b")]),
    ]
    nbformat.write(notebook("00", "data", *body), notebooks / "00_data_exploration.ipynb")
    nbformat.write(notebook("02", "second"), notebooks / "02_dhanalakshmi2025.ipynb")
    (results / "figures" / "00_data_exploration").mkdir(parents=True)
    (results / "figures" / "00_data_exploration" / "dots.svg").write_text(SVG)
    tables = results / "tables" / "00_data_exploration"
    tables.mkdir(parents=True)
    leak = {"split": ["ham10000-image", "ham10000-lesion"], "share": [0.394212, 0.0]}
    pd.DataFrame(leak).to_csv(tables / "leakage_ham10000.csv", index=False)
    board = results / "tables" / "11_cross_paper_comparison" / "claims.csv"
    board.parent.mkdir()
    pd.DataFrame(CLAIMS).to_csv(board, index=False)
    (results / "cards").mkdir()
    (results / "cards" / "data_card.md").write_text("# Data card\n\nWhat | is\n")
    return results, notebooks
