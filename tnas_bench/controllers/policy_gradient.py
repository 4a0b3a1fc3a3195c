"""What all controllers share that learn a policy from the rewards of its proposals.

An algorithm is a file of its own with its :meth:`PolicyGradient.update`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.advantage import Baseline
from tnas_bench.controllers.policy import Policy
from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions, Space


class Told(NamedTuple):
    """A proposal with its reward R and advantage A'."""

    task: str
    actions: Actions
    reward: float
    advantage: float


class Batch(NamedTuple):
    """n proposals as the policy reads them."""

    tasks: Tensor  # embeddings, shape (n, size)
    actions: Tensor  # int64, shape (n, decisions)
    rewards: Tensor  # shape (n,)
    advantages: Tensor  # shape (n,)


class PolicyGradient(ABC):
    """Samples from the policy; Adam descends on what an algorithm makes of the rewards.

    Its state is a fold over the calls it received.
    """

    def __init__(self, space: Space, seed: int, settings: ControllerSettings):
        self.settings = settings
        self.policy = Policy(space, seed, settings)
        self._forget_optimizer()
        self._forget_tasks(seed)

    def transfer(self, seed: int) -> None:
        """Get ready for new tasks: the weights stay; task embeddings, reward averages and random streams are new."""
        if self.settings.reset_optimizer:
            self._forget_optimizer()
        self._forget_tasks(seed)

    def ask(self, task: str) -> Actions:
        """Sample actions from the policy. The order of asks matters: all draw from one stream."""
        return self.policy.sample(self.embedding(task).detach(), self.rng)

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Normalise the reward by those of the task so far, and keep it for the next update."""
        if task not in self.baselines:
            self.baselines[task] = Baseline(self.settings.baseline_decay, self.settings.deviation_floor)
        self.told.append(Told(task, actions, reward, self.baselines[task].advantage(reward)))

    @abstractmethod
    def update(self) -> None:
        """Learn from what was told since the last update, and empty ``told``."""

    def facts(self) -> dict:
        """What it has learnt, as JSON values: embedding and most probable actions of each task met so far."""
        return {
            "embeddings": {task: embedding.tolist() for task, embedding in self.embeddings.items()},
            "most_probable": {task: list(self.policy.mode(self.embedding(task))) for task in self.embeddings},
        }

    def embedding(self, task: str) -> Tensor:
        """The embedding of a task: the only parameters that belong to it, drawn when it is first met."""
        if task not in self.embeddings:
            bound, size = self.settings.initial_range, self.settings.embedding_size
            values = stream(self.seed, "controller", "task", task).uniform(-bound, bound, size)
            self.embeddings[task] = nn.Parameter(torch.tensor(values, dtype=torch.float32))
            self.optimizer.add_param_group({"params": [self.embeddings[task]]})
        return self.embeddings[task]

    def batch(self, trials: Sequence[Told]) -> Batch:
        """Trials as tensors; gradients reach the tasks' embeddings."""
        tasks, actions, rewards, advantages = zip(*trials, strict=True)
        embeddings = torch.stack([self.embedding(task) for task in tasks])
        return Batch(embeddings, torch.tensor(actions), torch.tensor(rewards), torch.tensor(advantages))

    def descend(self, loss: Tensor) -> None:
        """One Adam step down the loss."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _forget_optimizer(self) -> None:
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=self.settings.learning_rate)

    def _forget_tasks(self, seed: int) -> None:
        self.seed = seed
        self.rng = stream(seed, "controller", "sampling")
        self.embeddings: dict[str, Tensor] = {}
        self.baselines: dict[str, Baseline] = {}
        self.told: list[Told] = []
