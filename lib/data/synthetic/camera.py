"""Photographs of a painted lesion: framing, light, lens and the marks of each acquisition site."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from lib.data.synthetic.lesion import Canvas
from lib.data.synthetic.structures import SIZE


@dataclass(frozen=True)
class Site:
    """What a site's camera does to every photograph; the class mix of a site is in ``synthetic_cohort``."""

    cast: tuple[float, float, float]  # gain of R, G, B
    gamma: float
    zoom: float  # photograph pixels per canvas pixel at a width of 128
    blur: float  # sigma, pixels at a width of 128
    noise: float  # standard deviation, grey levels of 255
    frame: float  # chance of a black circular frame
    shading: float  # loss of light towards the corners
    bubbles: float  # chance of immersion-oil bubbles
    ruler: float  # chance of millimetre ticks


SITES = {
    "rosendahl": Site((1.02, 0.97, 1.00), 0.92, 1.00, 0.45, 2.5, 0.20, 0.22, 0.20, 0.30),
    "vidir_modern": Site((1.00, 0.98, 1.03), 0.85, 1.10, 0.40, 1.5, 0.10, 0.10, 0.05, 0.35),
    "vidir_molemax": Site((1.06, 0.86, 0.84), 1.05, 0.95, 0.75, 2.0, 0.02, 0.05, 0.05, 0.02),
    "vienna_dias": Site((1.04, 0.98, 0.84), 1.20, 0.90, 0.60, 4.5, 0.35, 0.35, 0.30, 0.00),
}


@dataclass(frozen=True)
class View:
    """How one photograph is taken."""

    angle: float  # radians
    zoom: float
    shift: np.ndarray  # [2], x and y, pixels at a width of 128
    gain: np.ndarray  # [3], exposure and white balance
    slope: np.ndarray  # [2], gradient of the flash
    marks: int  # seed of bubbles, ruler and frame


def draw_view(rng: np.random.Generator) -> View:
    """A new photograph: mostly a small turn, sometimes the camera held another way, other light."""
    quarters = rng.choice(4, p=[0.91, 0.03, 0.03, 0.03])
    return View(
        angle=np.deg2rad(rng.normal(0, 10) + 90 * quarters),
        zoom=np.exp(rng.normal(0, 0.11)),
        shift=rng.normal(0, 4, 2),
        gain=np.exp(rng.normal(0, 0.05) + rng.normal(0, 0.02, 3)),
        slope=rng.normal(0, 0.06, 2),
        marks=int(rng.integers(2**31)),
    )


def shake(view: View, rng: np.random.Generator) -> View:
    """The next photograph of the same moment: all but the same picture."""
    return replace(
        view,
        angle=view.angle + np.deg2rad(rng.normal(0, 0.7)),
        zoom=view.zoom * np.exp(rng.normal(0, 0.01)),
        shift=view.shift + rng.normal(0, 0.7, 2),
        gain=view.gain * np.exp(rng.normal(0, 0.01)),
    )


def photograph(
    canvas: Canvas, site: str, view: View, size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """One photograph of ``canvas``: RGB uint8 [height, width, 3] and lesion mask uint8 [height, width] (0 or 255).

    ``size`` is (width, height) in pixels. Photographs of one lesion differ in their ``view``; its shape, structures,
    skin and hairs stay.
    """
    camera, (width, height) = SITES[site], size
    scale, marks = width / 128, np.random.default_rng(view.marks)
    matrix = _framing(camera, view, size)
    rgb = cv2.warpAffine(canvas.rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    mask = cv2.warpAffine(canvas.inside * 255, matrix, size, flags=cv2.INTER_NEAREST)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-0.75, 0.75, height, dtype=np.float32))
    rgb = _light(rgb, camera, view, x, y)
    if marks.random() < camera.bubbles:
        _bubbles(rgb, scale, marks)
    rgb = cv2.GaussianBlur(rgb, (0, 0), camera.blur * scale * marks.uniform(0.8, 1.4))
    if marks.random() < camera.ruler:
        _ruler(rgb, scale, marks)
    if marks.random() < camera.frame:
        radius = marks.uniform(0.80, 1.02)
        rim = (np.hypot(x - marks.normal(0, 0.03), y) - radius) * 60
        rgb *= 1 / (1 + np.exp(np.clip(rim, -30, 30)))[..., None]
    noise = rng.standard_normal(rgb.shape, dtype=np.float32) * camera.noise
    return np.clip(rgb * 255 + noise, 0, 255).astype(np.uint8), mask


def _framing(camera: Site, view: View, size: tuple[int, int]) -> np.ndarray:
    """Affine map [2, 3] from canvas to photograph, both in pixels."""
    scale = size[0] / 128
    cos, sin = np.cos(view.angle), np.sin(view.angle)
    turn = scale * camera.zoom * view.zoom * np.array([[cos, -sin], [sin, cos]])
    centre = np.array(size) / 2 + view.shift * scale
    return np.column_stack([turn, centre - turn @ np.full(2, SIZE / 2)])


def _light(rgb: np.ndarray, camera: Site, view: View, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Colour cast, exposure, a gradient of the flash and darker corners, then the camera's gamma."""
    shade = 1 + view.slope[0] * x + view.slope[1] * y - camera.shading * (x**2 + y**2)
    lit = rgb * (camera.cast * view.gain).astype(np.float32) * shade[..., None].astype(np.float32)
    return np.clip(lit, 0, 1) ** np.float32(camera.gamma)


def _bubbles(rgb: np.ndarray, scale: float, rng: np.random.Generator) -> None:
    """Bubbles of the immersion fluid: thin bright rims with a glint."""
    cover = np.zeros(rgb.shape[:2], np.uint8)
    height, width = cover.shape
    for _ in range(int(rng.integers(1, 7))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        radius = int(rng.uniform(2, 9) * scale)
        cv2.circle(cover, centre, radius, int(rng.uniform(60, 150)), 1, cv2.LINE_AA)
        cv2.circle(cover, (centre[0] - radius // 2, centre[1] - radius // 2), 1, 230, -1, cv2.LINE_AA)
    rgb += (cover.astype(np.float32) / 255)[..., None] * (1 - rgb)


def _ruler(rgb: np.ndarray, scale: float, rng: np.random.Generator) -> None:
    """Millimetre ticks of the contact plate, slanted across one upper or lower corner."""
    height, width = rgb.shape[:2]
    step, length = rng.uniform(6, 9) * scale, rng.uniform(4, 7) * scale
    count = int(rng.integers(4, 9))
    corner = np.array([width - 1.0, 0.0]) if rng.random() < 0.7 else np.array([width - 1.0, height - 1.0])
    inward = np.array([-1.0, 1.0 if corner[1] == 0 else -1.0]) / np.sqrt(2)
    along = np.array([inward[1], -inward[0]])
    middle = corner + inward * rng.uniform(8, 14) * scale
    starts = middle + (np.arange(count) - count / 2)[:, None] * step * along
    lines = np.stack([starts, starts + inward * length], 1)
    cover = np.zeros((height, width), np.uint8)
    cv2.polylines(cover, list(np.round(lines * 16).astype(np.int32)), False, 220, 1, cv2.LINE_AA, 4)
    rgb *= 1 - (cover.astype(np.float32) / 255)[..., None]
