"""Numbers as papers print them: value, number of decimals, and how far rounding can reach."""

import math
import re
from dataclasses import dataclass

# A digit after a letter belongs to a name (F1, B3, HAM10000), except in sizes such as 7x7.
_START = r"(?:(?<![A-Za-z_\d.])|(?<=\dx))"
_SIGN = r"(?:(?<![\d\w)%])[+-](?=\d))?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d|,\d)|\d+)(?:\.\d+)?"
_EXPONENT = r"(?:[eE][+-]?\d+|\s*(?:×|\\times)\s*10\^\{?[-−]?\d+\}?)?"
NUMBER = re.compile(_START + _SIGN + _DIGITS + _EXPONENT)

_CARDINALS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_ORDINALS = ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
WORDS = {word: n for names in (_CARDINALS, _ORDINALS) for n, word in enumerate(names)}


@dataclass(frozen=True)
class Printed:
    """One printed number.

    value: as a float, in the printed unit (``92.73%`` is 92.73).
    decimals: digits after the decimal point; ``5 × 10^{-3}`` has 3, ``8.13e-40`` has 42.
    half_ulp: half a unit of the last printed digit, the most that correct rounding can hide; 0 for words.
    """

    value: float
    decimals: int
    half_ulp: float


def numbers(text: str) -> list[str]:
    """Number strings of ``text`` in order: ``"80-20"`` gives ``["80", "20"]``; digits inside names do not count."""
    return [match.group() for match in NUMBER.finditer(text)]


def parse_number(text: str) -> Printed:
    """Parse one number string as given by :func:`numbers`, or a number word up to ten.

    Raises ValueError for anything else.
    """
    if text.strip().lower() in WORDS:
        return Printed(float(WORDS[text.strip().lower()]), 0, 0.0)
    plain = re.sub(r"\s*(?:×|\\times)\s*10\^\{?([-−]?\d+)\}?", r"e\1", text).replace("−", "-").replace(",", "")
    mantissa, _, exponent = plain.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    value = float(plain)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return Printed(value, max(decimals, 0), 0.5 * 10.0**-decimals)
