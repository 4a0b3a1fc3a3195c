"""Made problems: a search over tiny images whose class is their colour, in a few seconds at most."""

import numpy as np
import torch

from tnas_bench.cells import EDGES, cell_space
from tnas_bench.cells.search import Problem
from tnas_bench.config import DartsSettings, EnasSettings, FuseSettings, SearchSettings, Skeleton
from tnas_bench.device import device
from tnas_bench.images import ImageSet

FUSE = FuseSettings(
    candidates=3, rounds=3, stages=2, weight_epochs=1, coefficient_epochs=3, coefficient_rate=0.1, patience=None
)
SETTINGS = SearchSettings(
    skeleton=Skeleton(kind="released", channels=3, cells=1),
    batch_size=8,
    base_candidates=3,
    base_epochs=1,
    fuse={"paper": FUSE, "released": FUSE},
    darts=DartsSettings(epochs=3, batch_size=8),
    enas=EnasSettings(
        epochs=3, policy_steps=2, policy_batch=2, samples=2, batch_size=8, controller={"learning_rate": 0.0035}
    ),
)
SPACE = cell_space([("skip_connect", "max_pool_3x3", "sep_conv_3x3")] * len(EDGES))


def coloured(count: int, seed: int, classes: int = 2) -> ImageSet:
    """Noise in which the channel of an image's class is brighter: learnt by a linear classifier within a few epochs."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    pixels = rng.integers(0, 128, (count, 3, 32, 32))
    pixels[np.arange(count), labels] += 100
    pixels, labels = torch.tensor(pixels, dtype=torch.uint8), torch.tensor(labels)
    return ImageSet(pixels.to(device()), labels.to(device()), classes, "mnist")


def problem(**changes) -> Problem:
    """A problem of 32 training and 16 validation images; ``changes`` replace its fields."""
    fields = {"space": SPACE, "train": coloured(32, 0), "validation": coloured(16, 1)}
    return Problem(**{"name": "made", "seed": 0, "settings": SETTINGS, "protocol": "paper", **fields, **changes})


def fuse_settings(**changes) -> SearchSettings:
    """SETTINGS with other settings of FUSE, under both protocols."""
    fuse = FUSE.model_copy(update=changes)
    return SETTINGS.model_copy(update={"fuse": {"paper": fuse, "released": fuse}})
