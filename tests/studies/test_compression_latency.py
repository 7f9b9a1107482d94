"""Timing in random, interleaved order, and the tables made of it."""

import time
from collections import Counter

import pandas as pd
import pytest

from lib.studies.compression.latency import clocks, interleaved
from lib.studies.compression.tables import latency_table

NAMES = ("a", "b", "c")


class Machine:
    """Calls that take a known time on a clock of their own, and remember their order."""

    def __init__(self, milliseconds):
        self.now, self.order, self.milliseconds = 0.0, [], milliseconds

    def calls(self, batches):
        return {(n, b): self.call(n, b) for n in self.milliseconds for b in batches}

    def call(self, name, batch):
        def run():
            self.order.append((name, batch))
            self.now += self.milliseconds[name] * batch / 1000

        return run

    def clock(self):
        return self.now


@pytest.fixture
def timed():
    machine = Machine({"a": 5.0, "b": 2.5, "c": 10.0})
    return machine, interleaved(machine.calls((1, 4)), rounds=8, repeats={1: 3, 4: 2}, clock=machine.clock)


def test_every_call_is_timed_as_often_as_asked(timed):
    _, times = timed
    counts = times.groupby(["name", "batch"]).size()
    assert counts.to_dict() == {(n, b): 8 * repeats for n in NAMES for b, repeats in ((1, 3), (4, 2))}
    b = times[times["name"] == "b"]
    assert b[b["batch"] == 1]["ms"].to_numpy() == pytest.approx(2.5)
    assert b[b["batch"] == 4]["ms"].to_numpy() == pytest.approx(10.0)


def test_each_visit_warms_up_and_all_are_warm_before_the_first(timed):
    machine, times = timed
    visits = 8 * 6
    assert len(machine.order) == 3 * 6 + visits + len(times)
    assert Counter(machine.order[: 3 * 6]) == dict.fromkeys(machine.calls((1, 4)), 3)


def test_the_order_is_new_in_each_round_and_favours_none(timed):
    _, times = timed
    orders = [tuple(r.drop_duplicates("position")[["name", "batch"]].itertuples(index=False, name=None))
              for _, r in times.groupby("round")]  # fmt: skip
    assert len(set(orders)) > 4 and all(len(order) == 6 for order in orders)
    assert len({order[0] for order in orders}) > 2
    machine = Machine({n: 1.0 for n in NAMES})
    many = interleaved(machine.calls((1,)), rounds=300, repeats={1: 1}, clock=machine.clock)
    assert many.groupby("name")["position"].mean().to_numpy() == pytest.approx([1.0] * 3, abs=0.15)


def test_the_same_seed_gives_the_same_order():
    calls = Machine({n: 1.0 for n in NAMES}).calls((1,))
    found = [interleaved(calls, 5, {1: 1}, seed, lambda: 0.0) for seed in (1, 1, 2)]
    assert found[0].equals(found[1]) and not found[0].equals(found[2])


def test_a_slow_spell_hits_all_networks_alike():
    """A machine that slows down fourfold half-way leaves the speed-up of two equal networks at 1."""
    machine = Machine({"a": 5.0, "b": 5.0})
    calls = {k: drifting(machine, call) for k, call in machine.calls((1,)).items()}
    times = interleaved(calls, rounds=40, repeats={1: 2}, clock=machine.clock)
    table = latency_table(labelled("a", "b"), times, 200)
    assert table["speedup"].tolist() == pytest.approx([1.0, 1.0], rel=0.6)
    assert table["low"][1] <= 1 <= table["high"][1]


def drifting(machine, call):
    def run():
        before = machine.now
        call()
        if before > 1.0:
            machine.now += 0.015

    return run


def labelled(*names):
    return pd.DataFrame({"name": names, "label": [f"label {n}" for n in names]})


def test_latency_table_is_hand_checked():
    ms = {"base": [[10, 12, 14], [10, 12, 30]], "fast": [[5, 6, 7], [5, 6, 15]]}
    rows = [(n, 4, r, 0, v) for n, rounds in ms.items() for r, calls in enumerate(rounds) for v in calls]
    times = pd.DataFrame(rows, columns=["name", "batch", "round", "position", "ms"])
    table = latency_table(labelled("base", "fast"), times, 100).set_index("variant")
    base, fast = table.loc["label base"], table.loc["label fast"]
    assert (base["n"], base["median_ms"], base["q1"], base["q3"], base["least_ms"]) == (6, 12, 10.5, 13.5, 10)
    assert (fast["ms_per_image"], fast["images_per_second"]) == (1.5, pytest.approx(4000 / 6))
    assert fast["speedup"] == fast["low"] == fast["high"] == 2  # in every round


def test_a_process_is_charged_what_it_works_and_not_what_it_waits():
    before, until = clocks(), time.process_time() + 0.2
    while time.process_time() < until:
        pass
    time.sleep(0.2)
    wall, _, own = clocks() - before
    assert own == pytest.approx(0.2, abs=0.05) and wall > own + 0.15
