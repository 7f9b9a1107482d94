"""Paints a synthetic lesion and photographs it.

Colour follows from absorption, as in skin: each pixel has amounts of superficial melanin (brown), deep melanin
(blue-grey) and blood (red), and light that returns is ``exp(-amounts @ ABSORPTION)``; scars, keratin and scale lie
white on top. The classes differ in the ABCD features (asymmetry, border, colours, dermoscopic structures; Stolz et al.
1994), with wide overlap; the sites differ in their cameras.
"""

import cv2
import numpy as np

SIDE = 160  # pixels of the canvas that photographs are taken from
Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32) - SIDE / 2
ABSORPTION = np.array([[0.42, 0.92, 1.45], [1.10, 0.95, 0.62], [0.14, 1.05, 0.78]])  # of R, G, B
WHITE = np.array([0.95, 0.88, 0.82])

BURST = 0.15  # of the further photographs of a lesion are taken at the same moment as the one before: near-duplicates
# A lesion looks like another class with this probability: what dermatologists confuse, histology separates.
MIMICRY = 0.10
MIMICS = {"akiec": "bkl", "bcc": "akiec", "bkl": "mel", "df": "nv", "mel": "nv", "nv": "mel", "vasc": "bcc"}
TYPICAL = (5.0, 1.5)  # Beta distribution of how much of its class a lesion shows; the rest is of a common mole
# fmt: off
# Mean traits of a class: radius (pixels); asymmetry and irregularity of the border (shares of the radius); softness of
# the border (pixels); melanin, deep melanin, blood (optical amounts); variegation (contrast of the pigment inside).
TRAITS = {
    "akiec": (30, 0.22, 0.16, 7.0, 0.28, 0.05, 0.60, 0.50),
    "bcc":   (28, 0.18, 0.12, 4.5, 0.20, 0.10, 0.40, 0.50),
    "bkl":   (32, 0.20, 0.14, 2.5, 0.52, 0.12, 0.13, 0.50),
    "df":    (26, 0.08, 0.06, 8.0, 0.38, 0.06, 0.22, 0.30),
    "mel":   (34, 0.30, 0.22, 3.5, 1.10, 0.45, 0.15, 0.90),
    "nv":    (25, 0.10, 0.07, 4.5, 0.66, 0.05, 0.10, 0.35),
    "vasc":  (22, 0.14, 0.10, 2.5, 0.10, 0.22, 1.05, 0.50),
}
SPREAD = (0.28, 0.50, 0.50, 0.40, 0.32, 0.32, 0.32, 0.35)  # standard deviation of their logarithms
# Structures: where they lie (see _pattern), what they add of melanin, deep melanin, blood and white.
STRUCTURES = {
    "network":    ("net",    (0.45, 0.00, 0.00, 0.00)),
    "globules":   ("dots",   (0.80, 0.00, 0.00, 0.00)),
    "veil":       ("patch",  (0.00, 1.00, 0.00, 0.15)),
    "regression": ("patch",  (-0.5, 0.40, 0.00, 0.35)),
    "cysts":      ("dots",   (0.00, 0.00, 0.00, 0.60)),
    "nests":      ("dots",   (0.30, 0.80, 0.00, 0.00)),
    "vessels":    ("lines",  (0.00, 0.00, 1.10, 0.00)),
    "scale":      ("patch",  (0.00, 0.00, 0.00, 0.55)),
    "scar":       ("centre", (-0.4, 0.00, 0.00, 0.45)),
    "lacunae":    ("dots",   (0.00, 0.40, 0.90, 0.00)),
}
CHANCES = {
    "akiec": {"scale": 0.7, "network": 0.1},
    "bcc":   {"vessels": 0.75, "nests": 0.6, "scale": 0.1},
    "bkl":   {"cysts": 0.6, "globules": 0.5, "network": 0.15},
    "df":    {"scar": 0.85, "network": 0.6, "vessels": 0.1},
    "mel":   {"veil": 0.5, "network": 0.45, "globules": 0.45, "regression": 0.35},
    "nv":    {"network": 0.6, "globules": 0.35},
    "vasc":  {"lacunae": 0.9, "veil": 0.1},
}
# A site's camera: gains of R, G, B, gamma, photograph pixels per canvas pixel (at a width of 128), blur (pixels),
# noise (grey levels of 255), loss of light towards the corners.
CAMERAS = {
    "rosendahl":     ((1.02, 0.97, 1.00), 0.92, 1.00, 0.45, 2.5, 0.22),
    "vidir_modern":  ((1.00, 0.98, 1.03), 0.85, 1.10, 0.40, 1.5, 0.10),
    "vidir_molemax": ((1.06, 0.86, 0.84), 1.05, 0.95, 0.75, 2.0, 0.05),
    "vienna_dias":   ((1.04, 0.98, 0.84), 1.20, 0.90, 0.60, 4.5, 0.35),
}
# fmt: on
# How photographs of one lesion differ: angle (radians), log zoom, shift (pixels), log gain of R, G, B.
VIEW = np.array([0.17, 0.11, 4.0, 4.0, 0.05, 0.05, 0.05])


def photographs(dx: str, site: str, n: int, size: tuple[int, int], rng: np.random.Generator) -> list:
    """``n`` photographs of one lesion: (RGB uint8 [height, width, 3], mask uint8 [height, width] of 0 and 255).

    Shape, structures, skin and hairs of the lesion stay; framing and light change, little within a burst.
    """
    rgb, inside = paint(MIMICS[dx] if rng.random() < MIMICRY else dx, rng)
    taken, view = [], rng.normal(0, VIEW)
    for number in range(n):
        if number:
            view = view + rng.normal(0, VIEW / 15) if rng.random() < BURST else rng.normal(0, VIEW)
        taken.append(_photograph(rgb, inside, site, view, size, rng))
    return taken


def paint(look: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A lesion that looks like a class: RGB float32 [160, 160, 3] in 0..1, and uint8 [160, 160], 255 inside it."""
    typical = rng.beta(*TYPICAL)
    means = typical * np.array(TRAITS[look]) + (1 - typical) * np.array(TRAITS["nv"])
    radius, asymmetry, irregularity, softness, *pigments, variegation = means * np.exp(rng.normal(0, SPREAD))
    radius = min(max(radius, 9.0), 52.0)
    angle, stretch = rng.uniform(0, np.pi), np.exp(0.1 * rng.normal() + 0.5 * asymmetry)
    x = X * np.cos(angle) + Y * np.sin(angle) + 0.6 * radius * asymmetry * smooth_noise(rng, 4)
    y = Y * np.cos(angle) - X * np.sin(angle) + 0.6 * radius * asymmetry * smooth_noise(rng, 4)
    rho = np.hypot(x / np.sqrt(stretch), y * np.sqrt(stretch)) / radius  # 1 at the border
    notches = 14 * irregularity * (smooth_noise(rng, 14) + smooth_noise(rng, 34))
    alpha = 1 / (1 + np.exp(-np.clip(2.5 * ((1 - rho) * radius + notches) / softness, -30, 30)))
    off_centre = np.clip(1 + 1.2 * asymmetry * x / radius, 0.15, 2.5)
    amounts = np.stack([a * np.exp(variegation * smooth_noise(rng, 7)) * off_centre for a in pigments], -1)
    white = np.zeros((SIDE, SIDE))
    for name, (where, (*adds, pale)) in STRUCTURES.items():
        chance = typical * CHANCES[look].get(name, 0) + (1 - typical) * CHANCES["nv"].get(name, 0)
        if rng.random() < chance:
            cover = rng.uniform(0.5, 1.5) * _pattern(where, rho, radius, rng)
            amounts += cover[..., None] * adds
            white += pale * cover
    skin = np.exp(rng.normal((-1.9, -9.0, -1.8), (0.5, 0.0, 0.45))) * np.exp(0.2 * smooth_noise(rng, 20))[..., None]
    rgb = 0.95 * np.exp(-(skin + np.clip(amounts, 0, None) * alpha[..., None]) @ ABSORPTION)
    rgb += np.clip(white * alpha, 0, 0.85)[..., None] * (WHITE - rgb)
    for _ in range(rng.choice([0, 3, 12], p=[0.5, 0.3, 0.2])):  # hairs
        start, turn, length = rng.uniform(0, SIDE, 2), rng.uniform(0, np.pi), rng.uniform(15, 110)
        end = start + length * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(rgb, start.astype(int).tolist(), end.astype(int).tolist(), (0.25, 0.18, 0.14), 1)
    return rgb.astype(np.float32), np.where(alpha > 0.5, 255, 0).astype(np.uint8)


def smooth_noise(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise, float32 [160, 160], about standard normal, ``cells`` bumps across."""
    return cv2.resize(rng.standard_normal((cells, cells), np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def _pattern(where: str, rho: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Cover 0..1, [160, 160], of a structure: net, patch, centre, or dots or lines scattered over the lesion."""
    if where == "net":
        pitch = rng.uniform(4.2, 6.2)
        return np.clip(np.cos(2 * np.pi * X / pitch) + np.cos(2 * np.pi * Y / pitch) + smooth_noise(rng, 6), 0, 1)
    if where == "patch":
        return np.clip(1.5 * smooth_noise(rng, 5) - 0.4, 0, 1) * (rho < 1.2)
    if where == "centre":
        return np.exp(-((2 * rho) ** 2))
    cover = np.zeros((SIDE, SIDE), np.float32)
    for x, y in SIDE / 2 + rng.normal(0, 0.5 * radius, (rng.integers(8, 30), 2)):
        if where == "dots":
            cv2.circle(cover, (int(x), int(y)), int(rng.uniform(1, 4)), 1.0, -1)
        else:
            end = (int(x + rng.normal(0, radius / 2)), int(y + rng.normal(0, radius / 2)))
            cv2.line(cover, (int(x), int(y)), end, 1.0, 1)
    return cv2.GaussianBlur(cover, (0, 0), 0.8)


def _photograph(rgb, inside, site: str, view: np.ndarray, size: tuple[int, int], rng: np.random.Generator):
    gains, gamma, zoom, blur, noise, shading = CAMERAS[site]
    scale = size[0] / 128
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), np.rad2deg(view[0]), scale * zoom * np.exp(view[1]))
    matrix[:, 2] += np.array(size) / 2 - SIDE / 2 + scale * view[2:4]
    rgb = cv2.warpAffine(rgb, matrix, size, borderMode=cv2.BORDER_REFLECT_101)
    mask = cv2.warpAffine(inside, matrix, size, flags=cv2.INTER_NEAREST)
    y, x = np.mgrid[-0.75 : 0.75 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    light = np.array(gains) * np.exp(view[4:]) * (1 - shading * (x**2 + y**2))[..., None]
    rgb = cv2.GaussianBlur(np.clip(rgb * light, 0, 1) ** gamma, (0, 0), blur * scale)
    return np.clip(255 * rgb + rng.normal(0, noise, rgb.shape), 0, 255).astype(np.uint8), mask
