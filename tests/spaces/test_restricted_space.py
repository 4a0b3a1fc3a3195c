"""Enumerating a space, and keeping a part of it."""

import pytest

from tnas_bench.errors import UserError
from tnas_bench.spaces import Decision, Space, restrict
from tnas_bench.spaces.tnaml import text_space

SPACE = Space((Decision("letter", ("a", "b")), Decision("rate", (0.0, 0.1, 0.5)), Decision("on", (True, False))))


def test_a_space_is_enumerated_as_the_digits_of_a_number():
    found = list(SPACE.enumerate())
    assert found[:4] == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)] and found[-1] == (1, 2, 1)
    assert len(set(found)) == len(found) == SPACE.size
    assert [SPACE.number(actions) for actions in found] == list(range(12))
    assert SPACE.number((1, 2, 0)) == 1 * 6 + 2 * 2 + 0


def test_a_part_keeps_the_order_of_the_space():
    part = restrict(SPACE, {"rate": [0.5, 0], "on": [False]})
    assert part.decisions == (Decision("letter", ("a", "b")), Decision("rate", (0.0, 0.5)), Decision("on", (False,)))
    assert part.size == 4
    assert restrict(SPACE, {}) == SPACE


def test_what_is_left_out_makes_a_space_smaller():
    whole = text_space(("small", "big"), (10, 20))
    assert restrict(whole, {"module": ["big"], "dropout": [0.1]}).size * 2 * 7 == whole.size


@pytest.mark.parametrize(
    "kept, told",
    [
        ({"colour": ["red"]}, "no decision of the space: colour; take some of letter, rate, on"),
        ({"rate": [0.1, 0.2]}, r"rate has no choice 0\.2; take some of \[0\.0, 0\.1, 0\.5\]"),
        ({"letter": []}, "letter is left without a choice"),
    ],
)
def test_a_mistake_is_named(kept, told):
    with pytest.raises(UserError, match=told):
        restrict(SPACE, kept)
