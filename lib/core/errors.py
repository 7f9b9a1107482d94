"""The one exception that users are meant to read."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class StudyError(Exception):
    """Bad input or a missing prerequisite: one sentence that says what is wrong and how to mend it."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> StudyError:
    """Error for a name that is not among ``known``, with the nearest spelling if there is one."""
    known = sorted(known)
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return StudyError(f"unknown {kind} {name!r}: {hint}known are {', '.join(known)}.")


def lookup(kind: str, name: str, known: Mapping[str, Value]) -> Value:
    """``known[name]``; :func:`unknown_name` is raised where there is none."""
    if name not in known:
        raise unknown_name(kind, name, known)
    return known[name]
