"""PPO with a clipped surrogate (Schulman et al. 2017, "Proximal Policy Optimization Algorithms", equation 7)."""

import torch
from torch import Tensor

from tnas_bench.controllers.policy import entropy, log_probability
from tnas_bench.controllers.policy_gradient import PolicyGradient


class Ppo(PolicyGradient):
    """Takes several Adam steps a round, each on all of its trials. An action is a whole configuration [choice]."""

    def update(self) -> None:
        """Raise the surrogate of what was told since the last update, from the policy that proposed it."""
        batch = self.batch(self.told)
        with torch.no_grad():
            before = log_probability(self.policy.log_probabilities(batch.tasks, batch.actions), batch.actions)
        for _ in range(self.settings.ppo.epochs):
            self.descend(self.loss(before))
        self.told = []

    def loss(self, before: Tensor) -> Tensor:
        """Minus the mean of the surrogate and of the entropy bonus; ``before``: log pi(a) when asked, shape (n,)."""
        batch = self.batch(self.told)
        log_pis = self.policy.log_probabilities(batch.tasks, batch.actions)
        log_ratio = log_probability(log_pis, batch.actions) - before
        surrogate = clipped_surrogate(log_ratio, batch.advantages, self.settings.ppo.clip)
        return -(surrogate + self.settings.entropy * entropy(log_pis)).mean()


def clipped_surrogate(log_ratio: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """min(r A, clip(r, 1 - ``clip``, 1 + ``clip``) A) of each trial; r: its probability now by that when it was asked.

    All shapes: (n,).
    """
    ratio = log_ratio.exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
