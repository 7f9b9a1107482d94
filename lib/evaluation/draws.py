"""The random numbers behind all intervals: how often each lesion is drawn, and by how much a mean errs.

They depend on a seed and on the name of what is drawn alone, so that no bookkeeping is needed to pair two of them.
"""

import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.core.errors import StudyError

REPEATS = 10_000
BLOCK = 2_500  # draws that are worked on at once: a row of them stays in the processor's cache


@dataclass(frozen=True)
class Plan:
    """Which draws: their number and their seed. Estimates of one plan can be subtracted draw by draw."""

    repeats: int = REPEATS
    seed: int = 0

    def spread(self, level: str, members: Sequence[int], variance: float) -> np.ndarray:
        """Factors [S, R] that turn the values of S ``members`` into draws of their mean's error.

        ``values @ factors`` has Student's t with S - 1 degrees of freedom and scale sd(values) * sqrt(variance). A
        member has the same normal numbers everywhere: in a difference, what two recipes share cancels.
        """
        normal = np.stack([_stream(self.seed, level, m).standard_normal(self.repeats) for m in members])
        free = len(members) - 1
        scale = np.sqrt(_stream(self.seed, level, "scale", free).chisquare(free, self.repeats) / free)
        return (normal - normal.mean(axis=0)) / scale * np.sqrt(variance / free)


DEFAULT = Plan()


@dataclass(frozen=True, eq=False)
class Resamples:
    """How often each of L lesions is in each draw of ``plan``; ``codes`` [N]: the lesion of each image."""

    plan: Plan
    names: tuple[str, ...]
    codes: np.ndarray

    @classmethod
    def of(cls, groups, n: int, plan: Plan = DEFAULT) -> "Resamples":
        """Of N images by their lesions ``groups`` [N]; None: every image for itself.

        Raises:
            StudyError: not one group for each image.
        """
        groups = np.arange(n) if groups is None else np.asarray(groups)
        if len(groups) != n:
            raise StudyError(f"{len(groups)} groups for {n} images: give every image one group.")
        codes, names = pd.factorize(groups)
        return cls(plan, tuple(map(str, names)), codes)

    def blocks(self) -> Iterator[np.ndarray]:
        """Counts float32 [L, B] of consecutive draws, B <= ``BLOCK``: whole, so that sums are exact on any machine."""
        for start in range(0, self.plan.repeats, BLOCK):
            rows = np.stack([_weights(self.plan.seed, start, name) for name in self.names])
            yield rows[:, : self.plan.repeats - start]


@functools.lru_cache(maxsize=2**15)  # 10 kB each: at most 330 MB
def _weights(seed: int, start: int, name: str) -> np.ndarray:
    return _stream(seed, "lesion", start, name).poisson(1, BLOCK).astype(np.float32)


def _stream(*key: object) -> np.random.Generator:
    """Random numbers that depend on ``key`` alone."""
    digest = hashlib.blake2b("/".join(map(str, key)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
