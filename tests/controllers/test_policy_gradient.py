"""What the controllers that learn a policy share, each of them."""

import json

import numpy as np
import pytest
import torch
from controllers_made import RATE, SPACE, flat_gradient, joint, play, settings, tell_one_round, weights

from tnas_bench.controllers.agnostic import Agnostic
from tnas_bench.controllers.mnms import Mnms
from tnas_bench.controllers.ppo import Ppo
from tnas_bench.controllers.reinforce import Reinforce
from tnas_bench.controllers.trpo import Trpo
from tnas_bench.controllers.urex import Urex

WITH_EMBEDDINGS = (Reinforce, Ppo, Trpo, Urex, Mnms)
EACH = pytest.mark.parametrize("kind", WITH_EMBEDDINGS)
EVERY = pytest.mark.parametrize("kind", (*WITH_EMBEDDINGS, Agnostic))


def test_rewards_are_normalised_by_task():
    controller = Reinforce(SPACE, 0, settings())
    for task, reward in [("easy", 0.9), ("hard", 0.1), ("easy", 1.0), ("hard", 0.2)]:
        controller.tell(task, (0, 0), reward)
    assert [trial.advantage for trial in controller.told] == pytest.approx([0, 0, 2**0.5, 2**0.5])


@EACH
def test_only_the_embedding_belongs_to_a_task(kind):
    controller = kind(SPACE, 0, settings(trpo={"divergence": 0.1}))
    controller.ask("a"), controller.ask("b")
    a, b = (controller.embedding(task) for task in "ab")
    a_before, b_before, pi_before = a.detach().clone(), b.detach().clone(), joint(controller.policy, b)
    play(controller, ["a"])
    assert torch.equal(b, b_before) and not torch.equal(a, a_before)
    assert (joint(controller.policy, b) - pi_before).abs().max() > 1e-3


@EACH
def test_a_tasks_embedding_does_not_depend_on_the_tasks_met_before(kind):
    one, other = (kind(SPACE, 0, settings()) for _ in range(2))
    one.ask("a"), one.ask("b"), other.ask("b")
    assert torch.equal(one.embedding("b"), other.embedding("b"))
    assert not torch.equal(one.embedding("a"), one.embedding("b"))


@EACH
def test_transfer_keeps_the_weights_and_forgets_the_tasks(kind):
    controller = kind(SPACE, 0, settings())
    play(controller, ["a", "b"])
    learnt, old = weights(controller), controller.embedding("a").detach().clone()
    controller.transfer(1)
    assert torch.equal(weights(controller), learnt)
    assert not torch.equal(controller.embedding("a"), old)
    controller.tell("a", (0, 0), 0.9)
    assert controller.told[0].advantage == 0  # the first trial of a task has no advantage


@pytest.mark.parametrize("reset", [True, False])
def test_transfer_resets_adam_if_so_set(reset):
    controller = Reinforce(SPACE, 0, settings(reset_optimizer=reset))
    play(controller, ["a", "b"])
    controller.transfer(1)
    tell_one_round(controller)
    slope = flat_gradient(controller.loss(), list(controller.policy.parameters()))
    expected = weights(controller) - RATE * slope / (slope.abs() + 1e-8)  # the first step of an Adam without a past
    controller.update()
    assert torch.allclose(weights(controller), expected, atol=1e-5, rtol=0) == reset


@EVERY
def test_a_transferred_controller_is_a_function_of_its_seeds(kind):
    proposals = []
    for seed, transfer_seed in [(0, 7), (0, 7), (0, 8), (1, 7)]:
        controller = kind(SPACE, seed, settings(learning_rate=0.001, initial_range=0.1))
        play(controller, ["a", "b"])
        controller.transfer(transfer_seed)
        proposals.append(play(controller, ["new"], rounds=5))
    assert proposals[0] == proposals[1]
    assert proposals[0] != proposals[2] and proposals[0] != proposals[3]


@EVERY
def test_told_proposals_need_not_have_been_asked_here(kind):
    # A resumed study tells what its journal holds.
    teacher, student = kind(SPACE, 0, settings()), kind(SPACE, 0, settings())
    tell_one_round(teacher), tell_one_round(student)
    teacher.ask("task")
    teacher.update(), student.update()
    assert torch.equal(weights(teacher), weights(student))
    assert np.isfinite(weights(student).numpy()).all()
    assert teacher.told == []


@EVERY
def test_facts_are_of_the_tasks_met_since_the_transfer(kind):
    controller = kind(SPACE, 0, settings())
    play(controller, ["a"])
    controller.transfer(1)
    play(controller, ["b", "c"])
    facts = json.loads(json.dumps(controller.facts()))
    for task in "bc":
        first, second = controller.policy.log_probabilities(
            controller.embedding(task).expand(2, -1), torch.tensor([[0, 0], [1, 0]])
        )
        greedy = int(first[0].argmax())
        assert facts["most_probable"][task] == [greedy, int(second[greedy].argmax())]
    assert list(facts["most_probable"]) == ["b", "c"]
    learnt = {} if kind is Agnostic else {task: controller.embedding(task).tolist() for task in "bc"}
    assert facts["embeddings"] == learnt
