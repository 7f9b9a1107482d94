"""Dermoscopic structures of the synthetic lesions, each a function that adds to a lesion's layers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

SIZE = 160  # canvas edge, pixels
GRID = (np.mgrid[:SIZE, :SIZE].astype(np.float32) - SIZE / 2)[::-1]  # x, y from the centre, pixels


@dataclass
class Layers:
    """What a lesion is made of, on the canvas (float32)."""

    alpha: np.ndarray  # [160, 160] 0 outside .. 1 inside
    rho: np.ndarray  # [160, 160] distance from the centre in lesion radii: 1 at the border
    pigment: np.ndarray  # [160, 160, 3] optical amounts of melanin, deep melanin, blood
    white: np.ndarray  # [160, 160] cover by white material (scar, keratin, scale), 0..1
    radius: float  # mean radius, pixels


def smooth_noise(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise, float32 [160, 160], about standard normal, ``cells`` bumps across."""
    return cv2.resize(
        rng.standard_normal((cells, cells), dtype=np.float32), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC
    )


def strokes(lines: Iterable[np.ndarray], width: int = 1) -> np.ndarray:
    """Antialiased polylines, each [n, 2] in canvas pixels, as cover 0..1, float32 [160, 160]."""
    cover = np.zeros((SIZE, SIZE), np.uint8)  # OpenCV antialiases 8-bit images only
    points = [np.round(line * 16).astype(np.int32) for line in lines]
    cv2.polylines(cover, points, False, 255, width, cv2.LINE_AA, 4)
    return cover.astype(np.float32) / 255


def dots(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Antialiased discs (centres [n, 2] and radii [n] in canvas pixels) as cover 0..1, float32 [160, 160]."""
    cover = np.zeros((SIZE, SIZE), np.uint8)
    for (x, y), radius in zip(np.round(centres * 16).astype(int), np.round(radii * 16).astype(int), strict=True):
        cv2.circle(cover, (int(x), int(y)), int(radius), 255, -1, cv2.LINE_AA, 4)
    return cover.astype(np.float32) / 255


def _places(layers: Layers, rng: np.random.Generator, count: int, spread: float = 0.55) -> np.ndarray:
    """``count`` points [n, 2] around the lesion's centre, normal with ``spread`` lesion radii."""
    return SIZE / 2 + rng.normal(0, spread * layers.radius, (count, 2))


def _network(layers: Layers, rng: np.random.Generator) -> None:
    """Pigment network: a honeycomb of brown lines, more irregular where the lesion is."""
    wobble = rng.uniform(0.8, 2.0)
    x = GRID[0] + wobble * smooth_noise(rng, 26)
    y = GRID[1] + wobble * smooth_noise(rng, 26)
    pitch, tilt = rng.uniform(4.2, 6.2), rng.uniform(0, np.pi)
    waves = sum(
        np.cos(4 * np.pi / np.sqrt(3) / pitch * (x * np.cos(a) + y * np.sin(a)))
        for a in tilt + np.arange(3) * np.pi / 3
    )
    lines = np.clip(0.6 - waves, 0, 2.1) / 1.5
    strength = rng.uniform(0.2, 0.65) * np.clip(0.6 + 0.7 * smooth_noise(rng, 6), 0, 2)
    layers.pigment[..., 0] *= 1 + strength * (lines - 0.4)


def _globules(layers: Layers, rng: np.random.Generator) -> None:
    """Brown-black dots and globules."""
    count = int(rng.integers(10, 45))
    cover = dots(_places(layers, rng, count), rng.uniform(0.5, 1.9, count))
    layers.pigment[..., 0] += rng.uniform(0.4, 1.2) * cv2.GaussianBlur(cover, (0, 0), 0.5)


def _streaks(layers: Layers, rng: np.random.Generator) -> None:
    """Radial streaks across the border, over a part of the circumference."""
    start, count = rng.uniform(0, 2 * np.pi), int(rng.integers(10, 30))
    angles = start + rng.uniform(0, rng.uniform(1.5, 6.0), count)
    inner = rng.uniform(0.5, 0.85, count) * layers.radius
    outer = inner + rng.uniform(0.15, 0.45, count) * layers.radius
    ends = np.stack([np.cos(angles), np.sin(angles)], 1)
    lines = SIZE / 2 + np.stack([ends * inner[:, None], ends * outer[:, None]], 1)
    cover = cv2.GaussianBlur(strokes(lines), (0, 0), 0.6)
    layers.pigment[..., 0] += rng.uniform(0.7, 1.5) * cover
    layers.alpha[:] = np.maximum(layers.alpha, 0.8 * cover)


def _veil(layers: Layers, rng: np.random.Generator) -> None:
    """Blue-white veil: a confluent blue-grey area with a whitish film."""
    area = np.clip(smooth_noise(rng, 5) - rng.uniform(-0.2, 0.6), 0, 1) * np.clip(1.3 - layers.rho, 0, 1)
    layers.pigment[..., 1] += rng.uniform(0.6, 1.4) * area
    layers.white += 0.15 * area


def _regression(layers: Layers, rng: np.random.Generator) -> None:
    """Regression: scar-like white areas with grey-blue peppering."""
    area = np.clip(1.5 * smooth_noise(rng, 5) - 0.6, 0, 1) * np.clip(1.1 - layers.rho, 0, 1)
    layers.pigment *= (1 - 0.8 * area)[..., None]
    layers.white += 0.35 * area
    layers.pigment[..., 1] += 0.5 * area * (smooth_noise(rng, 70) > 1.0)


def _cysts(layers: Layers, rng: np.random.Generator) -> None:
    """Milia-like cysts: bright white-yellow dots."""
    count = int(rng.integers(5, 28))
    cover = dots(_places(layers, rng, count, 0.5), rng.uniform(0.8, 2.4, count))
    layers.white += rng.uniform(0.4, 0.8) * cv2.GaussianBlur(cover, (0, 0), 0.8) * (layers.rho < 1)


def _openings(layers: Layers, rng: np.random.Generator) -> None:
    """Comedo-like openings: dark brown plugs."""
    count = int(rng.integers(4, 20))
    cover = dots(_places(layers, rng, count, 0.5), rng.uniform(0.8, 2.2, count))
    layers.pigment[..., 0] += rng.uniform(0.5, 1.2) * cv2.GaussianBlur(cover, (0, 0), 0.8)


def _ridges(layers: Layers, rng: np.random.Generator) -> None:
    """Cerebriform pattern: fissures and ridges."""
    fissures = np.exp(-8 * np.abs(smooth_noise(rng, int(rng.integers(12, 20)))))
    layers.pigment[..., 0] *= 0.7 + rng.uniform(0.5, 1.3) * fissures
    layers.white += 0.12 * (1 - fissures) * layers.alpha


def _vessels(layers: Layers, rng: np.random.Generator) -> None:
    """Arborizing vessels: bent red stems that branch and thin out."""
    stems, twigs = [], []
    for _ in range(int(rng.integers(2, 7))):
        start = SIZE / 2 + rng.normal(0, 0.8 * layers.radius, 2)
        stem = _wander(start, rng.uniform(0, 2 * np.pi), 9, 0.45, layers.radius / 7, rng)
        stems.append(stem)
        twigs += [
            _wander(stem[i], rng.uniform(0, 2 * np.pi), 6, 0.5, layers.radius / 9, rng) for i in rng.integers(1, 9, 4)
        ]
    cover = np.maximum(0.7 * strokes(twigs), cv2.GaussianBlur(strokes(stems, 2), (0, 0), 0.6))
    layers.pigment[..., 2] += rng.uniform(0.7, 1.5) * cover
    layers.alpha[:] = np.maximum(layers.alpha, 0.7 * cover)


def _wander(
    start: np.ndarray, heading: float, steps: int, turn: float, stride: float, rng: np.random.Generator
) -> np.ndarray:
    """A path [steps + 1, 2] whose heading drifts."""
    headings = heading + np.cumsum(rng.normal(0, turn, steps))
    moves = stride * np.stack([np.cos(headings), np.sin(headings)], 1)
    return np.vstack([start, start + np.cumsum(moves, 0)])


def _nests(layers: Layers, rng: np.random.Generator) -> None:
    """Blue-grey ovoid nests and leaf-like areas of basal cell carcinoma."""
    count = int(rng.integers(3, 14))
    cover = dots(_places(layers, rng, count), rng.uniform(1.0, 4.5, count))
    layers.pigment[..., 1] += rng.uniform(0.4, 1.1) * cv2.GaussianBlur(cover, (0, 0), 1.6)
    layers.pigment[..., 0] += 0.3 * cover


def _ulcer(layers: Layers, rng: np.random.Generator) -> None:
    """Erosion: an orange-red crust."""
    centre = _places(layers, rng, 3, 0.35)
    cover = cv2.GaussianBlur(dots(centre, rng.uniform(0.1, 0.28, 3) * layers.radius), (0, 0), 1.5)
    layers.pigment[..., 2] += rng.uniform(0.6, 1.2) * cover
    layers.pigment[..., 0] += 0.45 * cover


def _scar(layers: Layers, rng: np.random.Generator) -> None:
    """Central white scar-like patch of dermatofibroma."""
    patch = np.exp(-((layers.rho * rng.uniform(1.5, 2.8) + 0.15 * smooth_noise(rng, 10)) ** 2))
    layers.pigment *= (1 - 0.85 * patch)[..., None]
    layers.white += rng.uniform(0.25, 0.6) * patch


def _scale(layers: Layers, rng: np.random.Generator) -> None:
    """Surface scale: white-yellow flakes."""
    flakes = np.clip(smooth_noise(rng, 30) + smooth_noise(rng, 6) - 1.1, 0, 1)
    layers.white += rng.uniform(0.4, 0.9) * flakes * np.clip(1.4 - layers.rho, 0, 1)


def _follicles(layers: Layers, rng: np.random.Generator) -> None:
    """Strawberry pattern: white follicle openings on redness."""
    count = int(rng.integers(25, 70))
    centres = SIZE / 2 + rng.uniform(-1.1, 1.1, (count, 2)) * layers.radius
    inner, outer = dots(centres, np.full(count, 0.9)), dots(centres, rng.uniform(1.6, 2.6, count))
    inner = cv2.GaussianBlur(inner, (0, 0), 0.6)
    layers.pigment[..., 2] += 0.35 * np.clip(outer - inner, 0, 1)
    layers.white += 0.35 * inner * (layers.rho < 1.1)


def _lacunae(layers: Layers, rng: np.random.Generator) -> None:
    """Red to purple-black lagoons of vascular lesions."""
    count = int(rng.integers(6, 26))
    cover = dots(_places(layers, rng, count, 0.45), rng.uniform(0.10, 0.30, count) * layers.radius)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.8)
    layers.pigment[..., 2] += rng.uniform(0.5, 1.2) * cover
    layers.pigment[..., 1] += rng.choice([0.1, 0.5, 1.4], p=[0.5, 0.35, 0.15]) * cover
    layers.alpha[:] = np.maximum(layers.alpha, 0.9 * cover)


STRUCTURES: dict[str, Callable[[Layers, np.random.Generator], None]] = {
    "network": _network,
    "globules": _globules,
    "streaks": _streaks,
    "veil": _veil,
    "regression": _regression,
    "cysts": _cysts,
    "openings": _openings,
    "ridges": _ridges,
    "vessels": _vessels,
    "nests": _nests,
    "ulcer": _ulcer,
    "scar": _scar,
    "scale": _scale,
    "follicles": _follicles,
    "lacunae": _lacunae,
}
