from collections import Counter

import numpy as np
import pytest

from tnas_bench.cells import FULL, Cell, choices, decode
from tnas_bench.cells.reduced import CODED, PRINTED, choose, rank, reduced
from tnas_bench.errors import UserError

BEST = Cell(("sep_conv_3x3", "none", "max_pool_3x3", "sep_conv_3x3", "skip_connect", "none"))
FIGURE_1 = {"task1": 0.52, "task2": 0.44, "task7": 0.23, "task6": 0.27}  # to task 3, of the paper
CELLS = {
    "task1": Cell(("skip_connect",) * 6),
    "task2": Cell(("sep_conv_3x3",) * 6),
    "task7": Cell(("dil_conv_3x3", *["none"] * 5)),
    "task6": BEST,
}


def test_a_reduced_space_by_hand():
    used = ("skip_connect", "max_pool_3x3", "sep_conv_3x3")
    space = reduced(BEST)
    assert choices(space) == [used, ("none",), used, used, used, ("none",)]
    assert space.size == 3**4


def test_a_best_cell_is_in_its_reduced_space_whatever_it_uses():
    for operations in (BEST.operations, ("none",) * 6, ("skip_connect",) * 6, ("none", *["conv_7x1_1x7"] * 5)):
        space = reduced(Cell(operations))
        assert all(name in names for name, names in zip(operations, choices(space), strict=True))
    assert reduced(Cell(("none",) * 6)).size == reduced(Cell(("skip_connect",) * 6)).size == 1


def test_the_space_that_the_paper_prints():
    assert PRINTED.size == 4**6 == 4096
    expected = {"skip_connect", "sep_conv_3x3", "conv_7x1_1x7", "max_pool_3x3"}
    assert all(set(names) == expected for names in choices(PRINTED))


def test_the_authors_code_draws_some_operations_twice_as_often():
    """The table of NAS_FUSE.py: 0.2 for three operations, 0.1 for four; they are counted once."""
    assert CODED.size == 7**6
    rng, drawn = np.random.default_rng(0), Counter()
    for _ in range(5000):
        drawn.update(decode(CODED, CODED.sample(rng)).operations)
    twice, once = ("sep_conv_3x3", "max_pool_3x3", "dil_conv_3x3"), ("skip_connect", "sep_conv_5x5", "conv_7x1_1x7")
    shares = {name: number / drawn.total() for name, number in drawn.items()}
    expected = dict.fromkeys(twice, 0.2) | dict.fromkeys((*once, "dil_conv_5x5"), 0.1)
    assert shares == pytest.approx(expected, abs=0.01)


def test_tasks_are_ranked_by_distance_and_ties_keep_their_order():
    assert rank(FIGURE_1) == ["task7", "task6", "task2", "task1"]
    assert rank({"b": 1.0, "a": 0.5, "c": 0.5}) == ["a", "c", "b"]


@pytest.mark.parametrize(("which", "base"), [("closest", "task7"), ("farthest", "task1")])
def test_the_closest_and_the_farthest_task_give_their_space(which, base):
    assert choose(which, FIGURE_1, CELLS, ()) == (reduced(CELLS[base]), base)


def test_a_target_itself_is_no_base_task():
    assert choose("closest", {"task3": 0.0, **FIGURE_1}, CELLS, ())[1] == "task7"


def test_a_random_task_is_any_but_the_closest_and_the_farthest():
    bases = [choose("random", FIGURE_1, CELLS, ("search", seed))[1] for seed in range(20)]
    assert set(bases) == {"task2", "task6"}
    assert bases == [choose("random", FIGURE_1, CELLS, ("search", seed))[1] for seed in range(20)]


def test_with_two_base_tasks_a_random_one_is_one_of_them():
    two = {task: CELLS[task] for task in ("task1", "task7")}
    assert {choose("random", FIGURE_1, two, (seed,))[1] for seed in range(20)} == set(two)


def test_the_full_and_the_printed_space_need_no_distance():
    assert choose("full", {}, {}, ()) == (FULL, None)
    assert choose("printed", {}, {}, ()) == (PRINTED, None)


def test_an_unknown_space_is_one_clear_line():
    with pytest.raises(
        UserError, match="unknown space 'near': take one of closest, farthest, random, full, printed, coded"
    ):
        choose("near", FIGURE_1, CELLS, ())


def test_a_reduced_space_decodes_to_cells_of_the_same_structure():
    space = reduced(BEST)
    assert decode(space, (2, 0, 0, 1, 2, 0)).operations == (
        "sep_conv_3x3",
        "none",
        "skip_connect",
        "max_pool_3x3",
        "sep_conv_3x3",
        "none",
    )
