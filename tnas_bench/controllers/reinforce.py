"""Neural AutoML controllers: a policy trained with REINFORCE (Transfer Learning with Neural AutoML, section 3).

Started from scratch on one task this is NAML; trained on several tasks, it is the multitask controller, which after
:meth:`Reinforce.transfer` is T-NAML.
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.advantage import Baseline
from tnas_bench.controllers.policy import Policy
from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions, Space


class Reinforce:
    """Samples from the policy, and takes one Adam step a round. Its state is a fold over the calls it received."""

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
        return self.policy.sample(self._embedding(task).detach(), self.rng)

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Normalise the reward by those of the task so far, and keep it for the next update."""
        if task not in self.baselines:
            self.baselines[task] = Baseline(self.settings.baseline_decay, self.settings.deviation_floor)
        self.told.append((task, actions, self.baselines[task].advantage(reward)))

    def update(self) -> None:
        """One step down the mean loss of what was told since the last update."""
        self.optimizer.zero_grad()
        self.loss().backward()
        self.optimizer.step()
        self.told = []

    def loss(self) -> Tensor:
        """The mean loss of the proposals told since the last update."""
        tasks, actions, advantages = zip(*self.told, strict=True)
        embeddings = torch.stack([self._embedding(task) for task in tasks])
        actions, advantages = torch.tensor(actions), torch.tensor(advantages)
        return reinforce_loss(self.policy, embeddings, actions, advantages, self.settings.entropy).mean()

    def _forget_optimizer(self) -> None:
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=self.settings.learning_rate)

    def _forget_tasks(self, seed: int) -> None:
        self.seed = seed
        self.rng = stream(seed, "controller", "sampling")
        self.embeddings: dict[str, nn.Parameter] = {}
        self.baselines: dict[str, Baseline] = {}
        self.told: list[tuple[str, Actions, float]] = []

    def _embedding(self, task: str) -> nn.Parameter:
        """The embedding of a task: the only parameters that belong to it, drawn when it is first met."""
        if task not in self.embeddings:
            bound, size = self.settings.initial_range, self.settings.embedding_size
            values = stream(self.seed, "controller", "task", task).uniform(-bound, bound, size)
            self.embeddings[task] = nn.Parameter(torch.tensor(values, dtype=torch.float32))
            self.optimizer.add_param_group({"params": [self.embeddings[task]]})
        return self.embeddings[task]


def reinforce_loss(policy: Policy, tasks: Tensor, actions: Tensor, advantages: Tensor, entropy: float) -> Tensor:
    """Loss of each proposal: -A' log pi(a) - ``entropy`` * sum over the decisions d of H(pi(. | a_1 ... a_(d-1))).

    ``tasks``: embeddings, shape (n, size); ``actions``: int64, shape (n, decisions); ``advantages``: shape (n,);
    result: shape (n,).
    """
    log_pis = policy.log_probabilities(tasks, actions)
    surprise = sum(map(partial(nll_loss, reduction="none"), log_pis, actions.T))
    log_pi = torch.cat(log_pis, dim=1)
    return advantages * surprise + entropy * (log_pi.exp() * log_pi).sum(dim=1)
