"""What all validated settings share: their base, ranges of numbers, and errors in one sentence."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """Base of all parts: no unknown keys, no strings where numbers belong, finite numbers, immutable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def describe(error: ValidationError) -> str:
    """The findings of a pydantic error in one sentence."""
    parts = []
    for e in error.errors():
        where = ".".join(str(x) for x in e["loc"]) or "values"
        got = f" (got {e['input']!r})" if e["type"] not in ("missing", "value_error") else ""
        parts.append(f"{where}: {e['msg'].removeprefix('Value error, ')}{got}")
    return "; ".join(parts)
