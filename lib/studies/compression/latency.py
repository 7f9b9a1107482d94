"""How long networks take, measured so that none is favoured: in turn, in random order, warm, many times.

Timing one network after the other lets slow drifts (heat, other programs) fall on one of them; here every round
visits all of them in a new order.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

Key = tuple[str, int]  # name, images a call


def interleaved(
    calls: Mapping[Key, Callable[[], object]],
    rounds: int,
    repeats: Mapping[int, int],
    seed: int = 0,
    clock: Callable[[], float] = time.perf_counter,
) -> pd.DataFrame:
    """Time every call ``rounds * repeats[batch]`` times.

    First each is called three times untimed. Then each round visits all in a new random order; a visit calls once
    untimed, since another network has had the caches, and then ``repeats[batch]`` times.

    Returns:
        One row per timed call: name, batch, round, position (of the visit in its round), ms (milliseconds).
    """
    rng = np.random.default_rng(seed)
    keys = list(calls)
    for key in keys:
        for _ in range(3):
            calls[key]()
    rows = []
    for number in range(rounds):
        for position, index in enumerate(rng.permutation(len(keys))):
            name, batch = keys[index]
            call = calls[keys[index]]
            call()
            for _ in range(repeats[batch]):
                started = clock()
                call()
                rows.append((name, batch, number, position, 1000 * (clock() - started)))
    return pd.DataFrame(rows, columns=["name", "batch", "round", "position", "ms"])


@dataclass(frozen=True)
class Load:
    """What else the machine did: ``others`` is the mean number of cores that other processes kept busy (NaN where
    the system does not tell), ``average`` the load average of the last minute at the end."""

    others: float
    average: float


class LoadMeter:
    """Reads the load between its making and ``stop``."""

    def __init__(self):
        self.started, self.busy, self.own = time.perf_counter(), _busy_seconds(), _own_seconds()

    def stop(self) -> Load:
        """The load since the start."""
        elapsed = time.perf_counter() - self.started
        others = (_busy_seconds() - self.busy - (_own_seconds() - self.own)) / elapsed
        average = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        return Load(float(np.maximum(others, 0.0)), average)  # keeps NaN


def _busy_seconds() -> float:
    """CPU time of all processes since the start of the machine, as Linux counts it; NaN elsewhere."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _, _, irq, softirq = (int(x) for x in file.readline().split()[1:8])
    except (OSError, ValueError):
        return float("nan")
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
