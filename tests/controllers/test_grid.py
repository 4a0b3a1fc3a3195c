"""Grid search proposes everything once before it proposes anything twice."""

from tnas_bench.controllers.grid import Grid
from tnas_bench.spaces import Decision, Space

SPACE = Space((Decision("first", ("a", "b")), Decision("second", (1, 2, 3))))


def test_everything_in_order_then_again():
    grid = Grid(SPACE)
    asked = []
    for task in ("one", "two", "one", "one", "two", "two", "one"):
        asked.append(grid.ask(task))
        grid.tell(task, asked[-1], 1.0)
        grid.update()
    assert asked == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 0)]
