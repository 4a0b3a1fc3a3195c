"""One configuration is transferred, not a controller (Transfer Learning with Neural AutoML, section 4.3, ablation)."""

from tnas_bench.controllers.agnostic import Agnostic
from tnas_bench.spaces import Actions


class FinalChild(Agnostic):
    """The task-agnostic controller; once transferred, it proposes its most probable configuration and learns no more.

    [choice] The paper takes the final child of a controller trained to convergence; where one has not converged, its
    last sample would be a matter of chance.
    """

    transferred = False

    def transfer(self, seed: int) -> None:
        """From now on, always the same."""
        super().transfer(seed)
        self.transferred = True

    def ask(self, task: str) -> Actions:
        """The most probable actions; before the transfer, a sample."""
        return self.policy.mode(self.embedding(task)) if self.transferred else super().ask(task)

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Nothing to note after the transfer."""
        if not self.transferred:
            super().tell(task, actions, reward)

    def update(self) -> None:
        """Nothing to learn after the transfer."""
        if not self.transferred:
            super().update()
