"""REINFORCE, the update of the Neural AutoML controllers (Transfer Learning with Neural AutoML, section 3).

Started from scratch on one task this is NAML; trained on several tasks, it is the multitask controller, which after
``transfer`` is T-NAML.
"""

from torch import Tensor

from tnas_bench.controllers.policy import Policy, entropy, log_probability
from tnas_bench.controllers.policy_gradient import Batch, PolicyGradient


class Reinforce(PolicyGradient):
    """Takes one Adam step a round."""

    def update(self) -> None:
        """One step down the mean loss of what was told since the last update."""
        self.descend(self.loss())
        self.told = []

    def loss(self) -> Tensor:
        """The mean loss of the proposals told since the last update."""
        return reinforce_loss(self.policy, self.batch(self.told), self.settings.entropy).mean()


def reinforce_loss(policy: Policy, batch: Batch, entropy_weight: float) -> Tensor:
    """-A' log pi(a) - ``entropy_weight`` * sum over the decisions d of H(pi(. | a_1 ... a_(d-1))); shape (n,)."""
    log_pis = policy.log_probabilities(batch.tasks, batch.actions)
    return -batch.advantages * log_probability(log_pis, batch.actions) - entropy_weight * entropy(log_pis)
