"""Tables and figures that tell single papers' findings."""

from matplotlib.figure import Figure

from lib.audit import accuracy_intervals, figures
from lib.papers import audits
from lib.papers.abdulqader2026.audit_classes import rebuilt_counts
from lib.papers.dhanalakshmi2025 import audit_report as dhanalakshmi2025
from lib.papers.kadric2025.audit import version_counts
from lib.papers.saykat2025 import audit_report as saykat2025


def test_rebuilt_counts_are_unique_and_add_up():
    table = rebuilt_counts()
    assert (table["solutions"] == 1).all()
    assert table["predicted"].sum() == table["support"].sum()
    assert table[abs(table["f1_rebuilt"] - table["f1_printed"]) > 1e-4]["dx"].tolist() == ["vasc"]


def test_figures():
    sizes, reports = saykat2025.implied_sizes(), dhanalakshmi2025.report_accuracies()
    for figure in (
        saykat2025.implied_sizes_figure(sizes, 1),
        dhanalakshmi2025.report_accuracies_figure(reports),
        figures.accuracy_forest(accuracy_intervals(audits())),
    ):
        assert isinstance(figure, Figure)
    assert (reports["report_low"] <= reports["report_high"]).all()
    assert (sizes["low"] <= sizes["high"]).all()


def test_version_counts_name_the_counts():
    table = version_counts()
    fits = table.drop(columns=["head", "accuracy"]).ne("none").all()
    assert fits.sum() == 1
