"""Published values: complete against the papers' texts, and well-formed without them.

``DERM_PAPERS`` names the folder of the papers' texts, which are not part of the project.
"""

import math
import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from lib.core.errors import StudyError
from lib.published.numbers import numbers
from lib.published.schema import read_paper, read_yaml
from lib.published.values import FOLDER, load_not_available, load_protocols, load_published, published_papers, verdict
from tests.fakes.paper_texts import NOT_A_VALUE, PaperText, parse

MINIMAL = """
paper: xia2025
citation: made up
texts: []
protocols:
  test: {data_set: d, split: s, evaluation_set: test, n: 200}
tolerances:
  exact: {kind: exact, reason: r}
  accuracy: {kind: absolute, value: clopper_pearson, n: 200, reason: r}
  points: {kind: absolute, value: 2.0, unit: percent, reason: r}
tables:
  - id: table1
    table: 1
    caption: c
    protocol: test
    tolerance: accuracy
    columns:
      - {id: accuracy, header: Acc, quantity: accuracy, unit: percent}
      - {id: f1, header: F1, quantity: f1, tolerance: points, averaging: macro}
    rows:
      - id: a
        row: A
        model: model_a
        cells: ["90.5", {printed: "0.88 [0.85, 0.91]", parts: [value, ci_low, ci_high]}]
      - {id: b, row: B, model: model_b, cells: ["91", "--"]}
sections:
  - id: text
    section: Abstract
    protocol: test
    tolerance: exact
    values:
      - {id: classes, printed: "seven", quantity: n_classes}
      - {id: split, printed: "80-20", parts: [train, test], quantity: split_share, unit: percent}
"""


def load_text(folder: Path, text: str) -> pd.DataFrame:
    (folder / "xia2025").mkdir(exist_ok=True)
    (folder / "xia2025" / "published.yaml").write_text(text, encoding="utf-8")
    return load_published("xia2025", folder)


def test_grid_and_text_become_rows(tmp_path):
    frame = load_text(tmp_path, MINIMAL).set_index("id")
    assert list(frame.index) == [
        "table1.a.accuracy",
        *("table1.a.f1", "table1.a.f1.ci_low", "table1.a.f1.ci_high"),
        "table1.b.accuracy",
        *("text.classes", "text.split.train", "text.split.test"),
    ]
    row = frame.loc["table1.a.accuracy"]
    assert (row.value, row.printed, row.decimals, row.half_ulp, row.unit) == (90.5, "90.5", 1, 0.05, "percent")
    assert (row["model"], row["averaging"], row["where"]) == ("model_a", None, "Table 1, A, Acc")
    assert row.tolerance_value == pytest.approx(100 * (0.905 - stats.beta.ppf(0.025, 181, 20)))
    low = frame.loc["table1.a.f1.ci_low"]
    assert (low.quantity, low.value, low.cell, low.unit) == ("f1_ci_low", 0.85, "0.88 [0.85, 0.91]", "fraction")
    assert low.tolerance_value == pytest.approx(0.02)  # two points, for a value printed as a fraction
    assert frame.loc["text.classes", "value"] == 7
    assert frame.loc["text.split.train", ["value", "quantity", "unit"]].tolist() == [80, "split_share_train", "percent"]


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("{id: b, row: B", "{id: a, row: B", "table1.a.accuracy: this id occurs more than once"),
        ("model: model_b", "modell: model_b", "table1 > rows > b > modell: Extra inputs"),
        ("model: model_b", "row: again", "duplicate key 'row'"),
        ('["91", "--"]', '[91, "--"]', "table1 > rows > b > cells"),
        ('["91", "--"]', '["91"]', "table1.b: 1 cells for 2 columns"),
        ('["91", "--"]', '["ninety", "--"]', "table1.b.accuracy: 'ninety' holds 0 numbers"),
        ('printed: "80-20", parts: [train, test]', 'printed: "80-20"', "text.split: '80-20' holds 2 numbers"),
        ("quantity: n_classes", "quantity: n_clases", "did you mean 'n_classes'"),
        ("tolerance: exact", "tolerance: exakt", "text.classes: unknown tolerance 'exakt': did you mean 'exact'"),
        ("protocol: test\n    tolerance: exact", "protocol: tset\n    tolerance: exact", "did you mean 'test'"),
        ("value: 2.0, unit: percent", "value: 2.0, unit: pixel", "is in pixel, the value in fraction"),
        ("paper: xia2025", "paper: kadric2025", "must be the folder's name"),
        ("kind: exact", "kind: roughly", "tolerances > exact > kind"),
    ],
)
def test_faults_name_file_and_entry(tmp_path, old, new, message):
    assert old in MINIMAL
    with pytest.raises(StudyError, match=r"^xia2025/published\.yaml: ") as caught:
        load_text(tmp_path, MINIMAL.replace(old, new))
    assert message in str(caught.value)


def test_unknown_paper_is_refused():
    with pytest.raises(StudyError, match="did you mean 'xia2025'"):
        load_published("xia2052")


@pytest.mark.parametrize(
    "kind, tolerance, ours, low, high, expected",
    [
        ("absolute", 2.0, 92.004, None, None, "reproduced"),  # 90.00 + 2 + half of 0.01
        ("absolute", 2.0, 92.006, None, None, "not reproduced"),
        ("absolute", 2.0, 93.0, 91.0, 95.0, "undecided"),
        ("absolute", 2.0, 93.0, 92.1, 94.0, "not reproduced"),
        ("absolute", 2.0, 86.0, 84.0, 87.9, "not reproduced"),
        ("relative", 0.1, 98.9, None, None, "reproduced"),
        ("relative", 0.1, 99.1, None, None, "not reproduced"),
        ("exact", math.nan, 90.004, None, None, "reproduced"),
        ("exact", math.nan, 90.01, None, None, "not reproduced"),
        ("none", math.nan, 90.0, None, None, "not testable"),
        ("absolute", 2.0, math.nan, None, None, "not testable"),
    ],
)
def test_verdict(kind, tolerance, ours, low, high, expected):
    row = pd.Series({"tolerance_kind": kind, "tolerance_value": tolerance, "value": 90.0, "half_ulp": 0.005})
    assert verdict(row, ours, low, high) == expected


@pytest.mark.parametrize("paper", published_papers())
def test_every_value_is_well_formed(paper):
    frame = load_published(paper)
    content = read_paper(paper, FOLDER)
    assert frame["id"].is_unique
    unreadable = frame[~frame["value"].map(math.isfinite)]
    assert all(unreadable["note"].str.contains("not in the text"))
    assert set(frame["protocol"]) == set(load_protocols(paper)), "a protocol that no value uses"
    assert set(frame["tolerance"]) == set(content.tolerances), "a tolerance that no value uses"
    assert all(tolerance.reason.endswith(".") for tolerance in content.tolerances.values())
    tested = frame[frame["tolerance_kind"].isin(["absolute", "relative"]) & frame["value"].map(math.isfinite)]
    assert (tested["tolerance_value"] > 0).all()
    assert (frame.loc[frame["origin"] == "cited", "tolerance_kind"] == "none").all()
    assert load_not_available(paper)


def test_every_quantity_is_used():
    used = set().union(*(load_published(paper)["quantity"] for paper in published_papers()))
    idle = [
        name
        for name in read_yaml(FOLDER.parent / "settings" / "quantities.yaml")
        if not any(q.startswith(name) for q in used)
    ]
    assert idle == []


# ---- completeness -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def texts() -> dict[str, PaperText]:
    """Parsed texts by paper."""
    folder = os.environ.get("DERM_PAPERS")
    if not folder:
        pytest.skip("paper texts absent: set DERM_PAPERS to the folder that holds them")
    parsed = {}
    for paper in published_papers():
        each = [parse(Path(folder, name).read_text(encoding="utf-8")) for name in read_paper(paper, FOLDER).texts]
        parsed[paper] = PaperText(
            cells={key: cell for one in each for key, cell in one.cells.items()},
            sections={key: text for one in each for key, text in one.sections.items()},
            left_out={reason: sum((one.left_out[reason] for one in each), Counter()) for reason in NOT_A_VALUE},
            unread=[word for one in each for word in one.unread],
        )
    return parsed


def differences(rows: list[dict], text: PaperText) -> list[str]:
    """What the values and the paper's text do not share: cells one by one, text numbers counted by section."""
    found = []
    cells = {(row["table"], row["row"], row["column"]): row["cell"] for row in rows if row["table"]}
    for key in sorted(cells.keys() | text.cells.keys()):
        if cells.get(key) != text.cells.get(key):
            found.append(f"{key}: {cells.get(key)!r}, in the text {text.cells.get(key)!r}")
    counts: dict[str, Counter] = {}
    for row in rows:
        if row["section"]:
            section = row["section"].lower()
            counts.setdefault(section, Counter()).update(numbers(row["printed"]))
            if " ".join(row["cell"].split()) not in text.sections.get(section, ""):
                found.append(f"{row['id']}: {row['cell']!r} does not stand in section {row['section']!r}")
    for section in counts.keys() | text.sections.keys():
        mine, theirs = counts.get(section, Counter()), Counter(numbers(text.sections.get(section, "")))
        if mine != theirs:
            found.append(f"{section}: too many {dict(mine - theirs)}, missing {dict(theirs - mine)}")
    # a cell of several numbers must have given all of them
    parts = Counter((row["where"], row["cell"]) for row in rows if row["table"])
    found += [f"{key}: {n} values" for key, n in parts.items() if n != len(numbers(key[1]))]
    return found


@pytest.mark.parametrize("paper", published_papers())
def test_every_number_of_the_paper_is_a_value(paper, texts):
    rows = load_published(paper).to_dict("records")
    assert differences(rows, texts[paper]) == []
    assert texts[paper].unread == [], "digits that are neither a number nor part of a known name"
    in_text = sum(len(numbers(text)) for text in texts[paper].sections.values())
    print(f"{paper}: {len(rows)} values; {len(texts[paper].cells)} table cells and {in_text} numbers in text compared")
    for reason, removed in texts[paper].left_out.items():
        if removed:
            print(f"  not values, {reason}: {', '.join(f'{what!r} {n}x' for what, n in removed.items())}")


def test_no_exception_is_idle(texts):
    idle = [reason for reason in NOT_A_VALUE if not any(text.left_out[reason] for text in texts.values())]
    assert idle == []


@pytest.mark.parametrize("paper", published_papers())
@pytest.mark.slow
def test_any_missing_or_altered_value_is_noticed(paper, texts):
    """Every value in turn is deleted, and given another last digit: the comparison must see each."""
    rows = load_published(paper).to_dict("records")
    only_words = set()
    for n, row in enumerate(rows):
        if not differences(rows[:n] + rows[n + 1 :], texts[paper]):
            only_words.add(row["printed"])
        digit = max((at for at, sign in enumerate(row["printed"]) if sign.isdigit()), default=None)
        if digit is not None:
            other = str((int(row["printed"][digit]) + 1) % 10)
            altered = row["printed"][:digit] + other + row["printed"][digit + 1 :]
            cell = row["cell"].replace(row["printed"], altered, 1)
            mutant = row | {"printed": altered, "cell": cell}
            assert differences([*rows[:n], mutant, *rows[n + 1 :]], texts[paper]), row["id"]
    assert not any(numbers(printed) for printed in only_words), "a deleted value was not missed"
    assert only_words <= {"one-third", *["two", "three", "four", "five", "six", "seven", "nine"]}
