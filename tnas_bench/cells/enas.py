"""ENAS: search by a policy whose proposals share their weights (Pham et al. 2018, "Efficient Neural Architecture Search
via Parameter Sharing").

The cells of a space are the paths through one supernet. An epoch trains its weights along paths that the policy
samples, then the policy with the validation accuracy of its paths as reward. The policy is the one of ``controllers``.
Batch norm always works on the statistics of the batch, as in the authors' code: no running average fits all paths.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tnas_bench.cells import Cell, decode
from tnas_bench.cells.search import Problem
from tnas_bench.cells.supernet import cosine, descend, endless, supernet
from tnas_bench.controllers.reinforce import Reinforce
from tnas_bench.device import autocast, device, generator
from tnas_bench.images import Batch
from tnas_bench.seeds import integer
from tnas_bench.spaces import Actions

MOMENTUM, WEIGHT_DECAY, LAST_RATE = 0.9, 1e-4, 5e-4  # the values of the authors' code that are no settings

Calls = tuple[int, list[list[float]]]  # of an epoch to the policy: paths to train along, the rewards of each update


class Enas:
    """A step is an epoch. Passes: images that the weights were trained on; for rewards, images only go forward."""

    def __init__(self, problem: Problem):
        self.problem, self.settings = problem, problem.settings.enas
        self.steps = self.settings.epochs
        self.network = supernet(problem, "enas")
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True
        )
        self.policy = Reinforce(
            problem.space, integer(problem.name, problem.seed, "enas", "policy"), self.settings.controller
        )
        self.calls: list[Calls] = []
        self.forward = 0  # images, of this step
        self.cell: Cell | None = None

    def step(self, number: int) -> dict:
        """An epoch of the weights, then one of the policy, whose mean reward is noted.

        ``cell``: the path of the highest reward in the epoch, which is an accuracy on one batch; after the last epoch
        the best of some samples of the policy on the validation images.
        """
        self.forward = 0
        losses, images = self._train_weights(number)
        paths, rewards = self._train_policy(number)
        self.calls.append((len(losses), rewards))
        best = best_of(paths, list(chain(*rewards))) if number < self.steps - 1 else self._best_sample()
        self.cell = decode(self.problem.space, best)
        return {
            "epoch": number,
            "train_loss": torch.stack(losses).mean().item(),
            "reward": fmean(chain(*rewards)),
            "cell": list(self.cell.operations),
            "passes": images,
            "forward": self.forward,
        }

    def state(self) -> dict:
        """Weights and their optimizer. The policy is a fold over its calls."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "calls": self.calls,
            "cell": list(self.cell.operations),
        }

    def restore(self, state: dict) -> None:
        """Take up the state: the policy is asked again for its paths, and told the rewards that were."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.calls, self.cell = state["calls"], Cell(tuple(state["cell"]))
        for trained, updates in self.calls:
            self._ask(trained)
            for rewards in updates:
                self._teach(self._ask(len(rewards)), rewards)

    def best(self) -> Cell:
        """The cell of the last record."""
        return self.cell

    @torch.no_grad()
    def accuracies(self, paths: Sequence[Actions], batches: Iterable[Batch]) -> list[float]:
        """The accuracy of each path with the shared weights, over all of the batches."""
        right, images = torch.zeros(len(paths), dtype=torch.int64, device=device()), 0
        for inputs, labels in batches:
            with autocast(self.problem.settings.precision):
                logits = torch.stack([self.network(inputs, path) for path in paths])
            right += (logits.argmax(2) == labels).sum(1)
            images += len(labels)
        self.forward += len(paths) * images
        return [count / images for count in right.tolist()]

    def _train_weights(self, number: int) -> tuple[list[Tensor], int]:
        """The loss of each batch, along a path of its own, and the number of images."""
        rate = cosine(self.settings.learning_rate, LAST_RATE, number / self.steps)
        losses, images = [], 0
        for inputs, labels in self.problem.train.epoch(*self._batching("train", number)):
            [path] = self._ask(1)
            with autocast(self.problem.settings.precision):
                loss = cross_entropy(self.network(inputs, path), labels)
            descend(loss, self.optimizer, rate)
            losses.append(loss.detach())
            images += len(labels)
        return losses, images

    def _train_policy(self, number: int) -> tuple[list[Actions], list[list[float]]]:
        """All paths that were asked for, and the rewards of each update, which share a batch to be comparable."""
        batches = endless(self.problem.validation, *self._batching("validation", number))
        asked, rewards = [], []
        for batch in islice(batches, self.settings.policy_steps):
            paths = self._ask(self.settings.policy_batch)
            rewards.append(self.accuracies(paths, [batch]))
            self._teach(paths, rewards[-1])
            asked += paths
        return asked, rewards

    def _best_sample(self) -> Actions:
        paths = list(dict.fromkeys(self._ask(self.settings.samples)))
        return best_of(paths, self.accuracies(paths, self.problem.compared.batches(self.settings.batch_size)))

    def _ask(self, count: int) -> list[Actions]:
        return [self.policy.ask(self.problem.name) for _ in range(count)]

    def _teach(self, paths: Sequence[Actions], rewards: Sequence[float]) -> None:
        for path, reward in zip(paths, rewards, strict=True):
            self.policy.tell(self.problem.name, path, reward)
        self.policy.update()

    def _batching(self, *names: object) -> tuple[int, torch.Generator, int | None]:
        """Batch size, random stream and number of images of an epoch."""
        rng = generator(self.problem.name, self.problem.seed, "enas", *names)
        return self.settings.batch_size, rng, self.problem.settings.images


def best_of(paths: Sequence[Actions], accuracies: Sequence[float]) -> Actions:
    """The path of the highest accuracy; among equals the first."""
    return paths[accuracies.index(max(accuracies))]
