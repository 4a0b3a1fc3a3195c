"""Controller: proposes configurations and learns from their rewards (ask / tell)."""

from typing import Protocol

from tnas_bench.spaces import Actions


class Controller(Protocol):
    """A search strategy over one space. It never sees a test accuracy, a file or a child: a reward is a float.

    A round is: ``ask`` for every proposal, ``tell`` every reward in the same order, then one ``update``. Those that
    other studies can teach also have ``transfer(seed)``, which starts them on new tasks.
    """

    def ask(self, task: str) -> Actions:
        """Propose actions for a task."""

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Take note of the reward (validation accuracy) of proposed actions."""

    def update(self) -> None:
        """Learn from what was told since the last update."""
