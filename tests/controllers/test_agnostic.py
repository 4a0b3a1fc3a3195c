import pytest
import torch
from controllers_made import ACTIONS, ADVANTAGES, SPACE, joint, play, settings, tell_one_round, weights

from tnas_bench.controllers.agnostic import Agnostic
from tnas_bench.controllers.final_child import FinalChild
from tnas_bench.controllers.policy_gradient import Batch
from tnas_bench.controllers.reinforce import reinforce_loss


def test_all_tasks_share_one_policy_but_not_their_averages():
    controller = Agnostic(SPACE, 0, settings())
    for task, reward in [("easy", 0.9), ("hard", 0.1), ("easy", 1.0), ("hard", 0.2)]:
        controller.tell(task, (0, 0), reward)
    assert [trial.advantage for trial in controller.told] == pytest.approx([0, 0, 2**0.5, 2**0.5])
    controller.update()
    easy, hard = (joint(controller.policy, controller.embedding(task)) for task in ("easy", "hard"))
    assert torch.equal(easy, hard)
    assert len(controller.optimizer.param_groups) == 1  # the policy's


def test_the_loss_is_that_of_reinforce_with_zeros_for_an_embedding():
    controller = Agnostic(SPACE, 0, settings(entropy=0.1))
    tell_one_round(controller)
    batch = Batch(torch.zeros(3, 25), torch.tensor(ACTIONS), torch.zeros(3), ADVANTAGES)
    expected = reinforce_loss(controller.policy, batch, 0.1).mean().item()
    assert controller.loss().item() == pytest.approx(expected, rel=1e-5)


def test_the_final_child_is_found_as_the_agnostic_controller_learns():
    one, other = FinalChild(SPACE, 0, settings()), Agnostic(SPACE, 0, settings())
    assert play(one, ["a", "b"]) == play(other, ["a", "b"])
    assert torch.equal(weights(one), weights(other))


def test_the_final_child_is_the_greedy_one_and_stays():
    controller = FinalChild(SPACE, 0, settings(initial_range=0.1))
    play(controller, ["a", "b"], rounds=1)
    controller.transfer(1)
    learnt, pi = weights(controller), joint(controller.policy, torch.zeros(25)).reshape(2, 3)
    first = int(pi.sum(1).argmax())
    proposals = play(controller, ["new", "newer"], rounds=5)
    assert {actions for _, actions in proposals} == {(first, int(pi[first].argmax()))}
    assert torch.equal(weights(controller), learnt) and controller.told == []
    assert pi.max() < 0.9  # a controller that still samples would have varied
