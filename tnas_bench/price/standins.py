"""Stand-ins for what is not prepared, of the same shape: rates can then be measured before any data is there."""

from pathlib import Path

import numpy as np
import torch

from tnas_bench.device import device
from tnas_bench.images import SIDE, ImageSet
from tnas_bench.modules.builders import BUILDERS
from tnas_bench.modules.embedding import Materials
from tnas_bench.modules.prepare import write as write_module
from tnas_bench.modules.registry import Row
from tnas_bench.price.sizes import Size
from tnas_bench.seeds import stream
from tnas_bench.tasks import Split, store

ROWS = 4000  # at most: the time a row is what is wanted
WORDS = 30_000  # of the vocabulary
CHARACTERS_OF_A_WORD = 6  # with the space after it
BUCKETS = 131_072  # rows of a module's table


def task(folder: Path, size: Size) -> Size:
    """Write a prepared text task with texts of such a length and so many classes; its own, perhaps smaller size."""
    rng = stream("price", folder.name)
    share = min(1.0, ROWS / size.rows)
    counts = [max(10, round(count * share)) for count in (size.train, size.validation, size.test)]
    splits = {
        name: Split(_texts(rng, count, size.characters), rng.integers(size.classes, size=count))
        for name, count in zip(("train", "validation", "test"), counts, strict=True)
    }
    facts = {
        "task": folder.name,
        "kind": "text",
        "dataset": folder.name,
        "classes": list(map(str, range(size.classes))),
    }
    store.write(folder, splits, facts)
    return Size(*counts, size.classes, size.characters, None)


def _texts(rng: np.random.Generator, count: int, characters: float) -> tuple[str, ...]:
    """Words by Zipf's law, as many in each text as give it the wanted length."""
    frequencies = 1 / np.arange(1, WORDS + 1)
    shape = count, max(1, round(characters / CHARACTERS_OF_A_WORD))
    drawn = rng.choice(WORDS, shape, p=frequencies / frequencies.sum())
    return tuple(" ".join(f"w{word}" for word in text) for text in drawn)


def module(folder: Path, dimension: int) -> None:
    """Write a prepared text module: an untrained table of this dimension."""
    facts = {"trained": False, "stand_in": True, "note": "", "lowercase": False, "punctuation": "keep", "language": ""}
    row = Row(name=folder.name, builder="random", dimension=dimension, buckets=BUCKETS, **facts)
    folder.mkdir(parents=True)
    write_module(row, BUILDERS["random"](row, Materials(folder, None, {})), folder)


def images(count: int, dataset: str, classes: int = 10) -> ImageSet:
    """So many images of noise: what a network does with them takes as long as with others."""
    rng = stream("price", "images")
    pixels = torch.from_numpy(rng.integers(0, 256, (count, 3, SIDE, SIDE), dtype=np.uint8))
    labels = torch.from_numpy(rng.integers(classes, size=count))
    return ImageSet(pixels.to(device()), labels.to(device()), classes, dataset)
