"""Parameters of notebooks: their names and types, and what of a notebook's namespace they are."""

from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lib.core.errors import StudyError, unknown_name
from lib.evaluation.draws import REPEATS
from lib.plan.part import describe

REAL = ("cpu", "campaign", "gpu", "p100")  # profiles whose images are real
PROFILES = ("smoke", *REAL)
OWN_NAMES = {"In", "Out", "exit", "quit", "open", "get_ipython", "display"}


class Parameters(BaseModel):
    """Parameters of every notebook; ``params/<profile>.yaml`` gives them all.

    ``datasets`` are shown by the notebooks on data; empty folders mean DERM_DATA, DERM_WEIGHTS or the defaults.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    profile: str
    datasets: list[str]
    data_root: str = ""
    weights_dir: str = ""
    results_dir: str = "results/smoke"
    train_missing: bool = True
    bootstrap_repeats: int = Field(default=REPEATS, ge=20)


def check_parameters(values: dict[str, Any]) -> Parameters:
    """Validated parameters.

    Raises:
        StudyError: a name that no notebook knows (papermill only warns of it), or a value of the wrong type, such
            as a number that YAML 1.1 reads as a string (``1e-4``; write ``1.0e-4``).
    """
    for name in values:
        if name not in Parameters.model_fields:
            raise unknown_name("notebook parameter", name, Parameters.model_fields)
    try:
        parameters = Parameters.model_validate(values)
    except ValidationError as error:
        raise StudyError(f"notebook parameters: {describe(error)}.") from None
    if parameters.profile not in PROFILES:
        raise unknown_name("profile", parameters.profile, PROFILES)
    return parameters


def user_values(namespace: dict[str, Any]) -> dict[str, Any]:
    """The plain values that the cells before ``begin`` have set: the parameters."""
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_")
        and name not in OWN_NAMES
        and not isinstance(value, ModuleType)
        and not callable(value)
    }
