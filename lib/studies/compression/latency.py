"""How long networks take, measured so that none is favoured: in turn, in random order, warm, many times.

Timing one network after the other lets slow drifts (heat, other programs) fall on one of them; here every round
visits all of them in a new order.
"""

import os
import time
from collections.abc import Callable, Mapping

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
    for call in 3 * list(calls.values()):
        call()
    rows = []
    for number in range(rounds):
        for position, index in enumerate(rng.permutation(len(keys))):
            (name, batch), call = keys[index], calls[keys[index]]
            call()
            for _ in range(repeats[batch]):
                started = clock()
                call()
                rows.append((name, batch, number, position, 1000 * (clock() - started)))
    return pd.DataFrame(rows, columns=["name", "batch", "round", "position", "ms"])


def clocks() -> np.ndarray:
    """Seconds so far, float64 [3]: of the wall, of all processes' work on the machine as Linux counts it (NaN
    elsewhere), and of this process's with its children."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
        busy = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        busy = float("nan")
    return np.array([time.perf_counter(), busy, sum(os.times()[:4])])
