"""A notebook as ``lib.report.study.begin`` makes it."""

from lib.report.parameters import check_parameters
from lib.report.study import Notebook


def notebook(results, train_missing=False, profile="smoke"):
    """One whose records are in ``results``."""
    values = {"profile": profile, "datasets": ["synthetic"], "results_dir": str(results)}
    return Notebook("00_test", check_parameters(values | {"train_missing": train_missing}))
