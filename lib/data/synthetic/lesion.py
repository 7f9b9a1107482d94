"""Paints one synthetic lesion on skin: a canvas from which its photographs are taken.

Colour follows from absorption, as in skin: each pixel has amounts of superficial melanin (brown), deep melanin
(blue-grey) and blood (red), and light that returns is ``tone * exp(-amounts @ ABSORPTION)``; keratin, scars and
scale are laid on top. The classes differ in the ABCD features (asymmetry, border, colours, dermoscopic structures;
Stolz et al. 1994, Argenziano et al. 2003), with wide overlap.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lib.data.synthetic.structures import GRID, SIZE, STRUCTURES, Layers, dots, smooth_noise, strokes

ABSORPTION = np.array(
    [[0.42, 0.92, 1.45], [1.10, 0.95, 0.62], [0.14, 1.05, 0.78]],  # melanin, deep melanin, blood: R, G, B
    dtype=np.float32,
)


# fmt: off
# Mean traits of a class. Radius and softness (width of the border) in pixels; asymmetry: low-order deviation from an
# ellipse and off-centre pigment; irregularity: notches; melanin, deep (melanin) and blood: optical amounts;
# variegation: contrast of the pigment within the lesion.
TRAITS =    ("radius", "asymmetry", "irregularity", "softness", "melanin", "deep", "blood", "variegation")
MEANS = {
    "akiec": (30,       0.22,        0.16,           7.0,        0.28,      0.05,   0.60,    0.50),
    "bcc":   (28,       0.18,        0.12,           4.5,        0.20,      0.10,   0.40,    0.50),
    "bkl":   (32,       0.20,        0.14,           2.5,        0.52,      0.12,   0.13,    0.50),
    "df":    (26,       0.08,        0.06,           8.0,        0.38,      0.06,   0.22,    0.30),
    "mel":   (34,       0.30,        0.22,           3.5,        1.10,      0.45,   0.15,    0.90),
    "nv":    (25,       0.10,        0.07,           4.5,        0.66,      0.05,   0.10,    0.35),
    "vasc":  (22,       0.14,        0.10,           2.5,        0.10,      0.22,   1.05,    0.50),
}
SPREAD =    (0.28,      0.50,        0.50,           0.40,       0.32,      0.32,   0.32,    0.35)  # sd of log
# fmt: on
CHANCES = {
    "akiec": {"scale": 0.7, "follicles": 0.5, "network": 0.1},
    "bcc": {"vessels": 0.75, "nests": 0.6, "ulcer": 0.4, "scale": 0.1},
    "bkl": {"cysts": 0.6, "openings": 0.5, "ridges": 0.45, "network": 0.15},
    "df": {"scar": 0.85, "network": 0.6, "vessels": 0.1},
    "mel": {"veil": 0.5, "network": 0.45, "streaks": 0.45, "globules": 0.45, "regression": 0.35, "vessels": 0.1},
    "nv": {"network": 0.6, "globules": 0.35, "streaks": 0.05, "cysts": 0.03},
    "vasc": {"lacunae": 0.9, "veil": 0.1},
}


@dataclass
class Canvas:
    """A painted lesion: ``rgb`` float32 [160, 160, 3] in 0..1, ``inside`` uint8 [160, 160] 0/1."""

    rgb: np.ndarray
    inside: np.ndarray


def paint(dx: str, rng: np.random.Generator) -> Canvas:
    """Paint one lesion that looks like class ``dx`` (a key of ``MEANS``)."""
    traits, structures = _draw_traits(dx, rng)
    layers = _shape(traits, rng)
    _pigment(layers, traits, rng)
    for name in structures:
        STRUCTURES[name](layers, rng)
    rgb = _skin(rng) * np.exp(-(layers.pigment * layers.alpha[..., None]) @ ABSORPTION)
    white = np.clip(layers.white, 0, 0.85)[..., None]
    rgb += white * (np.array([0.95, 0.88, 0.82], np.float32) - rgb)
    _hair(rgb, rng)
    return Canvas(rgb, (layers.alpha > 0.5).astype(np.uint8))


def _draw_traits(dx: str, rng: np.random.Generator) -> tuple[dict[str, float], list[str]]:
    """Traits of one lesion: the class mean, pulled towards a common mole by a varying degree, times noise."""
    typical = rng.beta(5.0, 1.5)
    means = typical * np.array(MEANS[dx]) + (1 - typical) * np.array(MEANS["nv"])
    traits = dict(zip(TRAITS, (means * np.exp(rng.normal(0, SPREAD))).tolist(), strict=True))
    traits["radius"] = min(max(traits["radius"], 9.0), 52.0)
    chances = {
        name: typical * CHANCES[dx].get(name, 0) + (1 - typical) * CHANCES["nv"].get(name, 0) for name in STRUCTURES
    }
    return traits, [name for name, chance in chances.items() if rng.random() < chance]


def _shape(traits: dict[str, float], rng: np.random.Generator) -> Layers:
    """Outline: an ellipse whose radius varies with the angle, its plane warped by smooth noise."""
    angle, stretch = rng.uniform(0, 2 * np.pi), np.exp(rng.normal(0, 0.10) + 0.5 * traits["asymmetry"])
    x, y = GRID
    x = x + traits["radius"] * traits["asymmetry"] * 0.6 * smooth_noise(rng, 4)
    y = y + traits["radius"] * traits["asymmetry"] * 0.6 * smooth_noise(rng, 4)
    u = (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(stretch)
    v = (y * np.cos(angle) - x * np.sin(angle)) * np.sqrt(stretch)
    order = np.arange(1, 16)
    amplitude = 1.8 * traits["irregularity"] * rng.standard_normal(15) / order * (order > 1)
    theta = np.linspace(0, 2 * np.pi, 361)
    outline = np.exp((amplitude[:, None] * np.cos(order[:, None] * theta + rng.uniform(0, 6.3, (15, 1)))).sum(0) * 0.8)
    steps = ((np.arctan2(v, u) + np.pi) * (360 / (2 * np.pi))).astype(np.int32)
    rho = np.hypot(u, v) / (traits["radius"] * outline.astype(np.float32)[steps])
    notches = traits["irregularity"] * (
        9 * smooth_noise(rng, 14) + 6 * smooth_noise(rng, 34) + 3 * smooth_noise(rng, 80)
    )
    depth = (1 - rho) * traits["radius"] + notches
    alpha = 1 / (1 + np.exp(-np.clip(2.5 * depth / traits["softness"], -30, 30)))
    zeros = np.zeros((SIZE, SIZE), np.float32)
    return Layers(alpha, rho, np.zeros((SIZE, SIZE, 3), np.float32), zeros, traits["radius"])


def _pigment(layers: Layers, traits: dict[str, float], rng: np.random.Generator) -> None:
    """Base amounts of the three pigments: patches, a lighter or darker centre, off-centre with asymmetry."""
    contrast = traits["variegation"]
    for channel, name in enumerate(("melanin", "deep", "blood")):
        patches = np.exp(
            contrast * smooth_noise(rng, 7) + 0.35 * contrast * smooth_noise(rng, 22) + 0.14 * smooth_noise(rng, 64)
        )
        layers.pigment[..., channel] = traits[name] * patches
    layers.pigment[..., 1] *= smooth_noise(rng, 6) > 0.3
    layers.pigment[..., 1] = cv2.GaussianBlur(layers.pigment[..., 1], (0, 0), 3)
    layers.pigment[..., 0] *= np.clip(1 + rng.normal(0, 0.35) * (1 - layers.rho), 0.2, 2)
    tilt = rng.uniform(0, 2 * np.pi)
    slope = (GRID[0] * np.cos(tilt) + GRID[1] * np.sin(tilt)) / layers.radius
    layers.pigment *= np.clip(1 + 1.2 * traits["asymmetry"] * slope, 0.15, 2.5)[..., None]


def _skin(rng: np.random.Generator) -> np.ndarray:
    """Skin without lesion: tone of the patient, mottling, furrows, freckles, fine vessels."""
    melanin = np.exp(rng.normal(-1.9, 0.5)) * (1 + 0.15 * smooth_noise(rng, 6))
    blood = np.exp(rng.normal(-1.8, 0.45)) * np.exp(
        0.22 * smooth_noise(rng, 5) + 0.14 * smooth_noise(rng, 20) + 0.12 * smooth_noise(rng, 60)
    )
    warp = 2.5 * smooth_noise(rng, 10)
    x, y = GRID
    for tilt in rng.uniform(0, np.pi, 2):
        phase = (x * np.cos(tilt) + y * np.sin(tilt) + warp) * rng.uniform(0.7, 1.1)
        melanin = melanin + rng.uniform(0.005, 0.03) * np.cos(phase)
    freckles = rng.poisson(5)
    spots = dots(rng.uniform(0, SIZE, (freckles, 2)), rng.uniform(1, 5, freckles))
    melanin = melanin + rng.uniform(0.1, 0.5) * cv2.GaussianBlur(spots, (0, 0), 2.0)
    amounts = np.clip(np.stack([melanin, np.zeros_like(melanin), blood], -1), 0, None)
    return np.array([0.97, 0.93, 0.90], np.float32) * np.exp(-amounts.astype(np.float32) @ ABSORPTION)


def _hair(rgb: np.ndarray, rng: np.random.Generator) -> None:
    """Hairs of one patient: a common direction and colour, slightly bent; most patients have few."""
    count = int(rng.choice([0, 3, 12, 40], p=[0.45, 0.3, 0.18, 0.07]))
    tilt, colour = rng.uniform(0, 2 * np.pi), np.array([0.22, 0.15, 0.12]) * rng.uniform(0.4, 2.2)
    t = np.linspace(-0.5, 0.5, 9)
    hairs = []
    for _ in range(count):
        direction = tilt + rng.normal(0, 0.5)
        along, bend = t * rng.uniform(15, 110), rng.normal(0, 14) * (t**2 - 0.08)
        turn = np.array([[np.cos(direction), np.sin(direction)], [-np.sin(direction), np.cos(direction)]])
        hairs.append(rng.uniform(0, SIZE, 2) + np.stack([along, bend], 1) @ turn)
    cover = strokes(hairs)[..., None]
    rgb += rng.uniform(0.35, 0.9) * cover * (colour.astype(np.float32) - rgb)
