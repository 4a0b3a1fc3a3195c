"""Plans against the same entries found one by one, in Python."""

from itertools import pairwise

import numpy as np
import torch

from tnas_bench.children.plans import BagMatrix
from tnas_bench.modules.bags import Bags

SIZE, TEXTS, STEPS, CHILDREN, BATCH = 9, 12, 3, 2, 4


def bags(rng):
    """Some empty, and rows in no order."""
    rows = [rng.permutation(SIZE)[: rng.integers(0, SIZE)].astype(np.int32) for _ in range(TEXTS)]
    rows[3] = rows[3][:0]
    offsets = np.cumsum([0, *map(len, rows)])
    return Bags(offsets, np.concatenate(rows), rng.uniform(size=offsets[-1]).astype(np.float32))


def entries(bags, text):
    part = slice(bags.offsets[text], bags.offsets[text + 1])
    return list(zip(bags.rows[part].tolist(), bags.weights[part].tolist(), strict=True))


def looked_up(lookup):
    """Each bag's entries."""
    ends = [*lookup.starts.tolist(), len(lookup.rows)]
    pairs = list(zip(lookup.rows.tolist(), lookup.weights.tolist(), strict=True))
    return [pairs[first:end] for first, end in pairwise(ends)]


def test_a_step_reads_its_texts_and_its_transpose_gathers_them_row_by_row():
    rng = np.random.default_rng(0)
    made, texts = bags(rng), rng.integers(0, TEXTS, (STEPS, CHILDREN, BATCH))
    texts[1, 0] = 3  # a child that touches nothing in a step
    steps = list(BagMatrix(made, SIZE, torch.device("cpu"), torch.float32).plan(texts))
    assert len(steps) == STEPS
    for step, chosen in zip(steps, texts, strict=True):
        lines = [
            [(child * SIZE + row, weight) for row, weight in entries(made, text)]
            for child, own in enumerate(chosen)
            for text in own
        ]
        assert looked_up(step.texts) == lines
        touched = sorted({row for line in lines for row, _ in line})
        assert step.touched.tolist() == touched
        assert step.children.tolist() == [row // SIZE for row in touched]
        gathered = [
            [(number, weight) for number, line in enumerate(lines) for row, weight in line if row == wanted]
            for wanted in touched
        ]
        assert looked_up(step.gradients) == gathered
