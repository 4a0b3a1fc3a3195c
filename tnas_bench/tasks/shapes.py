"""Generated images: ten kinds of shapes in any place, size, tilt and colour, under noise.

Stand-ins that prove the wiring where no real images are at hand, and claim nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tnas_bench import seeds
from tnas_bench.tasks.image_files import IMAGE, Files, LabelledImages

TRAIN, TEST = 2000, 500  # images of all kinds together
SMALLEST, LARGEST = 7, 12  # radius in pixels
MOST_TILT = np.pi / 12
LEAST_CONTRAST = 48  # of a channel between shape and background, of 256 levels
NOISE = 30  # standard deviation, in levels


def _reach(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(u), np.abs(v))


def _odd(u: np.ndarray) -> np.ndarray:
    """Whether a coordinate lies in the second or fourth of five equal strips of [-1, 1]."""
    return np.floor((u + 1) * 2.5) % 2 == 1


# Which points belong to a shape; the coordinates u (to the right) and v (down) are about -1 to 1 on it.
KINDS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "disc": lambda u, v: np.hypot(u, v) < 1,
    "ring": lambda u, v: np.abs(np.hypot(u, v) - 0.8) < 0.2,
    "square": lambda u, v: _reach(u, v) < 0.9,
    "frame": lambda u, v: np.abs(_reach(u, v) - 0.75) < 0.2,
    "triangle": lambda u, v: (2 * np.abs(u) - 1 < v) & (v < 0.8),
    "cross": lambda u, v: (np.minimum(np.abs(u), np.abs(v)) < 0.3) & (_reach(u, v) < 1),
    "saltire": lambda u, v: (np.abs(np.abs(u) - np.abs(v)) < 0.4) & (_reach(u, v) < 0.9),
    "bars": lambda u, v: ~_odd(v) & (_reach(u, v) < 1),
    "pillars": lambda u, v: ~_odd(u) & (_reach(u, v) < 1),
    "checkers": lambda u, v: (_odd(u) == _odd(v)) & (_reach(u, v) < 1),
}


def shapes(files: Files, grey: bool, names: Sequence[str] | None = None, side: int = IMAGE[-1]) -> LabelledImages:
    """The generated images, coloured or ``grey``, their kinds in turn; they need no file.

    ``names``: labels in place of numbers, of so many kinds; ``side``: enlarged to so many pixels, a multiple of 32.
    """
    rng = seeds.stream("generated shapes", "grey" if grey else "coloured")
    kinds = np.arange(TRAIN + TEST) % len(names or KINDS)
    clean = _painted(_covered(kinds, rng), 1 if grey else 3, rng)
    pixels = (clean + rng.normal(0, NOISE, clean.shape)).clip(0, 255).astype(np.uint8)
    coloured = np.broadcast_to(pixels, (len(kinds), *IMAGE))
    enlarged = coloured.repeat(side // IMAGE[-1], axis=2).repeat(side // IMAGE[-1], axis=3)
    labels = np.array(names)[kinds] if names else kinds
    return LabelledImages(enlarged, labels, np.repeat(["train", "test"], [TRAIN, TEST]))


def _covered(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which pixels of an image its shape covers: bool, shape (images, 32, 32)."""
    count, (_, height, width) = len(labels), IMAGE
    radius = rng.uniform(SMALLEST, LARGEST, (count, 1, 1))
    down, right = (rng.uniform(radius, side - radius) for side in (height, width))
    y, x = np.arange(height)[:, np.newaxis] + 0.5 - down, np.arange(width) + 0.5 - right
    tilt = rng.uniform(-MOST_TILT, MOST_TILT, (count, 1, 1))
    u, v = (np.cos(tilt) * x - np.sin(tilt) * y) / radius, (np.sin(tilt) * x + np.cos(tilt) * y) / radius
    covered = np.empty(u.shape, bool)
    for label, covers in enumerate(KINDS.values()):
        covered[labels == label] = covers(u[labels == label], v[labels == label])
    return covered


def _painted(covered: np.ndarray, channels: int, rng: np.random.Generator) -> np.ndarray:
    """Shape and background in random colours that differ in every channel: shape (images, channels, 32, 32)."""
    background = rng.integers(256, size=(len(covered), channels, 1, 1))
    step = rng.integers(LEAST_CONTRAST, 257 - LEAST_CONTRAST, size=background.shape)
    return np.where(covered[:, np.newaxis], (background + step) % 256, background)
