import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from tnas_bench.errors import UserError
from tnas_bench.seeds import stream
from tnas_bench.spaces import Decision, Space

SMALL = Space((Decision("colour", ("red", "green")), Decision("width", (1, 2, 4))))

CHOICES = st.lists(st.one_of(st.integers(), st.text()), min_size=1, max_size=6, unique=True)
SPACES = st.lists(CHOICES, max_size=6).map(
    lambda lists: Space(tuple(Decision(f"decision {place}", tuple(values)) for place, values in enumerate(lists)))
)


def test_size_is_the_number_of_configurations():
    assert SMALL.size == 6
    assert len({tuple(SMALL.decode((a, b)).items()) for a in range(2) for b in range(3)}) == 6


def test_a_configuration_names_the_choice_of_every_decision():
    assert SMALL.decode((1, 2)) == {"colour": "green", "width": 4}
    assert SMALL.encode({"width": 4, "colour": "green"}) == (1, 2)


@given(st.data())
def test_encode_is_the_inverse_of_decode(data):
    space = data.draw(SPACES)
    actions = tuple(data.draw(st.integers(0, len(decision.choices) - 1)) for decision in space.decisions)
    assert space.encode(space.decode(actions)) == actions


def test_samples_are_uniform_over_the_configurations():
    rng = stream("test", "space")
    counts = np.zeros((2, 3))
    for _ in range(3000):
        counts[SMALL.sample(rng)] += 1
    assert chisquare(counts.ravel()).pvalue > 0.01


@pytest.mark.parametrize("actions", [(), (0,), (0, 0, 0)])
def test_as_many_actions_as_decisions(actions):
    with pytest.raises(UserError, match="give one a decision"):
        SMALL.decode(actions)


@pytest.mark.parametrize("configuration", [{"colour": "red"}, {"colour": "blue", "width": 1}])
def test_a_configuration_of_another_space_is_refused(configuration):
    with pytest.raises(UserError, match="not in the space"):
        SMALL.encode(configuration)
