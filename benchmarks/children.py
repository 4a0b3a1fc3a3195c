"""How fast children train: ours against a tuned and a plain PyTorch loop, side by side, on one thread.

    python benchmarks/children.py data/tasks/full/global_warming data/modules/glove-50d data/modules/random-*
    python benchmarks/children.py --generated

50 configurations of the paper's space, each with the same number of steps. Every loop trains the same children on the
same batches; only training steps are timed, not evaluation nor the setting up of a child. Times are processor seconds
of this process, which a busy machine disturbs less than seconds on the wall. The plain loop is too slow to run them
all: it trains some of the children for a few steps, and is compared with ours on the same ones.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from children_loops import Loop
from rich.console import Console
from rich.table import Table
from torch.profiler import ProfilerActivity, profile

from tnas_bench.children.data import TextData
from tnas_bench.children.group import Group
from tnas_bench.children.shapes import TEXTS, groups
from tnas_bench.modules import Module
from tnas_bench.modules.bags import Bags, Inputs
from tnas_bench.modules.inputs import embed, one_hot
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration
from tnas_bench.spaces.tnaml import text_space
from tnas_bench.tasks import load

CPU = torch.device("cpu")
CHILDREN = 50
FULL_VOCABULARY = 400_000
PLAIN_CHILDREN, PLAIN_STEPS = 6, 4
PROFILED = 5  # every so many groups
DIMENSIONS = (50, 128, 250, 500, 50, 128, 50, 128)  # of the paper's eight modules


def from_folders(task_folder: Path, module_folders: list[Path]) -> dict[str, TextData]:
    """A prepared task under each of some prepared modules."""
    task = load(task_folder)
    labels = [split.labels for split in (task.train, task.validation, task.test)]
    wide = one_hot(task)
    return {
        folder.name: TextData(embed(Module.load(folder), task), wide, labels, len(task.classes), CPU, torch.float32)
        for folder in module_folders
    }


def generated(texts: int = 4000, size: int = 10_000, words: int = 15) -> dict[str, TextData]:
    """Random bags with the sizes of short messages and the word frequencies of Zipf's law, for a quick look."""
    rng = stream("benchmark", "generated")
    frequencies = 1 / np.arange(1, size + 1)
    drawn = rng.choice(size, (texts, words), p=frequencies / frequencies.sum())
    distinct = [np.unique(text) for text in drawn]
    rows = np.concatenate(distinct)
    bags = Bags(np.cumsum([0, *map(len, distinct)]), rows, np.full(len(rows), words**-0.5, np.float32))
    labels = [drawn[:, 0] % 2] * 3
    wide = Inputs(size, None, bags, bags, bags)
    tables = [rng.normal(size=(size, dimension)).astype(np.float32) for dimension in DIMENSIONS]
    deep = [Inputs(size, table, bags, bags, bags) for table in tables]
    return {f"generated-{i}": TextData(inputs, wide, labels, 2, CPU, torch.float32) for i, inputs in enumerate(deep)}


def drawn(modules: list[str], steps: int) -> list[Configuration]:
    """Random configurations of the paper's space, all with the same number of steps."""
    space, rng = text_space(modules, (steps,)), stream("benchmark", "configurations")
    return [space.decode(space.sample(rng)) for _ in range(CHILDREN)]


def seconds(run: Callable[[], None]) -> float:
    """Processor seconds of a run."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def ours(data: TextData, configurations: list[Configuration]) -> float:
    """Seconds of the group's training steps."""
    return seconds(Group(data, configurations, range(len(configurations))).train)


def theirs(data: TextData, configurations: list[Configuration], words: int | None) -> float:
    """Seconds of the training steps of as many loops, one after the other."""
    return sum(seconds(Loop(data, c, seed, words).train) for seed, c in enumerate(configurations))


def side_by_side(tasks: Mapping[str, TextData], configurations: list[Configuration], words: int | None = None) -> dict:
    """Processor seconds of ours and of the loop, by kind of child; ours trains the groups that a study would form."""
    totals: dict[str, np.ndarray] = {}
    for positions in groups(configurations, TEXTS):
        group = [configurations[position] for position in positions]
        data = tasks[group[0]["module"]]
        pair = np.array([ours(data, group), theirs(data, group, words), len(group)])
        kind = "fine-tuned" if group[0]["fine_tune"] else "frozen"
        totals[kind] = totals.get(kind, 0) + pair
    return totals | {"all": sum(totals.values())}


def share_of_matrix_products(tasks: Mapping[str, TextData], configurations: list[Configuration]) -> float:
    """Their share in the operators' time of every PROFILED-th group, as torch's profiler sees it."""
    with profile(activities=[ProfilerActivity.CPU]) as recorded:
        for positions in groups(configurations, TEXTS)[::PROFILED]:
            group = [configurations[position] for position in positions]
            ours(tasks[group[0]["module"]], group)
    events = recorded.key_averages()
    products = sum(event.self_cpu_time_total for event in events if event.key in ("aten::bmm", "aten::baddbmm"))
    return products / sum(event.self_cpu_time_total for event in events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", type=Path, nargs="?", default="data/tasks/full/global_warming", help="a prepared task")
    parser.add_argument("modules", type=Path, nargs="*", help="prepared tables of words (default: all of data/modules)")
    parser.add_argument("--generated", action="store_true", help="random bags instead of a task")
    parser.add_argument("--steps", type=int, default=200, help="training steps of every child")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tables = [matrix.parent for matrix in sorted(Path("data/modules").glob("*/matrix.npy"))]
    folders = arguments.modules or (tables if not arguments.generated else [])
    report(generated() if arguments.generated else from_folders(arguments.task, folders), arguments.steps)


def report(tasks: Mapping[str, TextData], steps: int) -> None:
    """Run and print everything; the last line is JSON."""
    for data in tasks.values():
        data.frozen_sums  # noqa: B018  computed once a task: nobody's training time
    configurations = drawn(list(tasks), steps)
    few = [c | {"training_steps": PLAIN_STEPS} for c in configurations[:PLAIN_CHILDREN]]
    side_by_side(tasks, few)  # warm-up
    tuned, plain = side_by_side(tasks, configurations), side_by_side(tasks, few, FULL_VOCABULARY)

    table = Table("loop", "children", "steps", "kind", "ours, ms a step", "loop, ms a step", "ratio")
    for name, totals, count in (("tuned", tuned, steps), ("plain (a sample)", plain, PLAIN_STEPS)):
        for kind, (our_time, loop_time, children) in totals.items():
            step = 1000 / (children * count)
            cells = (f"{our_time * step:.2f}", f"{loop_time * step:.2f}", f"{loop_time / our_time:.2f}")
            table.add_row(name, f"{children:.0f}", str(count), kind, *cells)
    share = share_of_matrix_products(tasks, configurations)
    Console().print(table, f"matrix products: {share:.0%} of our operators' time (under the profiler)")
    ratios = {
        f"ratio_{name}": totals["all"][1] / totals["all"][0] for name, totals in (("plain", plain), ("tuned", tuned))
    }
    print(json.dumps(ratios | {"matrix_product_share": share, "children": CHILDREN, "steps": steps}))


if __name__ == "__main__":
    main()
