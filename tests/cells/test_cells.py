import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tnas_bench.cells import EDGES, FULL, OPERATIONS, Cell, cell_space, choices, decode, encode
from tnas_bench.errors import UserError


def test_four_nodes_are_densely_connected_in_an_order_that_can_be_computed():
    assert set(EDGES) == {(start, end) for end in range(4) for start in range(end)}
    assert [end for _, end in EDGES] == sorted(end for _, end in EDGES)


def test_the_full_space_has_ten_operations_on_six_edges():
    assert FULL.size == 10**6
    assert choices(FULL) == [OPERATIONS] * 6


def test_actions_stand_for_operations_by_hand():
    space = cell_space([("none",), ("skip_connect", "sep_conv_3x3"), *[("max_pool_3x3", "none")] * 4])
    cell = decode(space, (0, 1, 0, 1, 0, 0))
    assert cell.operations == ("none", "sep_conv_3x3", "max_pool_3x3", "none", "max_pool_3x3", "max_pool_3x3")
    assert [decision.name for decision in space.decisions] == [
        "0 to 1",
        "0 to 2",
        "1 to 2",
        "0 to 3",
        "1 to 3",
        "2 to 3",
    ]


@given(st.tuples(*[st.sampled_from(OPERATIONS)] * 6))
def test_a_cell_comes_back_from_its_actions_and_from_json(operations):
    cell = Cell(operations)
    assert decode(FULL, encode(FULL, cell)) == cell
    assert Cell(tuple(json.loads(json.dumps(cell.operations)))) == cell


def test_a_cell_outside_a_space_is_the_users_mistake():
    with pytest.raises(UserError, match="is not in the space"):
        encode(cell_space([("skip_connect",)] * 6), Cell(("none",) * 6))


def test_an_unknown_operation_in_a_saved_cell_is_one_clear_line():
    saved = json.loads('["none", "sep_conv_3x3", "sep_conv_9x9", "none", "none", "none"]')
    with pytest.raises(
        UserError, match=r"^unknown operation 'sep_conv_9x9' in a cell: take one of none, skip.*"
    ) as error:
        Cell(tuple(saved))
    assert "\n" not in str(error.value)


def test_a_cell_has_six_operations():
    with pytest.raises(UserError, match="a cell of 5 operations: give 6, one an edge"):
        Cell(("none",) * 5)
