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
        """One step down the mean loss of the tasks of the round."""
        self.descend(self.loss())
        self.told = []

    def loss(self) -> Tensor:
        """The mean over the tasks that were told since the last update; takes what was told into the windows."""
        new = defaultdict(list)
        for trial in self.told:
            new[trial.task].append(trial)
        return torch.stack([self._loss_of(task, trials) for task, trials in new.items()]).mean()

    def _loss_of(self, task: str, new: Sequence[Told]) -> Tensor:
        count = max(self.settings.urex.window, len(new))
        self.last[task] = [*self.last[task], *new][-count:]
        batch = self.batch(self.last[task])
        log_pi = log_probability(self.policy.log_probabilities(batch.tasks, batch.actions), batch.actions)
        return urex_loss(log_pi, batch.rewards, batch.advantages, self.settings.urex.temperature)

    def _forget_tasks(self, seed: int) -> None:
        super()._forget_tasks(seed)
        self.last: defaultdict[str, list[Told]] = defaultdict(list)


def urex_loss(log_pi: Tensor, rewards: Tensor, advantages: Tensor, temperature: float) -> Tensor:
    """-sum over k of (A'_k / K + tau w_k) log pi(a_k), with w = softmax over k of R_k / tau - log pi(a_k).

    For K trials of one task; all shapes: (K,). The weights are constants: no gradient passes through them.
    """
    weights = (rewards / temperature - log_pi.detach()).softmax(dim=0)
    return -((advantages / len(advantages) + temperature * weights) * log_pi).sum()
