"""Random search (RS): the baseline that learns nothing."""

from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions, Space


class RandomSearch:
    """Proposes uniformly random actions, with replacement, whatever the task and the rewards."""

    def __init__(self, space: Space, seed: int):
        self.space = space
        self.rng = stream(seed, "controller", "sampling")

    def ask(self, task: str) -> Actions:
        """Uniformly random actions."""
        return self.space.sample(self.rng)

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Nothing to note."""

    def update(self) -> None:
        """Nothing to learn."""
