"""UREX (Nachum et al. 2017, "Improving Policy Gradient by Exploring Under-appreciated Rewards")."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from tnas_bench.controllers.policy import log_probability
from tnas_bench.controllers.policy_gradient import PolicyGradient, Told


class Urex(PolicyGradient):
    """Takes one Adam step a round, towards configurations whose reward is higher than their probability tells.

    The weights of this exploration are shared by K trials of one task, which a round need not have: they are the last
    ``window`` ones, the new ones among them, each with the advantage that it was told with [choice]. There is no
    entropy bonus, which UREX replaces.
    """

    def update(self) -> None:
        """One step down the loss of what was told since the last update."""
        self.descend(self.loss())
        self.last |= self.windows()
        self.told = []

    def loss(self) -> Tensor:
        """The mean over the tasks that were told since the last update."""
        return torch.stack([self._loss_of(trials) for trials in self.windows().values()]).mean()

    def windows(self) -> dict[str, list[Told]]:
        """The K trials of each task that was told since the last update."""
        new = defaultdict(list)
        for trial in self.told:
            new[trial.task].append(trial)
        window = self.settings.urex.window
        return {task: [*self.last.get(task, []), *told][-max(window, len(told)) :] for task, told in new.items()}

    def _loss_of(self, trials: Sequence[Told]) -> Tensor:
        batch = self.batch(trials)
        log_pi = log_probability(self.policy.log_probabilities(batch.tasks, batch.actions), batch.actions)
        return urex_loss(log_pi, batch.rewards, batch.advantages, self.settings.urex.temperature)

    def _forget_tasks(self, seed: int) -> None:
        super()._forget_tasks(seed)
        self.last: dict[str, list[Told]] = {}


def urex_loss(log_pi: Tensor, rewards: Tensor, advantages: Tensor, temperature: float) -> Tensor:
    """-sum over k of (A'_k / K + tau w_k) log pi(a_k), with w = softmax over k of R_k / tau - log pi(a_k).

    For K trials of one task; all shapes: (K,). The weights are constants: no gradient passes through them.
    """
    weights = (rewards / temperature - log_pi.detach()).softmax(dim=0)
    return -((advantages / len(advantages) + temperature * weights) * log_pi).sum()
