"""What each paper teaches, as data: ``params/papers/<paper>/claims.yaml``, each with the rule of its verdict.

A claim names two sides of a contrast, the sign (and size, where printed) that the paper predicts for first minus
second, and the smallest effect that would matter. Effects are in points: hundredths of the measure, or per cent of the
second side where the contrast is ``relative``. Rules were committed before the runs of the profile
``campaign`` and its like; earlier records were there before them, and evidence says which it rests on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import REPO
from lib.data.splits import SPLITS
from lib.data.tasks import TASKS
from lib.evaluation.metrics import METRICS
from lib.plan.spec import RunSpec
from lib.published.schema import Frozen, Own, Text, read_own
from lib.published.values import FOLDER

OUTSIDE = REPO / "params" / "settings" / "outside_claims.yaml"  # claims of studies that are none of the papers
QUOTE_WORDS = 25

# What can be measured beside ``lib.evaluation.metrics.METRICS``.
MEASURES = {
    "sensitivity": "mean sensitivity of the classes that ``dx`` names",
    "lowest_sensitivity": "sensitivity of the class that is found least often",
    "nll_rise": "negative log-likelihood of the last epoch minus that of the epoch of least validation loss, in nats",
    "accuracy_at_one_class_mix": "accuracy with images weighted to the class mix of the second side",
    "order_agreement": "Kendall's tau between the models' accuracies and the published order",
    "energy_inside": "share of a saliency map's energy inside the lesion mask",
    "within_share": "variance within classes over the total, of the logits as features",
    "size_reduction": "bytes saved of the stored model, as a share",
    "latency": "time per batch",
}
# What sets a side apart beside the dotted fields of a run specification.
SIDE = {
    "paper_model": "names of the paper's models in the grid; they settle every field in which the grid's rows differ",
    "ensemble": "outputs combined by this strategy of ``lib.evaluation.ensembles``",
    "members": "the paper's own members (a list by nature); others of the same ``families`` are reduced evidence",
    "families": "members of one architecture family (``same``) or of several (``mixed``)",
    "member": "``best``: the ensemble's member with the best validation accuracy",
    "epoch": "``last``, or ``best``: that of least validation loss",
    "temperature": "``fitted`` on validation images, or ``one``",
    "detail_px": "pixels per side to which pictures are shrunk before they are brought to the input size",
    "variant": "compressed variant of one trained network; ``original`` is the network itself",
    "map": "saliency map of the ``model``, or one that knows no model",
    "subset": "images of this part, or of this external set",
    "order": "models from best to worst as published (a list by nature)",
    "measure": "measure of this side where it is another than the contrast's",
    "constant": "no run: this many points, or the answer ``majority``",
}


def _fields(model: type[BaseModel], prefix: str = "") -> Iterable[str]:
    for name, field in model.model_fields.items():
        yield prefix + name
        for part in (field.annotation, *get_args(field.annotation)):
            if hasattr(part, "model_fields"):  # a specification of its own
                yield from _fields(part, f"{prefix}{name}.")


def _known(kind: str, names: Iterable[str]) -> AfterValidator:
    names = frozenset(names)

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(str(unknown_name(kind, name, names)))
        return name

    return AfterValidator(check)


def _short(quote: str) -> str:
    if (n := len(quote.split())) > QUOTE_WORDS:
        raise ValueError(f"a quote has at most {QUOTE_WORDS} words, this one {n}")
    return quote


RunField = Annotated[str, _known("field of a run", _fields(RunSpec))]
Measure = Annotated[str, _known("measure", [*METRICS, *MEASURES])]
Value = bool | int | float | str | None


class Not(Frozen):
    """Any value but this."""

    value: Value = Field(alias="not")


SideKey = Annotated[str, _known("field of a side", [*_fields(RunSpec), *SIDE])]
Side = Annotated[dict[SideKey, Value | Not | list[Value]], Field(min_length=1)]


class Population(Frozen):
    """The paper's images; every combination is a row of evidence of its own. ``common``: test images of all splits."""

    splits: Annotated[list[Annotated[str, _known("split", SPLITS)]], Field(min_length=1)]
    tasks: list[Annotated[str, _known("task", TASKS)]] = Field(default_factory=lambda: ["dx"])
    subsets: list[Text] = Field(default_factory=lambda: ["test"])


class AuditCheck(Frozen):
    """A row of the audit's findings on this paper."""

    item: Text
    check: Text


class Contrast(Frozen):
    """First minus second, over pairs of recipes that agree in every field but those that the sides name.

    Values of a side: one, ``{not: x}``, or a list; numeric fields also ``largest`` and ``smaller`` of what was run. A
    list in ``first`` is one row of evidence per value. ``second`` lists rivals (sides, or values of one side): the
    strongest of them counts, which is the highest where the claim says ``higher`` and the lowest where it says
    ``lower``. Fields in ``may_differ`` follow from the sides (the crop of a smaller image). ``audit`` names checks
    that bear on the claim; alone they are the contrast of a claim that arithmetic decides.
    """

    measure: Measure | None = None
    dx: list[Text] = Field(default_factory=list)
    relative: bool = False
    population: Population | None = None
    first: Side | None = None
    second: list[Side] = Field(default_factory=list)
    may_differ: list[RunField] = Field(default_factory=list)
    audit: list[AuditCheck] = Field(default_factory=list)

    @property
    def rivals(self) -> int:
        return sum(max((len(v) for v in side.values() if isinstance(v, list)), default=1) for side in self.second)

    @model_validator(mode="after")
    def _whole(self) -> "Contrast":
        parts = [self.measure, self.population, self.first, self.second]
        if any(parts) and not all(parts):
            raise ValueError("a contrast has measure, population, first and second, or none of them")
        if not any(parts) and not self.audit:
            raise ValueError("a contrast needs two sides, or checks of the audit")
        if (self.measure == "sensitivity") != bool(self.dx):
            raise ValueError("dx names the classes of the measure sensitivity, and of no other")
        return self


class Predicts(Frozen):
    """``higher``, ``lower`` or ``not lower`` of first against second; ``points``: first minus second as printed."""

    sign: Literal["higher", "lower", "not lower"]
    points: float | None = None
    note: Text | None = None


class SmallestEffect(Frozen):
    """What would matter to a user. For ``not lower`` it is the loss that is still let pass."""

    points: Annotated[float, Field(gt=0)]
    reason: Text


class Needs(Frozen):
    """What a direct test takes; about so many hours of one A100."""

    what: Text
    gpu_hours: Annotated[float, Field(ge=0)]


class Change(Frozen):
    date: date
    what: Text
    why: Text


class Claim(Frozen):
    """One claim; its rule (all but ``says`` and ``needs``) may change only with an entry in ``changed``.

    ``given``: another claim of the paper, which a network must bear out before this one says anything of it.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
    where: Text
    quote: Annotated[Text, AfterValidator(_short)]
    says: Text
    kind: Literal["level", "direction", "structure", "arithmetic"]
    predicts: Predicts
    contrast: Contrast
    smallest_effect: SmallestEffect
    needs: Needs
    given: str | None = None
    changed: list[Change] = Field(default_factory=list)


class Claims(Own):
    source: Text | None = None
    claims: Annotated[list[Claim], Field(min_length=1)]


def by_id(claims: Mapping[str, Sequence[Claim]]) -> dict[tuple[str, str], Claim]:
    """(paper, id) -> claim, of claims by paper."""
    return {(paper, claim.id): claim for paper, own in claims.items() for claim in own}


def papers_with_claims(folder: Path = FOLDER) -> list[str]:
    """Papers that have a ``claims.yaml``, in alphabetical order."""
    return sorted(file.parent.name for file in folder.glob("*/claims.yaml"))


def load_claims(paper: str, folder: Path = FOLDER) -> list[Claim]:
    """Claims of ``paper`` (``outside``: of studies that are none of the papers), in the file's order.

    Raises:
        StudyError: no such paper, or a file that is not as :class:`Claims` describes; one sentence.
    """
    if paper != "outside" and paper not in papers_with_claims(folder):
        raise unknown_name("paper with claims", paper, [*papers_with_claims(folder), "outside"])
    file = OUTSIDE if paper == "outside" else folder / paper / "claims.yaml"
    content = read_own(file, paper, Claims)
    claims = content.claims if content else []
    ids = [claim.id for claim in claims]
    if repeated := {i for i in ids if ids.count(i) > 1}:
        raise StudyError(f"{paper}/{file.name}: {min(repeated)}: this id occurs more than once; ids must be unique.")
    for given in filter(None, (claim.given for claim in claims)):
        if given not in ids:
            raise unknown_name("claim", given, ids)
    return claims
