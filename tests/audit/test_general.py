"""Checks that every paper gets, on a made-up paper."""

from itertools import chain

import pytest

from lib.audit import general
from lib.audit.finding import Ledger
from lib.audit.values import Published, intervals
from lib.core.errors import StudyError
from lib.published.values import COLUMNS, Protocol

PROTOCOL = {"data_set": "d", "split": "s", "evaluation_set": "test"}
PROTOCOLS = {
    "test": Protocol(**PROTOCOL, n=200, supports={"a": 120, "b": 80}),
    "unknown": Protocol(**PROTOCOL),
}


def _paper(*rows):
    """A paper of (id, printed, quantity, further columns) rows."""
    made = []
    for ident, printed, quantity, *further in rows:
        digits = printed.rstrip("%")
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
        row = dict.fromkeys(COLUMNS) | {
            "paper": "made-up", "id": ident, "where": ident, "printed": printed, "value": float(digits),
            "half_ulp": half, "quantity": quantity, "origin": "own", "protocol": "test", "tolerance_kind": "none",
            "unit": "percent" if "%" in printed else "fraction",
        }  # fmt: skip
        made.append(row | (further[0] if further else {}))
    return Published("made-up", {row["id"]: row for row in made}, PROTOCOLS)


def _verdicts(check, paper, *further):
    ledger = Ledger("made-up")
    check(paper, ledger, *further)
    return {f.item: (f.verdict, f.severity) for f in ledger.findings}


def test_grim_uses_the_protocols_n_and_supports():
    paper = _paper(
        ("t.m.accuracy", "0.915", "accuracy"),
        ("t.n.accuracy", "0.913", "accuracy"),
        ("t.m.a.recall", "0.908", "recall", {"dx": "a"}),
        ("t.m.b.recall", "0.908", "recall", {"dx": "b"}),
    )
    assert _verdicts(general.check_grim, paper) == {
        "t.m.accuracy": ("consistent", "none"),
        "t.n.accuracy": ("inconsistent", "moderate"),
        "t.m.a.recall": ("consistent", "none"),
        "t.m.b.recall": ("inconsistent", "moderate"),
    }


def test_grim_leaves_out_what_it_cannot_judge():
    paper = _paper(
        ("coarse", "0.91", "accuracy"),
        ("no_n", "0.915", "accuracy", {"protocol": "unknown"}),
        ("cited", "0.913", "accuracy", {"origin": "cited"}),
        ("about", "0.913", "accuracy", {"qualifier": "about"}),
    )
    assert _verdicts(general.check_grim, paper) == {}


def test_headline_values_weigh_more():
    paper = _paper(("abstract.accuracy", "0.913", "accuracy"))
    assert _verdicts(general.check_grim, paper)["abstract.accuracy"] == ("inconsistent", "severe")


def test_stated_twice():
    paper = _paper(
        ("text.accuracy", "91.5%", "accuracy", {"model": "m"}),
        ("t.m.accuracy", "0.915", "accuracy", {"model": "m"}),
        ("text.loss", "0.30", "val_loss", {"model": "m"}),
        ("t.m.loss", "0.31", "val_loss", {"model": "m"}),
        ("t.k.loss", "0.35", "val_loss", {"model": "k"}),
    )
    found = _verdicts(general.check_stated_twice, paper)
    assert found["text.accuracy and 1 more"] == ("consistent", "none")
    assert found["text.loss and 1 more"] == ("inconsistent", "moderate")
    assert len(found) == 2
    assert "text.loss and 1 more" not in _verdicts(general.check_stated_twice, paper, ("text.loss",))


def test_f1():
    def row(key, f1, **further):
        values = {"precision": "0.80", "recall": "0.60", "f1": f1}
        return [(f"{key}.{q}", v, q, further) for q, v in values.items()]

    paper = _paper(
        *row("t.good", "0.69", dx="a"), *row("t.wrong", "0.75", dx="a"), *row("t.mean", "0.65"), *row("t.high", "0.75"),
        *row("t.other", "0.75", origin="cited"),
    )  # fmt: skip
    assert _verdicts(general.check_f1, paper) == {
        "t.good.f1": ("consistent", "none"),
        "t.wrong.f1": ("inconsistent", "moderate"),
        "t.mean.f1": ("consistent", "none"),
        "t.high.f1": ("inconsistent", "moderate"),
        "t.other.f1": ("inconsistent", "minor"),
    }
    assert "t.wrong.f1" not in _verdicts(general.check_f1, paper, ("t.wrong",))


def test_numbering():
    paper = _paper(
        ("a", "1", "x", {"table": "1"}), ("b", "1", "x", {"table": "3"}), ("c", "1", "x", {"table": "Split"})
    )
    assert _verdicts(general.check_numbering, paper) == {"table numbers": ("ambiguous", "minor")}


def test_intervals_say_where_n_comes_from():
    paper = _paper(
        ("t.m", "0.915", "accuracy", {"model": "m"}),
        ("text.m", "0.915", "accuracy", {"model": "m"}),
        ("text.m.whole_percent", "0.92", "accuracy", {"model": "m"}),
        ("t.k", "0.500", "accuracy", {"model": "k", "protocol": "unknown"}),
        ("t.j", "0.500", "accuracy", {"model": "j", "protocol": "test", "dx": "a"}),
    )
    table = intervals(paper, {"unknown": 50}).set_index("model")
    assert table["n_source"].to_dict() == {"m": "stated", "k": "implied"}
    assert table.loc["m", "correct"] == 183
    assert (table["exact_low"] < table["wilson_low"]).all() and (table["wilson_high"] < table["exact_high"]).all()


def test_values_by_id():
    paper = _paper(("t.a.x", "91.5%", "accuracy"), ("t.b.x", "90.0%", "accuracy"), ("t.a.y", "7", "count"))
    assert paper.value("t.a.x").value == pytest.approx(0.915) and str(paper.value("t.a.x")) == "91.5%"
    assert list(paper.table("t", "x")) == ["a", "b"] and list(paper.cells("t.a", ("x", "y", "z"))) == ["x", "y"]
    assert paper.counts("t", "y") == {"a": 7}
    with pytest.raises(StudyError, match=r"did you mean 't\.a\.x'"):
        paper.value("t.a.xx")


def _metrics(table, key, further=None, **printed):
    placed = {"table": table, "row": key, "decimals": 2} | (further or {})
    return [(f"table{table}.{key}.{q}", v, q, placed | {"column": q}) for q, v in printed.items()]


def test_a_row_in_which_two_columns_are_exchanged():
    kept = [_metrics("1", k, precision=f"{p}1%", specificity=f"{s}2%") for k, p, s in
            (("a", "90.", "98."), ("b", "85.", "97."), ("c", "88.", "98."))]  # fmt: skip
    swapped = _metrics("1", "d", precision="98.11%", specificity="88.22%")
    found = _verdicts(general.check_order, _paper(*chain(*kept), *swapped))
    assert found == {"table1.d": ("ambiguous", "minor")} | {f"table1.{k}": ("consistent", "none") for k in "abc"}
    near = _metrics("1", "d", precision="97.11%", specificity="96.22%")  # less than any row's gap: no exchange
    assert _verdicts(general.check_order, _paper(*chain(*kept), *near))["table1.d"] == ("consistent", "none")
    assert not _verdicts(general.check_order, _paper(*chain(*kept[:2]), *swapped))


def test_a_value_that_the_row_above_has_too():
    rows = [_metrics("1", "a", auc="98.24%", recall="100.00%"), _metrics("1", "b", auc="98.24%", recall="100.00%")]
    assert _verdicts(general.check_repeated, _paper(*chain(*rows))) == {"table1.b": ("ambiguous", "minor")}
    rows[1] = _metrics("1", "b", auc="98.25%", recall="100.00%")
    assert _verdicts(general.check_repeated, _paper(*chain(*rows))) == {"table1.b": ("consistent", "none")}


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (("t.a", "95.1%", "accuracy"), True),
        (("t.a", "951%", "accuracy"), False),
        (("t.a", "0.31", "macro_auc_ovr"), False),
        (("t.a", "12", "n_images", {"unit": "count", "decimals": 0}), True),
        (("t.a", "1.2", "n_images", {"unit": "count", "decimals": 1}), False),
    ],
)
def test_ranges(value, holds):
    assert [v == "consistent" for v, _ in _verdicts(general.check_ranges, _paper(value)).values()] == [holds]
