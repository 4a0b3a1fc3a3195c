"""Grid search: every configuration of a space in turn. It learns nothing, and knows no chance."""

from itertools import cycle

from tnas_bench.spaces import Actions, Space


class Grid:
    """Proposes all actions in the order of :meth:`Space.enumerate`, whatever the task; then begins again."""

    def __init__(self, space: Space):
        self.actions = cycle(space.enumerate())

    def ask(self, task: str) -> Actions:
        """The actions that come next."""
        return next(self.actions)

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Nothing to note."""

    def update(self) -> None:
        """Nothing to learn."""
