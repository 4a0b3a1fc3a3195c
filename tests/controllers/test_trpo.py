from itertools import pairwise

import numpy as np
import pytest
import torch
from controllers_made import ACTIONS, ADVANTAGES, SPACE, play, settings, tell_one_round
from torch.nn.utils import parameters_to_vector

from tnas_bench.controllers.trpo import Trpo, conjugate_gradients, divergence, hessian_product
from tnas_bench.seeds import stream

# Few enough parameters (some 200) for a matrix.
SMALL = {"hidden_units": 3, "layers": 1, "embedding_size": 2, "entropy": 0.1}


def told(**trpo):
    controller = Trpo(SPACE, 0, settings(**SMALL, trpo=trpo))
    tell_one_round(controller)
    return controller


def log_pis(controller):
    return controller.policy.log_probabilities(controller.embedding("task").expand(3, -1), torch.tensor(ACTIONS))


def vector(controller):
    return parameters_to_vector([*controller.policy.parameters(), controller.embedding("task")]).detach().clone()


def gradients(values, controller):
    """Of each value, one a row, in double precision."""
    parameters = [*controller.policy.parameters(), controller.embedding("task")]
    rows = [torch.autograd.grad(value, parameters, retain_graph=True, materialize_grads=True) for value in values]
    return np.array([torch.cat([part.flatten() for part in row]).double().numpy() for row in rows])


def fisher(controller):
    """E[grad log pi grad log pi^T] from its definition, a sum over the choices: no second derivatives."""
    matrix = 0
    for log_pi in log_pis(controller):
        slopes = gradients(log_pi.flatten(), controller)
        matrix = matrix + slopes.T @ (slopes * log_pi.detach().double().exp().numpy().reshape(-1, 1))
    return matrix / len(ACTIONS)


def surrogate_gradient(controller):
    """Of the mean of A' log pi (whose slope is that of r A' at r = 1) and of the entropy bonus."""
    pis = log_pis(controller)
    chosen = sum(log_pi[range(3), [actions[place] for actions in ACTIONS]] for place, log_pi in enumerate(pis))
    bonus = sum(-(log_pi.exp() * log_pi).sum(1) for log_pi in pis)
    return gradients([(ADVANTAGES * chosen + 0.1 * bonus).mean()], controller)[0]


def test_conjugate_gradients_solve_a_system():
    rng = stream("test", "system")
    root = rng.normal(size=(8, 8))
    matrix, target = root @ root.T + np.eye(8), rng.normal(size=8)
    ours = conjugate_gradients(lambda x: torch.tensor(matrix) @ x, torch.tensor(target), 20).numpy()
    assert ours == pytest.approx(np.linalg.solve(matrix, target), rel=1e-4)


def test_the_hessian_of_the_divergence_is_the_fisher_matrix():
    controller = told()
    parameters, pis = controller.parameters(), log_pis(controller)
    kl = divergence([log_pi.detach() for log_pi in pis], pis)
    assert kl.item() == pytest.approx(0, abs=1e-6)
    direction = stream("test", "direction").normal(size=len(vector(controller)))
    ours = hessian_product(kl, parameters, damping=0.3)(torch.tensor(direction, dtype=torch.float32)).numpy()
    assert ours == pytest.approx(fisher(controller) @ direction + 0.3 * direction, abs=1e-5)


def test_the_divergence_is_that_of_the_decisions_by_hand():
    before = [torch.tensor([[0.5, 0.5], [0.2, 0.8]]).log(), torch.tensor([[1.0], [1.0]]).log()]
    now = [torch.tensor([[0.25, 0.75], [0.2, 0.8]]).log(), torch.tensor([[1.0], [1.0]]).log()]
    expected = (0.5 * np.log(2) + 0.5 * np.log(0.5 / 0.75)) / 2
    assert divergence(before, now).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("bound", [1e-4, 1e-2])
def test_a_step_is_the_natural_gradient_up_to_the_bound(bound):
    controller = told(divergence=bound, damping=0.1, iterations=50)
    matrix = fisher(controller) + 0.1 * np.eye(len(vector(controller)))
    natural = np.linalg.solve(matrix, surrogate_gradient(controller))
    full = natural * np.sqrt(2 * bound / (natural @ matrix @ natural))
    start, before = vector(controller), [log_pi.detach() for log_pi in log_pis(controller)]
    controller.update()
    step = (vector(controller) - start).double().numpy()
    shrunk = np.linalg.norm(step) / np.linalg.norm(full)
    assert min(abs(shrunk - 0.5**trial) / 0.5**trial for trial in range(4)) < 1e-2
    assert step == pytest.approx(shrunk * full, abs=1e-3 * np.abs(full).max())
    assert 0 < divergence(before, log_pis(controller)).item() <= bound


def test_every_step_keeps_the_bound():
    controller = Trpo(SPACE, 0, settings(**SMALL, trpo={"divergence": 0.05}))
    moved = []
    for _ in range(10):
        tell_one_round(controller)
        before = [log_pi.detach() for log_pi in log_pis(controller)]
        controller.update()
        moved.append(divergence(before, log_pis(controller)).item())
    assert max(moved) <= 0.05 and sum(moved) > 0.05


def test_a_step_that_breaks_the_bound_is_shrunk_or_not_taken():
    # A bound this wide, the quadratic form of the divergence is far from the divergence itself.
    steps = []
    for tries in (1, 20):
        controller = told(divergence=2.0, damping=1e-3, shrink=0.5, tries=tries)
        start = vector(controller)
        controller.update()
        steps.append((vector(controller) - start).norm().item())
    assert steps[0] == 0 and steps[1] > 0


def test_nothing_to_learn_is_no_step():
    controller = Trpo(SPACE, 0, settings(**SMALL | {"entropy": 0}))
    controller.tell("task", (0, 0), 0.5)  # a first trial has no advantage
    start = vector(controller)
    controller.update()
    assert torch.equal(vector(controller), start) and controller.told == []


def test_only_what_the_round_told_is_moved():
    controller = Trpo(SPACE, 0, settings(**SMALL))
    play(controller, ["a", "b"])
    frozen = [controller.embedding("b").detach().clone()]
    for _ in range(2):
        play(controller, ["a"], rounds=1)
        frozen.append(controller.embedding("b").detach().clone())
    assert all(torch.equal(one, other) for one, other in pairwise(frozen))
