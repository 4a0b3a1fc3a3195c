"""How fast cells train on a CPU: our gradients of depthwise convolutions against torch's, side by side, on one thread.

    python benchmarks/depthwise.py
    python benchmarks/depthwise.py --channels 8 --cells 3 --batch 32
    python benchmarks/depthwise.py --precision bfloat16

For each convolution of the cells' operations, a network whose cells are made of it only: steps of Adam on noise,
channels last, in float32 or with autocast to bfloat16. Times are processor seconds, medians of interleaved repeats.
"""

import argparse
import json
import time
from statistics import median
from unittest.mock import patch

import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from torch.nn.functional import cross_entropy

from tnas_bench.cells import EDGES, Cell
from tnas_bench.cells.depthwise import Depthwise
from tnas_bench.cells.network import network
from tnas_bench.config import Skeleton
from tnas_bench.device import autocast, seeded, use_one_thread

OPERATIONS = ("sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7", "dil_conv_3x3", "dil_conv_5x5")
CLASSES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=56, help="of the first cells")
    parser.add_argument("--cells", type=int, default=4)
    parser.add_argument("--batch", type=int, default=16, help="images of a step")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    use_one_thread()
    skeleton = Skeleton(kind="darts", channels=arguments.channels, cells=arguments.cells)
    table, ratios = Table("cells of", "ours, ms a step", "torch, ms a step", "ratio"), {}
    for name in OPERATIONS:
        made = skeleton, name, arguments.batch, arguments.precision
        runs = list(zip(*(times(*made) for _ in range(arguments.repeats + 1)), strict=True))
        ours, plain = (median(each[1:]) for each in runs)  # the first run compiles
        ratios[name] = plain / ours
        table.add_row(name, f"{1000 * ours:.0f}", f"{1000 * plain:.0f}", f"{plain / ours:.2f}")
    Console().print(table)
    print(json.dumps({name: round(ratio, 2) for name, ratio in ratios.items()}))


def times(*made: Skeleton | str | int) -> tuple[float, float]:
    """Processor seconds of a step: with our gradients, and with torch's."""
    with patch.object(Depthwise, "forward", nn.Conv2d.forward):
        plain = seconds(*made)
    return seconds(*made), plain


def seconds(skeleton: Skeleton, name: str, batch: int, precision: str) -> float:
    """Processor seconds of the second of two steps."""
    with seeded("benchmark", "depthwise"):
        made = network(skeleton, Cell((name,) * len(EDGES)), CLASSES, searching=False)
        inputs, labels = torch.randn(batch, 3, 32, 32), torch.randint(CLASSES, (batch,))
    made, inputs = made.to(memory_format=torch.channels_last), inputs.to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(made.parameters(), fused=True)
    for _ in range(2):
        begin = time.process_time()
        adam.zero_grad()
        with autocast(precision):
            loss = cross_entropy(made(inputs), labels)
        loss.backward()
        adam.step()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
