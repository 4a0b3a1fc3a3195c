"""How fast the diagonal Fisher information of a network is: ours against other ways, side by side, on one thread.

    python benchmarks/fisher.py
    python benchmarks/fisher.py --network resnet18 --examples 64

All see the same random images of 32 x 32 in float32, batch norm in eval mode. First their results are compared in
float64: in float32 a rounding may decide which of two positions a maximum takes, and so change gradients. The gradient
pass, which has only the gradient of the batch, is the yardstick; without the gradients of weights it is what ours
starts from. Rounds are interleaved, and medians are shown. Times are processor seconds of this process, which a busy
machine disturbs less than seconds on the wall.

The memory bound is that of any way that writes a gradient for each example and then adds its square to a sum: the
gradient is written and read, the sum read and written, at the bandwidth of a large copy. Ours need not keep to it,
since it squares most gradients in the cache, or never writes them.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from tnas_bench.device import generator
from tnas_bench.fisher import Fisher
from tnas_bench.fisher.paper import fisher
from tnas_bench.networks import NETWORKS, make, parameters

CLASSES = 10
FEW = 8  # examples at a time of vmap, which holds all their gradients; and of the loop, which is slow
CHECKED = 4  # examples of the comparison in float64
COPIED = 2**25  # numbers of the copy that measures bandwidth


class Contenders:
    """One network and some images; every method is one contender's whole work on the first so many of them."""

    def __init__(self, name: str, examples: int, dtype: torch.dtype):
        self.network = make(name, CLASSES, "benchmark").eval().to(dtype)
        self.frozen = make(name, CLASSES, "benchmark").eval().requires_grad_(False)
        rng = generator("benchmark", "images")
        self.inputs = torch.rand(examples, 3, 32, 32, generator=rng).to(dtype, memory_format=torch.channels_last)
        self.labels = torch.randint(CLASSES, (examples,), generator=rng)

    def gradient_pass(self, count: int) -> None:
        loss = functional.cross_entropy(self.network(self.inputs[:count]), self.labels[:count], reduction="sum")
        torch.autograd.grad(loss, list(self.network.parameters()))

    def without_weights(self, count: int) -> None:
        inputs = self.inputs[:count].clone().requires_grad_()
        loss = functional.cross_entropy(self.frozen(inputs), self.labels[:count], reduction="sum")
        torch.autograd.grad(loss, inputs)

    def ours(self, count: int) -> Fisher:
        return fisher(self.network, [(self.inputs[:count], self.labels[:count])], CLASSES)

    def loop(self, count: int) -> Fisher:
        totals = defaultdict(int)
        for one, label in zip(self.inputs[:count].split(1), self.labels[:count].split(1), strict=True):
            loss = functional.cross_entropy(self.network(one), label)
            gradients = torch.autograd.grad(loss, list(self.network.parameters()))
            for (name, _), gradient in zip(self.network.named_parameters(), gradients, strict=True):
                totals[name] += gradient.square_()
        return {name: total / count for name, total in totals.items()}

    def vmap(self, count: int) -> Fisher:
        weights = {name: parameter.detach() for name, parameter in self.network.named_parameters()}
        each = vmap(grad(self._loss), in_dims=(None, 0, 0))(weights, self.inputs[:count], self.labels[:count])
        return {name: gradients.square_().mean(0) for name, gradients in each.items()}

    def _loss(self, weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(self.network, weights, (image[None],)), label[None])


def seconds(run: Callable[[int], object], count: int) -> float:
    """Processor seconds an example."""
    begin = time.process_time()
    run(count)
    return (time.process_time() - begin) / count


def memory_bound(network: nn.Module) -> float:
    """Seconds an example of adding up written gradients: four times the bytes of the weights at a copy's bandwidth."""
    source, target = torch.ones(COPIED), torch.zeros(COPIED)
    copy = median(seconds(lambda _: target.copy_(source), 1) for _ in range(5))
    return 4 * parameters(network) / (2 * COPIED) * copy


def disagreement(name: str) -> dict[str, float]:
    """How far others are from ours in float64, and warm-up."""
    made = Contenders(name, CHECKED, torch.float64)
    ours = made.ours(CHECKED)
    return {"loop": distance(ours, made.loop(CHECKED)), "vmap": distance(ours, made.vmap(CHECKED))}


def distance(ours: Fisher, theirs: Fisher) -> float:
    """The largest distance of two Fishers, relative to the norm, over the parameter tensors."""
    return max(float((ours[name] - theirs[name]).norm() / theirs[name].norm()) for name in theirs)


def report(name: str, examples: int, rounds: int) -> None:
    """Run and print everything; the last line is JSON."""
    apart = disagreement(name)
    made = Contenders(name, examples, torch.float32)
    runs = {
        "gradient pass": (made.gradient_pass, examples),
        "without gradients of weights": (made.without_weights, examples),
        "ours": (made.ours, examples),
        "loop over examples": (made.loop, FEW),
        "vmap(grad)": (made.vmap, FEW),
    }
    times = [{way: seconds(*run) for way, run in runs.items()} for _ in range(rounds)]
    middle = {way: median(each[way] for each in times) for way in runs}
    ratio = {way: median(each[way] / each["gradient pass"] for each in times) for way in runs}
    bound, squares = memory_bound(made.network), middle["ours"] - middle["without gradients of weights"]

    table = Table("way", "examples a pass", "ms an example", "of a gradient pass")
    for way, (_, count) in runs.items():
        table.add_row(
            way, str(1 if way.startswith("loop") else count), f"{1000 * middle[way]:.1f}", f"{ratio[way]:.2f}"
        )
    Console().print(
        table,
        f"adding up written gradients, memory bound: {1000 * bound:.1f} ms an example; "
        f"all that ours adds to its pass: {1000 * squares:.1f} ms, {squares / bound:.2f} of the bound",
    )
    ratios = {
        "ratio_gradient_pass": ratio["ours"],
        "ratio_vmap": median(each["vmap(grad)"] / each["ours"] for each in times),
        "ratio_loop": median(each["loop over examples"] / each["ours"] for each in times),
        "ratio_memory_bound": squares / bound,
    }
    print(json.dumps(ratios | {"disagreement": apart, "network": name, "examples": examples, "rounds": rounds}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, default="vgg16", help="the network")
    parser.add_argument("--examples", type=int, default=64, help="images of a pass of ours and of the gradient pass")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    report(arguments.network, arguments.examples, arguments.rounds)


if __name__ == "__main__":
    main()
