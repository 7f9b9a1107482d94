"""Printed numbers: what counts as one, and how far its rounding reaches."""

import pytest

from lib.published.numbers import numbers, parse_number


@pytest.mark.parametrize(
    "text, expected",
    [
        ("80-20", ["80", "20"]),
        ("80%:10%:10%", ["80", "10", "10"]),
        ("0.7851 [0.7581, 0.8105]", ["0.7851", "0.7581", "0.8105"]),
        ("7x7 and 384x384x3", ["7", "7", "384", "384", "3"]),
        ("from 27,825,511 to 1,908,480, with", ["27,825,511", "1,908,480"]),
        ("(3, 3, 9, 3)", ["3", "3", "9", "3"]),
        ("5×10^{-3}, $5 \\times 10^{-5}$, 1e-4", ["5×10^{-3}", "5 \\times 10^{-5}", "1e-4"]),
        ("$384 \\times 384$", ["384", "384"]),
        ("HAM10000, F1, B3, ConvNeXtV2, Effv4", []),
        ("-0.0171 against +0.1603", ["-0.0171", "+0.1603"]),
    ],
)
def test_numbers_are_found_and_names_are_not(text, expected):
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text, value, decimals, half_ulp",
    [
        ("92.73", 92.73, 2, 0.005),
        ("100.0", 100.0, 1, 0.05),
        ("10,015", 10015, 0, 0.5),
        ("8.13e-40", 8.13e-40, 42, 0.5e-42),
        ("5 × 10^{-3}", 0.005, 3, 0.0005),
        ("5 \\times 10^{-6}", 5e-6, 6, 0.5e-6),
        ("1e-4", 1e-4, 4, 0.5e-4),
        ("-0.0171", -0.0171, 4, 0.00005),
        ("Seven", 7, 0, 0),
        ("third", 3, 0, 0),
    ],
)
def test_value_and_rounding(text, value, decimals, half_ulp):
    number = parse_number(text)
    assert number.value == pytest.approx(value, rel=1e-12)
    assert number.decimals == decimals
    assert number.half_ulp == pytest.approx(half_ulp, rel=1e-9)


@pytest.mark.parametrize("text", ["eleven", "", "0.9x", "1e999"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        parse_number(text)
