import pytest

from tnas_bench.errors import UserError
from tnas_bench.spaces.tnaml import text_space

MODULES = tuple(f"module-{number}" for number in range(8))
STEPS = (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
SPACE = text_space(MODULES, STEPS)
CHOICES = {decision.name: decision.choices for decision in SPACE.decisions}


def test_size_is_the_papers_1_1_billion():
    assert SPACE.size == 1_102_248_000


def test_decisions_are_in_the_papers_order():
    assert [(name, len(choices)) for name, choices in CHOICES.items()] == [
        ("module", 8),
        ("fine_tune", 2),
        ("hidden_layers", 5),
        ("hidden_size", 6),
        ("activation", 6),
        ("normalisation", 3),
        ("dropout", 7),
        ("deep_learning_rate", 9),
        ("deep_regularisation", 5),
        ("wide_learning_rate", 9),
        ("wide_regularisation", 5),
        ("training_steps", 9),
    ]


@pytest.mark.parametrize(
    ("decision", "values"),
    [
        ("hidden_layers", {1, 2}),
        ("hidden_size", {64, 256}),
        ("activation", {"relu", "swish"}),
        ("dropout", {0.2, 0.3}),
        ("wide_learning_rate", {0.003, 0.01}),
    ],
)
def test_values_named_in_the_paper_are_offered(decision, values):
    assert values <= set(CHOICES[decision])


@pytest.mark.parametrize("tower", ["deep", "wide"])
def test_the_top_regularisation_switches_a_tower_off_at_every_learning_rate(tower):
    # One hundred proximal steps on a weight of 1, against an accumulator grown to 100: a thousandth is left.
    top = CHOICES[f"{tower}_regularisation"][-1]
    for learning_rate in CHOICES[f"{tower}_learning_rate"]:
        product = learning_rate / 100**0.5 * top
        left = (1 + product) ** -100 if tower == "deep" else max(0, 1 - 100 * product)
        assert left < 1e-3


@pytest.mark.parametrize(
    ("modules", "steps"), [((), STEPS), (("same", "same"), STEPS), (MODULES, ()), (MODULES, (5, 5))]
)
def test_missing_or_repeated_choices_are_the_users_mistake(modules, steps):
    with pytest.raises(UserError, match="empty or repeat") as caught:
        text_space(modules, steps)
    assert "\n" not in str(caught.value)
