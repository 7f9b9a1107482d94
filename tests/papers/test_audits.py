"""The audit of the five papers: known findings, known passes, completeness of the table."""

import pandas as pd
import pytest

from lib.audit import accuracy_intervals
from lib.audit.finding import COLUMNS, OPEN, SEVERITIES, VERDICTS
from lib.commands import main
from lib.core.paths import REPO
from lib.papers import audits
from lib.published.values import load_published, published_papers, published_values

pytestmark = pytest.mark.slow


def read(file):
    return pd.read_csv(file, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def findings():
    """As committed; ``make redraw`` makes all of them anew, the test of the command those of one paper."""
    return read(REPO / "results" / "tables" / "01_published_numbers_audit" / "audit_findings.csv")


def _one(findings, paper, check, item=""):
    rows = findings[(findings["paper"] == paper) & (findings["check"] == check)]
    rows = rows[rows["item"].str.contains(item, regex=False)]
    assert len(rows) == 1, rows[["item", "check"]]
    return rows.iloc[0]


def test_table(findings):
    assert list(findings.columns) == COLUMNS
    assert set(findings["paper"]) == set(published_papers())
    assert set(findings["verdict"]) <= set(VERDICTS) and set(findings["severity"]) <= set(SEVERITIES)
    assert (findings["verdict"].isin(OPEN) == (findings["severity"] != "none")).all()
    assert (findings["verdict"].isin(OPEN) == (findings["cause"] != "")).all()
    assert (findings[["item", "check", "published", "explanation"]].map(len) > 0).all().all()
    assert not findings.duplicated().any()


def test_validation_set_of_dhanalakshmi2025_is_the_kaggle_folder(findings):
    found = _one(findings, "dhanalakshmi2025", "supports against data set")
    assert (found["verdict"], found["severity"]) == ("inconsistent", "severe")
    assert found["implied"] == "test folder of the Kaggle set malignant-vs-benign"
    assert _one(findings, "dhanalakshmi2025", "grim, all together", "from the supports")["verdict"] == "consistent"
    assert _one(findings, "dhanalakshmi2025", "grim, all together", "from the split")["verdict"] == "inconsistent"


def test_early_stopping_of_dhanalakshmi2025(findings):
    rows = findings[(findings["paper"] == "dhanalakshmi2025") & (findings["check"] == "early stopping")]
    assert len(rows) == 3 and rows["verdict"].eq("ambiguous").all() and rows["implied"].eq("stop after epoch 4").all()


def test_test_set_of_saykat2025(findings):
    for check in ("n common to all pairs", "diagonal against accuracy"):
        assert _one(findings, "saykat2025", check)["severity"] == "severe"
    for check in ("grim, all together", "counts and gaps at n"):  # the same cause, severe once
        found = _one(findings, "saykat2025", check)
        assert (found["verdict"], found["severity"]) == ("inconsistent", "moderate")
    assert "992" in _one(findings, "saykat2025", "n common to all pairs")["implied"]
    rows = findings[(findings["paper"] == "saykat2025") & (findings["check"] == "McNemar p")]
    assert rows["verdict"].eq("consistent").all() and rows["explanation"].str.contains("the exact p").all()


def test_counts_of_abdulqader2026_can_be_rebuilt(findings):
    found = _one(findings, "abdulqader2026", "confusion marginals")
    assert found["verdict"] == "consistent" and found["implied"] == "954/1002 correct (0.9521)"
    copied = _one(findings, "abdulqader2026", "cell from counts", "vasc.f1")
    assert copied["verdict"] == "typo" and copied["implied"] == "0.9655"
    swapped = _one(findings, "abdulqader2026", "bounds and swapped columns", "table9.offline")
    assert swapped["implied"] == "specificity and f1 exchanged"


def test_compression_of_abdulqader2026(findings):
    found = _one(findings, "abdulqader2026", "size after the same operation")
    assert found["severity"] == "severe" and "left out" in found["explanation"]
    assert _one(findings, "abdulqader2026", "ratio", "size_reduction")["verdict"] == "consistent"


def test_cross_references_of_abdulqader2026(findings):
    rows = findings[(findings["paper"] == "abdulqader2026") & (findings["check"] == "cross-reference")]
    wrong = rows[rows["verdict"] == "typo"]
    assert wrong["published"].tolist() == ["Table 14", "Table 15"]
    assert wrong["implied"].tolist() == ["Table 16", "Table 17"]


def test_report_of_dhanalakshmi2025_fits_an_accuracy_that_the_text_names(findings):
    found = _one(findings, "dhanalakshmi2025", "accuracy against report", "table1.ensemble_small_efficientnet_b3")
    assert found["verdict"] == "ambiguous" and "0.8682 fits" in found["explanation"]


def test_version_of_dermamnist_c(findings):
    found = _one(findings, "kadric2025", "which version")
    assert found["verdict"] == "consistent" and found["implied"] == "version 1.0"


def test_test_set_of_xia2025(findings):
    assert _one(findings, "xia2025", "grim, all together")["implied"].startswith("n = 165,")
    rows = findings[(findings["paper"] == "xia2025") & (findings["check"] == "count fits the split")]
    assert sorted(rows["verdict"]) == ["ambiguous", "consistent"]
    assert "0.34" in rows[rows["verdict"] == "ambiguous"]["explanation"].item()  # no stratification is stated
    assert _one(findings, "xia2025", "text against table", "abstract")["verdict"] == "typo"


def test_head_of_xia2025_by_hand():
    from lib.papers.xia2025.audit_architecture import head_parameters

    # C = 4: 2C = 8, squeezed to max(3, 8 // 2) = 4; (8+1)4 + (4+1)8 + (8+1)5 + (5+1)2
    assert head_parameters(4, 5, 2, 3, 2) == 36 + 40 + 45 + 12


def test_intervals_cover_every_paper():
    table = accuracy_intervals(audits())
    n = table.groupby(["paper", "n_source"])["n"].agg(["min", "max"])
    assert set(table["paper"]) == set(published_papers())
    assert n.loc["xia2025", "implied"].tolist() == [165, 165] and n.loc["saykat2025", "stated"].tolist() == [
        1503,
        25331,
    ]


@pytest.mark.filterwarnings("error::DeprecationWarning:lib")
def test_command_writes_both_tables(tmp_path, capsys, findings):
    assert main(["audit", "--out", str(tmp_path), "--paper", "kadric2025"]) == 0
    assert "kadric2025" in capsys.readouterr().out
    committed = findings[findings["paper"] == "kadric2025"].reset_index(drop=True)
    pd.testing.assert_frame_equal(read(tmp_path / "audit_findings.csv"), committed)
    assert len(pd.read_csv(tmp_path / "accuracy_intervals.csv")) > 0


def test_command_with_a_misspelt_paper(tmp_path, capsys):
    assert main(["audit", "--out", str(tmp_path), "--paper", "kadric"]) == 2
    assert "kadric2025" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_corrected_cells_are_those_that_the_audit_mends(findings):
    rows = load_published("abdulqader2026").set_index("id")
    corrected = rows["corrected"].dropna()
    own = findings[(findings["paper"] == "abdulqader2026") & (findings["verdict"] == "typo")]
    mended = set(own[own["check"].isin(["cell from counts", "class accuracy equal to recall"])]["item"])
    mended |= {f"table9.offline.{name}" for name in ("specificity", "f1")}  # "specificity and f1 exchanged"
    assert set(corrected.index) == mended
    f1 = published_values("abdulqader2026")
    assert f1["table9.offline.f1"] - f1["table9.base.f1"] == pytest.approx(4.33)
    assert f1["table9.proposed.f1"] - f1["table9.offline.f1"] == pytest.approx(-0.59)


def test_a_slip_counts_once(findings):
    own = findings[(findings["paper"] == "abdulqader2026") & findings["verdict"].isin(OPEN)]
    assert not own["item"].str.startswith("table7").any()  # the average of Table 8's column, with its cell corrected
    assert own["item"].eq("training.label_smoothing").sum() == 1 and not own["item"].str.contains("smoothing[.]").any()
    speedup = _one(findings, "abdulqader2026", "dense cost after pruning")
    assert speedup["verdict"] == "ambiguous"  # a time is measured
    shared = findings[findings["cause"].str.contains("smaller test set")]
    assert set(shared["paper"]) == {"saykat2025"} and len(shared) > 30
    rates = findings[(findings["paper"] == "xia2025") & findings["check"].str.startswith("ratio to any")]
    assert rates["verdict"].tolist() == ["consistent"]


def test_a_value_that_may_be_of_the_missing_table_is_ambiguous(findings):
    rows = findings[(findings["paper"] == "dhanalakshmi2025") & (findings["check"] == "text against table")]
    assert set(rows["verdict"]) == {"consistent", "ambiguous"}
    assert rows[rows["verdict"] == "ambiguous"]["explanation"].str.contains("Table 2").all()


@pytest.mark.parametrize(
    ("paper", "item"),
    [
        ("dhanalakshmi2025", "5: deeper models like ConvNeXt-XLarge"),
        ("dhanalakshmi2025", "5: ensemble-based alternatives"),
        ("dhanalakshmi2025", "5: convergence of the single models"),
        ("dhanalakshmi2025", "5: validation accuracy of the ensemble"),
        ("abdulqader2026", "normalization"),
        ("xia2025", "validation accuracy consistently exceeding 90%, first validation loss"),
    ],
)
def test_statements_that_were_missed(findings, paper, item):
    rows = findings[(findings["paper"] == paper) & findings["item"].str.startswith(item)]
    assert len(rows) and rows["verdict"].isin(OPEN).all()
