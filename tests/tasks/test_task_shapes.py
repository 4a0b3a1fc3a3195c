import hashlib
import subprocess
import sys

import numpy as np
import pytest

from tnas_bench.tasks.shapes import KINDS, shapes

IN_ANOTHER_PROCESS = """
import hashlib
from tnas_bench.tasks.shapes import shapes
print(hashlib.sha256(shapes({}, grey=True).pixels.tobytes()).hexdigest())
"""
AREAS = {  # of the square from -1 to 1 on both axes, on paper
    "disc": np.pi / 4,
    "ring": np.pi / 4 * (1 - 0.6**2),
    "square": 0.9**2,
    "frame": 0.95**2 - 0.55**2,
    "triangle": 1.8**2 / 2 / 4,
    "cross": 0.3 + 0.3 - 0.3**2,
    "saltire": 0.9**2 - 0.5**2,
    "bars": 3 / 5,
    "pillars": 3 / 5,
    "checkers": 13 / 25,
}


@pytest.fixture(scope="module", params=[True, False], ids=["grey", "coloured"])
def made(request):
    return request.param, shapes({}, grey=request.param)


@pytest.mark.parametrize("kind", KINDS)
def test_areas(kind):
    middles = (np.arange(1000) + 0.5) / 500 - 1
    u, v = np.meshgrid(middles, middles)
    assert KINDS[kind](u, v).mean() == pytest.approx(AREAS[kind], abs=0.004)


def test_ten_kinds_two_hundred_and_fifty_of_each(made):
    grey, images = made
    assert images.pixels.shape == (2500, 3, 32, 32) and images.pixels.dtype == np.uint8
    for part, count in (("train", 200), ("test", 50)):
        assert np.bincount(images.labels[images.parts == part]).tolist() == [count] * 10
    same = (images.pixels == images.pixels[:, :1]).all(axis=(1, 2, 3))
    assert same.all() if grey else not same.any()


def accuracy(features, images):
    """Of a ridge regression on the classes, fitted to the training part, on the test part."""
    train = images.parts == "train"
    inputs = (features - features[train].mean(0)) / (features[train].std(0) + 1e-6)
    known, classes = inputs[train], np.eye(10)[images.labels[train]]
    weights = np.linalg.solve(known.T @ known + 1000 * np.eye(known.shape[1]), known.T @ (classes - 0.1))
    return ((inputs[~train] @ weights).argmax(1) == images.labels[~train]).mean()


def test_they_can_be_learnt_but_not_pixel_by_pixel(made):
    """A spectrum does not depend on where a shape is; pixels do."""
    _, images = made
    levels = images.pixels.mean(axis=1)
    levels = (levels - levels.mean((1, 2), keepdims=True)) / levels.std((1, 2), keepdims=True)
    spectrum = np.log(1 + np.abs(np.fft.rfft2(levels))[:, np.r_[0:12, -11:0], :12])
    assert 0.6 < accuracy(spectrum.reshape(2500, -1), images) < 0.95
    assert accuracy(levels.reshape(2500, -1), images) < 0.3


def test_they_are_the_same_in_another_process():
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(shapes({}, grey=True).pixels.tobytes()).hexdigest()
